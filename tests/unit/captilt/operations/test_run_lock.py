"""One run at a time; a dead holder holds nothing."""

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from captilt.operations.run_lock import RUN, holder, only_one
from signals.errors import Busy

NOW = dt.datetime(2024, 1, 2, 23, tzinfo=dt.UTC)
HOLD = """
import datetime as dt, sys, time
from pathlib import Path
from captilt.operations.run_lock import only_one
with only_one(Path(sys.argv[1]), doing="captilt run", now=dt.datetime(2024, 1, 2, 23, tzinfo=dt.UTC)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with only_one(tmp_path, doing="captilt run", now=NOW):
        said = holder(tmp_path)
        with (
            pytest.raises(Busy, match=rf"pid {os.getpid()} on .*captilt run since 2024-01-02T23:00:00") as fault,
            only_one(tmp_path, doing="b", now=NOW),
        ):
            pass

    assert fault.value.exit_code == 4
    assert said is not None
    assert said in fault.value.message
    assert holder(tmp_path) is None


def test_a_killed_holder_leaves_the_lock_free(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        seen = holder(tmp_path)

        process.send_signal(signal.SIGKILL)
        process.wait()

    assert seen is not None
    assert f"pid {process.pid}" in seen
    assert holder(tmp_path) is None
    with only_one(tmp_path, doing="captilt run", now=NOW):
        pass


def test_a_lock_file_full_of_rubbish_is_still_a_lock(tmp_path: Path) -> None:
    (tmp_path / RUN).write_bytes(b"\x00\xff rubbish" * 100)

    with only_one(tmp_path, doing="captilt run", now=NOW):
        assert "captilt run" in (holder(tmp_path) or "")


def test_a_holder_that_took_the_lock_a_moment_ago_is_named_when_it_has_signed(tmp_path: Path) -> None:
    note = {"pid": os.getpid(), "host": socket.gethostname(), "since": "2024-03-01T18:05:00", "doing": "run"}
    code = "import os; print(os.getpid())"
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    holder_file = tmp_path / "run.holder"
    holder_file.write_text(json.dumps(note | {"pid": int(dead.stdout)}))  # of a run before, which has ended
    (tmp_path / "run.lock").touch()
    sign = threading.Timer(0.3, lambda: holder_file.write_text(json.dumps(note)))
    with FileLock(tmp_path / "run.lock", thread_local=False, is_singleton=False):
        sign.start()
        said = holder(tmp_path)
    sign.join()

    assert said is not None
    assert said.startswith(f"pid {os.getpid()} on ")
