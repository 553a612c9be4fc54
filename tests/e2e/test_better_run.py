"""A session recorded on poor data is recorded again once more of the data is there; the older run stays."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.run import daily
from captilt.scheduler.jobs import Jobs
from signals.calendars import cut
from signals.sources.notes import notes

DAY = dt.date(2023, 12, 29)
EVENING = cut(DAY)


@pytest.fixture
def desk(fill_home: Callable[[Path], None], tmp_path: Path) -> Desk:
    """The real data on the evening of 2023-12-29, with the spread's provider down at the first fetch."""
    fill_home(tmp_path)
    clock = [EVENING + dt.timedelta(minutes=31)]
    made = Desk(Settings(), tmp_path, clock=lambda: clock[0])
    made.__dict__["hands"] = clock
    _note(made, 1.0)
    return made


def _note(desk: Desk, size: float) -> None:
    desk.store.write(notes({("down", "fred:BAA10Y"): size}, desk.clock()), source="test", at=desk.clock())


def _pass(desk: Desk, minutes: int) -> None:
    desk.__dict__["hands"][0] += dt.timedelta(minutes=minutes)


def test_a_better_run_supersedes_and_says_what_it_replaces(desk: Desk) -> None:
    first = daily.run(desk, offline=True)
    assert first.data.reason_codes == ("CREDIT_NOT_DELIVERED",)
    assert daily.run(desk, offline=True) == first  # nothing better is there

    _pass(desk, 60)
    _note(desk, 0.0)
    second = daily.run(desk, offline=True)
    third = daily.run(desk, offline=True)

    assert (second.data.status, third.run_id) == ("OK", second.run_id)
    assert second.replaces is not None
    assert (second.replaces.run_id, second.replaces.reason) == (first.run_id, "the data went from DEGRADED to OK")
    kinds = [entry.kind for entry in desk.ledger.entries() if entry.kind in ("run", "advice", "supersession")]
    assert kinds.count("supersession") == 1
    assert len(desk.ledger.entries("run", DAY)) == len(desk.ledger.entries("advice", DAY)) == 1
    alerts = [entry.payload["message"] for entry in desk.ledger.entries("alert", DAY)]
    assert len(alerts) == 2
    assert "Replaces the answer of 18:31 New York: the data went from DEGRADED to OK." in alerts[-1]["change"]
    assert desk.ledger.verify() is None


def test_the_scheduler_looks_again_and_newer_facts_are_named(desk: Desk) -> None:
    first = daily.run(desk, offline=True)
    jobs = Jobs(desk, offline=False)
    desk.settings.sources.__dict__["mode"] = "offline"

    assert jobs.improve() is False  # nothing better is there
    _pass(desk, 5)
    _note(desk, 0.0)
    assert jobs.improve() is False  # only after the pause of a failed run
    _pass(desk, 60)
    assert jobs.improve() is True
    assert jobs.improve() is False

    better = daily.run(desk, offline=True)
    assert better.replaces is not None
    assert better.replaces.run_id == first.run_id
    vix = desk.store.history("fred:VIXCLS")
    late = vix.period[-1:] if vix.period[-1] < EVENING.date() else vix.period[:1]
    assert late.size
