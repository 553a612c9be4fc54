"""What every channel of the registry keeps, and that adding one is a folder and a line."""

import datetime as dt
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from captilt import channels
from captilt.alerts.samples import SAMPLES, example
from captilt.channels.registry import CHANNELS
from captilt.config.settings import Alerts
from tests.conftest import ROOT
from tests.support.payloads import run

FOLDER = Path(channels.__file__).parent
NOW = dt.datetime(2023, 3, 1, 23, 30, tzinfo=dt.UTC)
KINDS = pytest.mark.parametrize("kind", CHANNELS, ids=lambda kind: kind.name)


def test_every_folder_is_in_the_registry() -> None:
    folders = {file.parent.name for file in FOLDER.glob("*/__init__.py")}

    assert folders == {kind.name for kind in CHANNELS}


@KINDS
def test_settings_transport_and_tests_stand_in_the_folder(kind) -> None:
    folder = FOLDER / kind.name
    written = tomllib.loads((folder / "settings.toml").read_text())["alerts"][kind.name]

    assert kind.settings(**written) == kind.settings(), "the file says what the code does"
    assert set(written) == set(kind.settings.model_fields), "and names every setting"
    assert list(folder.glob("test_*.py"))
    assert not getattr(Alerts(), kind.name).enabled


@KINDS
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_kind_of_message_is_drawn_by_every_channel(kind, sample: str) -> None:
    message = example(sample, run(), review_url="https://desk.example.org", now=NOW)

    files = kind.preview(message, kind.settings(), NOW)

    assert files
    assert all(files.values())
    assert any(message.stance in content.decode("utf-8", "replace") for content in files.values())


PAGER = """
from captilt.channels.channel import ChannelKind, Receipt
from captilt.section import Section


class PagerSettings(Section):
    enabled: bool = False
    file: str = ""


class Pager:
    name, receivers, deadline_seconds = "pager", ("everybody",), 5.0

    def __init__(self, file):
        self.file = file

    def send(self, message, _receivers, /, *, repeat_of="", note=""):
        with open(self.file, "a") as log:
            log.write(message.subject + "\\n")
        return Receipt("sent", "paged")


CHANNEL = ChannelKind(
    "pager", PagerSettings, lambda settings, _: Pager(settings.file), lambda _: "", lambda _: iter(()),
    lambda message, *_: {"pager.txt": message.stance.encode()},
)
"""
ADDED = """
import sys
import pager
from captilt.channels import registry
registry.CHANNELS += (pager.CHANNEL,)  # the one line
from captilt.cli import dispatch
sys.exit(dispatch(sys.argv[1:]))
"""


def test_a_new_channel_is_a_folder_and_a_line(tmp_path: Path) -> None:
    (tmp_path / "pager").mkdir()
    (tmp_path / "pager" / "__init__.py").write_text(PAGER)
    config = tmp_path / "config.toml"
    config.write_text(f'[alerts.pager]\nenabled = true\nfile = "{tmp_path}/paged.txt"\n')

    def captilt(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", ADDED, *words, "--config", str(config), "--home", str(tmp_path / "home")]
        paths = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": "", "HOME": str(tmp_path)}
        return subprocess.run(command, env=paths, capture_output=True, text=True, check=False, cwd=tmp_path)

    tested, shown, doctor = captilt("alert", "test", "pager"), captilt("config", "show"), captilt("doctor", "--reach")

    assert tested.returncode == 0, tested.stderr
    assert (tmp_path / "paged.txt").read_text() == "captilt test message\n"
    assert "[alerts.pager]" in shown.stdout
    assert "pager answers" in doctor.stdout
