"""Every scheduled evening of a Fed decision: right within minutes of the statement, and never wrong before."""

import datetime as dt
import itertools

import numpy as np
import pytest

from signals import calendars
from signals.asof import EMPTY, AsOf, History
from signals.calendars import cut, meetings
from signals.derived.policy_rate import DECISION, ENTERED, STATEMENT, TARGET, UPPER, decision_doubts, target_path
from signals.fedpath.path import fed_path
from signals.health.health import health
from signals.sources.board import FOMC, LOWER, BoardSource
from signals.store.shipped_decisions import decisions, meeting_decisions
from tests.support.servers.board import KEPT, RAISED, Board, Statement
from tests.support.servers.http import Answer, serving

EVENINGS = [m.date for m in meetings() if m.scheduled and m.date >= dt.date(2026, 10, 1)]
STEPS = (-0.5, -0.25, 0.0, 0.25, 0.5, 0.75)
BEFORE = 4.0  # percent, upper bound of the last shipped decision (2026-09-16)


pytestmark = pytest.mark.attempts(2)


def strip(day: dt.date, rate: float) -> dict[str, History]:
    """Eighteen contracts that price `rate` (percent) for ever, closed on `day`."""
    first = np.datetime64(day, "M")
    known = calendars.instants(np.array([day], dtype="datetime64[D]"), dt.time(16, 15))
    return {f"cme:ZQ:{first + step}:close": History.of([day], known, [100 - rate]) for step in range(18)}


def fred(day: dt.date, upper: float) -> History:
    """FRED on the evening: the old target, stamped up to and including the day of the decision."""
    days = np.arange(np.datetime64("2026-09-17"), np.datetime64(day, "D") + 1)
    return History.of(days, calendars.instants(days, dt.time(14)), np.full(days.size, upper))


def world(day: dt.date) -> dict[str, History]:
    """What is held on the evening of `day` when nobody has told of its decision: all meetings before changed nothing."""
    return {TARGET: decisions(), DECISION: meeting_decisions(), UPPER: fred(day, BEFORE), **strip(day, BEFORE - 0.12)}


def from_board(board: Board, day: dt.date) -> dict[str, History]:
    """What the Board's source brings on the evening."""
    with serving(board) as line:
        source = BoardSource(f"{line.url}/feeds/press_monetary.xml", timeout=2.0, budget=10.0)
        try:
            delivery = source.fetch(FOMC, lambda _: EMPTY, cut(day))
        except Exception:  # a source that fails brings nothing
            return {}
    return {arrival.series.id: arrival.facts for arrival in delivery.arrivals}


def statement(day: dt.date, step: float) -> Statement:
    high = BEFORE + step
    return Statement.of(day, high - 0.25, high, RAISED if step else KEPT)


def upper_of(view: AsOf) -> float:
    return float(target_path(view)[1][-1])


@pytest.mark.parametrize("day", EVENINGS, ids=str)
def test_the_evening_is_right_with_the_statement_and_refused_without(day: dt.date) -> None:
    for step in STEPS:
        silent = AsOf(cut(day), world(day))
        told = AsOf(cut(day), world(day) | from_board(Board([statement(day, step)], cut(day)), day))

        assert [doubt.day for doubt in decision_doubts(silent)] == [day]
        assert fed_path(silent).reason.startswith("today's Fed decision")
        assert all(meeting.reason for meeting in fed_path(silent).meetings)
        assert decision_doubts(told) == ()
        assert upper_of(told) == BEFORE + step
        if fed_path(told).target_bp is not None:
            assert fed_path(told).target_bp[1] == pytest.approx(100 * (BEFORE + step))


FEEDS = {
    "silent": lambda day: Board([], cut(day), feed=Answer(b"", 503)),
    "blocked": lambda day: Board([], cut(day), feed=Answer(b"<html>Access Denied</html>", 403)),
    "late": lambda day: Board([statement(day, 0.25)], cut(day) - dt.timedelta(hours=6)),
    "a page that is blocked": lambda day: Board(
        [statement(day, 0.25)], cut(day), pages={statement(day, 0.25).path: Answer(b"<html>Denied</html>", 403)}
    ),
    "two targets": lambda day: Board(
        [Statement.of(day, 3.75, 4.0, KEPT + " and " + RAISED.replace("{low} to {high}", "4 to 4-1/4"))], cut(day)
    ),
    "words without a target": lambda day: Board([Statement(day, "the Committee will purchase securities")], cut(day)),
}


