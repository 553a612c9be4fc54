"""A fetch as a user runs it, without the tests' filters: no warning of a library before the answer."""

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.test_fetch_economy import world
from tests.support.servers.http import serving

CAPTILT = str(Path(sys.executable).with_name("captilt"))


def test_a_fetch_from_yahoo_warns_of_nothing(tmp_path: Path) -> None:
    with serving(world()) as line:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTHONWARN")},
            "CAPTILT_SOURCES__YAHOO__URL": line.url,
            **{
                f"CAPTILT_SOURCES__{name}__ENABLED": "false"
                for name in ("FRED", "FREDGRAPH", "BOARD", "H15", "TREASURY", "NYFED", "FRENCH", "EDGAR")
            },
        }
        done = subprocess.run(
            [CAPTILT, "data", "fetch", "yahoo:IWM", "yahoo:SPY", "--home", str(tmp_path)],
            env=environment, capture_output=True, text=True, check=False, timeout=240,
        )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr + done.stdout
    assert done.stdout.startswith("Used yahoo.")
