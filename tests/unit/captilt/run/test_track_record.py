import datetime as dt

import pytest

from allocator.ledger.ledger import Ledger
from captilt.run import track_record
from signals.calendars import cut
from tests.unit.allocator.outcomes.test_outcomes import run, view

DAYS = [dt.date(2022, 1, 28), dt.date(2022, 1, 31), dt.date(2022, 2, 1)]
LATER = dt.date(2022, 6, 30)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger.open(tmp_path / "ledger.db", head=tmp_path / "ledger.head")
    for day in DAYS:
        ledger.append("run", day, run(day), at=cut(day))
    yield ledger
    ledger.close()


def scored_now(ledger):
    at = cut(LATER)
    with ledger.transaction() as book:
        return [(outcome.day, outcome.kind) for outcome in track_record.record_outcomes(book, view(LATER), at=at)]


def test_an_outcome_is_recorded_once(ledger):
    first, again = scored_now(ledger), scored_now(ledger)

    assert {day for day, _ in first} == set(DAYS)
    assert again == []
    assert len(ledger.entries("outcome")) == len(first)


def test_an_outcome_is_recorded_once_where_its_run_was_written_again(ledger, monkeypatch):
    scored_now(ledger)
    with ledger.transaction() as book:
        book.supersede(DAYS[0], "a person asked for it", at=cut(LATER))
    ledger.append("run", DAYS[0], run(DAYS[0]), at=cut(LATER))  # the last of the ledger, and the earliest day
    monkeypatch.setattr(track_record, "RECENT_RUNS", 2)

    assert scored_now(ledger) == []


def test_nothing_is_recorded_without_runs(tmp_path):
    ledger = Ledger.open(tmp_path / "empty.db", head=tmp_path / "empty.head")

    assert scored_now(ledger) == []
    ledger.close()
