"""A decision entered by a person: known from its announcement, kept with who and when, slips refused."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from signals.calendars import NEW_YORK, cut
from signals.derived.policy_rate import ENTERED, decision_doubts, target_path
from signals.errors import UsageError
from signals.sources.entered import enter_decision
from signals.sources.fomc_statement import TargetRange
from signals.store.shipped_decisions import open_store
from signals.store.store import Store

OCTOBER = dt.date(2026, 10, 28)
EVENING = cut(OCTOBER) + dt.timedelta(minutes=31)
RANGE = TargetRange(3.75, 4.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "facts.db")
    yield opened
    opened.close()


def enter(store: Store, day: dt.date = OCTOBER, low: float = 3.75, high: float = 4.0, now: dt.datetime = EVENING):
    return enter_decision(store, day, TargetRange(low, high), person="strategist", now=now)


def test_an_entry_of_the_evening_is_known_at_the_cut(store: Store) -> None:
    assert [doubt.code for doubt in decision_doubts(store.as_of(cut(OCTOBER)))] == ["late"]

    entered = enter(store, high=4.25, low=4.0)

    assert entered.known_at == dt.datetime(2026, 10, 28, 14, 0, tzinfo=NEW_YORK)
    view = store.as_of(cut(OCTOBER))
    assert decision_doubts(view) == ()
    assert target_path(view)[1][-1] == 4.25


def test_who_and_when_are_kept(store: Store) -> None:
    enter(store)

    rows = store.query("SELECT source, note, recorded_at FROM batch WHERE source LIKE 'person:%'")
    assert rows == [
        (
            "person:strategist",
            "FOMC decision of 2026-10-28: 3.75 to 4 percent",
            int(EVENING.timestamp() * 1e6),
        )
    ]


def test_entering_again_corrects_and_the_same_again_changes_nothing(store: Store) -> None:
    enter(store, low=4.0, high=4.25)

    corrected, repeated = enter(store), enter(store)

    assert (corrected.new, repeated.new) == (True, False)
    assert corrected.known_at == dt.datetime(2026, 10, 28, 14, 1, tzinfo=NEW_YORK)
    assert store.as_of(cut(OCTOBER)).latest(ENTERED).value.tolist() == [4.0]


def test_a_decision_between_meetings_is_known_from_its_entry_or_the_time_named(store: Store) -> None:
    day, now = dt.date(2026, 11, 5), dt.datetime(2026, 11, 5, 15, 0, tzinfo=NEW_YORK)

    assert enter(store, day=day, now=now).known_at == now
    named = enter_decision(
        store, dt.date(2026, 11, 6), RANGE, person="x", now=now + dt.timedelta(days=1), announced=dt.time(8, 30)
    )
    assert named.known_at == dt.datetime(2026, 11, 6, 8, 30, tzinfo=NEW_YORK)


SLIPS = {
    "a share instead of percent": (OCTOBER, 0.0375, 0.2875, EVENING, "from the 4.00 before"),
    "no range": (OCTOBER, 4.0, 4.0, EVENING, "is no range"),
    "before the announcement": (OCTOBER, 3.75, 4.0, EVENING - dt.timedelta(hours=12), "still to come"),
    "the future": (dt.date(2026, 12, 9), 3.75, 4.0, EVENING, "still to come"),
    "the first day of the meeting": (OCTOBER - dt.timedelta(days=1), 3.75, 4.0, EVENING, "decides on 2026-10-28"),
    "the day it is in force": (OCTOBER + dt.timedelta(days=1), 3.75, 4.0, EVENING, "decides on 2026-10-28"),
    "a shipped day": (dt.date(2022, 6, 15), 1.5, 1.75, EVENING, "is in the shipped table"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_refused_and_nothing_is_stored(store: Store, slip: str) -> None:
    day, low, high, now, reason = SLIPS[slip]

    with pytest.raises(UsageError, match=reason):
        enter(store, day=day, low=low, high=high, now=now)

    assert not store.history(ENTERED).period.size
