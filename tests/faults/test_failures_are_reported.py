"""A run that fails tells people, whoever started it, and once a day; a wrong clock records nothing."""

import datetime as dt
import json
from pathlib import Path

import pytest

from allocator.ledger.ledger import Ledger
from captilt.cli import dispatch
from captilt.context import Desk
from captilt.run import clock_check, failure_report
from captilt.run.clock_check import newest_due, refuse_far_beyond_facts, refuse_ledger_ahead
from signals.calendars import cut, next_session
from signals.errors import CheckFailed
from signals.store.shipped_decisions import open_store
from tests.support.file_channel import command, messages, write_settings
from tests.support.payloads import payload

NOW = dt.datetime.now(dt.UTC)
LAST = newest_due(NOW - dt.timedelta(days=4))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with one recorded run, and a file as the only channel."""
    monkeypatch.setattr(failure_report.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("CAPTILT_SECRETS", str(tmp_path / "none"))
    folder = tmp_path / "home"
    ledger = Ledger.open(folder / "ledger.db")
    ledger.append("run", LAST, payload(LAST.isoformat()), at=cut(LAST) + dt.timedelta(minutes=20))
    ledger.close()
    open_store(folder / "facts.db").close()
    write_settings(tmp_path)
    return folder


def no_facts(home: Path) -> None:
    (home / "facts.db").unlink()


def empty_facts(_home: Path) -> None:
    return  # as the fixture leaves it: runs were recorded, and nothing is held


def damaged_facts(home: Path) -> None:
    (home / "facts.db").write_bytes(b"rubbish" * 1000)


def damaged_ledger(home: Path) -> None:
    (home / "ledger.db").write_bytes(b"rubbish" * 1000)


def missing_ledger(home: Path) -> None:
    for file in home.glob("ledger.db*"):
        file.unlink()


def missing_head(home: Path) -> None:
    (home / "ledger.head").unlink()


def a_folder_for_a_ledger(home: Path) -> None:
    missing_ledger(home)
    (home / "ledger.db").mkdir()


def a_file_for_the_state_folder(home: Path) -> None:
    home.rename(home.with_name("moved"))
    home.write_text("a disk that is not mounted")


def a_head_beyond_all_numbers(home: Path) -> None:
    (home / "ledger.head").write_text('{"seq": 1e999, "hash": "x"}')


def ledger_ahead(home: Path) -> None:
    ledger = Ledger.open(home / "ledger.db")
    ledger.append("alert", LAST, {"message": {"kind": "x"}, "channels": []}, at=NOW + dt.timedelta(days=40))
    ledger.close()


CASES = [
    no_facts,
    empty_facts,
    damaged_facts,
    damaged_ledger,
    missing_ledger,
    missing_head,
    a_folder_for_a_ledger,
    ledger_ahead,
    a_file_for_the_state_folder,
    a_head_beyond_all_numbers,
]


@pytest.mark.parametrize("words", [["run"], ["schedule", "--once"]], ids=" ".join)
@pytest.mark.parametrize("break_it", CASES)
def test_every_failure_reaches_people_and_only_once(home: Path, break_it, words: list[str], capsys) -> None:
    break_it(home)

    codes = [command(home, *words) for _ in range(3)]

    assert 0 not in codes
    assert [message["rung"] for message in messages(home)] == ["HOLD"], "three failures of one kind are one message"
    assert messages(home)[0]["change"].count("the ledger was last written") == 0, "said once, not as a second failure"
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out
    assert "exc_type" not in printed.err, "a fault that was foreseen needs no trace"


def test_a_slip_at_the_keyboard_alarms_nobody(home: Path, capsys) -> None:
    assert command(home, "run", "--as-of", "2024-01-06") == 2  # a Saturday

    assert messages(home) == []
    capsys.readouterr()


def desk(home: Path, now: dt.datetime) -> Desk:
    from captilt.config.settings import Settings

    return Desk(Settings(), home, clock=lambda: now)


def test_sessions_recorded_by_a_clock_that_was_ahead_are_superseded_and_run_again(home: Path, capsys) -> None:
    ledger = Ledger.open(home / "ledger.db")
    day, wrong = LAST, []
    for _ in range(5):
        day = next_session(day)
        wrong.append(day)
    while cut(wrong[-1]) < NOW + dt.timedelta(days=30):
        wrong = [next_session(last) for last in wrong]
    for day in wrong:
        ledger.append("run", day, payload(day.isoformat()), at=cut(day) + dt.timedelta(minutes=20))
        ledger.append("advice", day, {"run_id": "x"}, at=cut(day) + dt.timedelta(minutes=20))

    with pytest.raises(CheckFailed, match=r"runs of 5 sessions to come \(.* to .*\)") as fault:
        refuse_ledger_ahead(ledger, NOW)
    assert "supersede --ahead" in fault.value.remedy
    assert dispatch(["ledger", "supersede", "--ahead", "--reason", "the clock", "--home", str(home), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 5

    refuse_ledger_ahead(ledger, dt.datetime.now(dt.UTC))
    assert ledger.run_days() == {LAST}
    assert [entry.day for entry in ledger.entries("run", superseded=True)] == [LAST, *wrong]
    assert ledger.entries("advice") == []
    assert ledger.verify() is None
    again = ledger.append("run", wrong[0], payload(wrong[0].isoformat()), at=dt.datetime.now(dt.UTC))
    assert ledger.run_of(wrong[0]) == again
    assert ledger.verify() is None


def test_a_superseded_day_has_one_run_again_and_no_more(tmp_path: Path) -> None:
    from allocator.ledger.ledger import AlreadyRecorded

    ledger = Ledger.open(tmp_path / "ledger.db")
    at = cut(LAST)
    ledger.append("run", LAST, {"n": 1}, at=at)
    with ledger.transaction() as book:
        book.supersede(LAST, "poor data", at=at)
        book.append("run", LAST, {"n": 2}, at=at)

    with pytest.raises(AlreadyRecorded):
        ledger.append("run", LAST, {"n": 3}, at=at)
    assert ledger.run_of(LAST).payload == {"n": 2}
    assert [entry.payload["n"] for entry in ledger.entries("run", last=9)] == [2]


@pytest.mark.parametrize(
    ("sessions", "refused"),
    [(0, False), (clock_check.MOST_SESSIONS_BEYOND_FACTS, False), (clock_check.MOST_SESSIONS_BEYOND_FACTS + 1, True)],
)
def test_a_session_far_beyond_the_newest_fact_is_refused(sessions: int, refused: bool) -> None:
    newest = session = dt.date(2024, 1, 2)
    for _ in range(sessions):
        session = next_session(session)

    if refused:
        with pytest.raises(CheckFailed, match="clock of this machine is ahead"):
            refuse_far_beyond_facts(newest, session)
    else:
        refuse_far_beyond_facts(newest, session)
    refuse_far_beyond_facts(None, session)
