"""The question before an unusual decision, asked of a person at a real terminal."""

import datetime as dt
import os
import pty
import select
import sys
import time
from pathlib import Path

import pytest

from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.review.decisions import current
from signals.calendars import cut, day_of, previous_session, session_on_or_before
from tests.e2e.sample_run import a_run

CAPTILT = str(Path(sys.executable).with_name("captilt"))
PROMPT = "[y/N]"
PATIENCE = 120.0  # seconds


@pytest.fixture
def desk(tmp_path):
    """A desk with advice of a session whose cut has passed, by the clock of this machine."""
    tmp_path.chmod(0o700)
    made = Desk(Settings(), tmp_path)
    day = previous_session(session_on_or_before(day_of(made.clock())))
    made.ledger.append("run", day, a_run(day), at=cut(day) + dt.timedelta(minutes=5))
    return made


def at_a_terminal(words, answer):
    """Run the command with a terminal for all three streams, answer its question; what it wrote, and its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(CAPTILT, [CAPTILT, *words])
    text, end, answered = "", time.monotonic() + PATIENCE, False
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        text += part.decode()
        if PROMPT in text and not answered:
            os.write(terminal, answer.encode())
            answered = True
    os.close(terminal)
    return text, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(("answer", "written"), [("y\n", [0.02]), ("\n", [])])
def test_a_weight_beyond_the_limits_is_written_only_after_yes(desk, answer, written):
    code = current(desk.ledger, desk.clock(), 5).code

    text, status = at_a_terminal(["review", "modify", code, "--weight", "2", "--home", str(desk.home)], answer)

    assert "points from policy" in text
    assert PROMPT in text
    assert status == (0 if written else 2), text
    assert [entry.payload["target_weight"] for entry in desk.ledger.decisions()] == written
    assert ("Nothing was written" in text) == (not written)
