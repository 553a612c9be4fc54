"""A file is only appended to, by its owner; a fault is no delivery."""

import json
from pathlib import Path

import pytest

from captilt.channels.file.transport import File, write_fault
from tests.support.messages import compose
from tests.support.payloads import run

MESSAGE = compose("introduction", run(), review_url="https://desk.example.org")


@pytest.mark.parametrize("form", ["text", "json"])
def test_messages_are_appended(tmp_path: Path, form: str) -> None:
    file = tmp_path / "alerts"
    channel = File(str(file), form)

    receipts = [channel.send(MESSAGE, channel.receivers, repeat_of=again) for again in ("", "run-1")]

    assert [receipt.outcome for receipt in receipts] == ["sent", "sent"]
    text = file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    if form == "json":
        first, second = map(json.loads, text.splitlines())
        assert (first["possible_repeat_of"], second["possible_repeat_of"]) == (None, "run-1")
    else:
        assert text.count(MESSAGE.stance) == 2
        assert text.count("Possible repeat of run run-1") == 1


def test_a_folder_that_is_not_there_is_tried_again_later(tmp_path: Path) -> None:
    channel = File(str(tmp_path / "no" / "file"), "text")

    assert channel.send(MESSAGE, channel.receivers).outcome == "transient"
    assert write_fault(str(tmp_path / "no" / "file")) == "No such file or directory"


def test_the_standard_output_gets_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    channel = File("-", "text")

    assert channel.send(MESSAGE, channel.receivers).outcome == "sent"
    assert MESSAGE.stance in capsys.readouterr().out