@pytest.mark.parametrize("kind", FEEDS)
def test_a_source_that_does_not_tell_leaves_the_evening_refused(kind: str) -> None:
    for day in EVENINGS[:3]:
        view = AsOf(cut(day), world(day) | from_board(FEEDS[kind](day), day))

        assert [doubt.code for doubt in decision_doubts(view)] == ["late"]
        assert all(meeting.reason for meeting in fed_path(view).meetings)
        assert "POLICY_LATE" in health(view).reason_codes
        assert upper_of(view) == BEFORE


@pytest.mark.parametrize("day", EVENINGS[:4], ids=str)
def test_sources_that_differ_refuse_the_path_and_are_named(day: dt.date) -> None:
    for one, other in itertools.permutations((-0.25, 0.0, 0.25), 2):
        entered = History.of([day], [cut(day).astimezone(dt.UTC).replace(tzinfo=None)], [BEFORE + other])
        told = from_board(Board([statement(day, one)], cut(day)), day)
        view = AsOf(cut(day), world(day) | told | {ENTERED: entered})

        (doubt,) = decision_doubts(view)
        assert doubt.code == "contradiction"
        assert all(meeting.reason == doubt.reason for meeting in fed_path(view).meetings)
        assert "POLICY_DISPUTED" in health(view).reason_codes


@pytest.mark.parametrize("day", EVENINGS[:4], ids=str)
def test_the_morning_after_fred_alone_is_enough_and_live_equals_the_later_back_test(day: dt.date) -> None:
    next_day = calendars.next_session(day)
    held = world(day)
    shown = held[UPPER]
    later = np.arange(np.datetime64(day, "D") + 1, np.datetime64(next_day, "D") + 1)
    held[UPPER] = History.of(
        np.append(shown.period, later),
        np.append(shown.known_at, calendars.instants(later, dt.time(14))),
        np.append(shown.value, np.full(later.size, BEFORE + 0.25)),
    )

    after = AsOf(cut(next_day), held)

    assert decision_doubts(after) == ()
    assert target_path(after)[0][-1].astype(dt.date) == day
    assert upper_of(after) == BEFORE + 0.25
    assert decision_doubts(after.at(cut(day)))[0].day == day  # that evening, nobody had told

    told = held | from_board(Board([statement(day, 0.25)], cut(day)), day)
    live, replayed = AsOf(cut(day), told), AsOf(cut(next_day), told).at(cut(day))
    assert {STATEMENT, LOWER} <= set(told)
    assert upper_of(live) == upper_of(replayed) == BEFORE + 0.25


def test_the_evening_of_2022_06_15_with_the_shipped_table_cut_before_it(store) -> None:
    day = dt.date(2022, 6, 15)
    before = np.datetime64("2022-06-01T00:00", "us")

    def held(name: str) -> History:
        return store.history(name).until(before) if name in (TARGET, DECISION) else store.history(name)

    silent = AsOf(cut(day), held)
    told = from_board(Board([Statement.of(day, 1.5, 1.75)], cut(day)), day)
    view = AsOf(cut(day), lambda name: told.get(name) or held(name))

    assert [doubt.code for doubt in decision_doubts(silent)] == ["late"]
    assert all(meeting.reason for meeting in fed_path(silent).meetings)
    assert "POLICY_LATE" in health(silent).reason_codes
    path, truth = fed_path(view), fed_path(store.as_of(cut(day)))
    assert path.target_bp == truth.target_bp == (150, 175)
    july = path.meetings[0]
    assert july.date == dt.date(2022, 7, 27)
    likely = [bucket for bucket in july.probabilities if bucket.probability > 0.05]
    assert {bucket.lower_bp for bucket in likely} <= {200, 225}
    assert path == truth
