import datetime as dt

import numpy as np
import pytest

from signals import calendars
from signals.asof import AsOf, History
from signals.derived.policy_rate import (
    DECISION,
    ENTERED,
    STATEMENT,
    TARGET,
    UPPER,
    decision_doubts,
    target_path,
    undecided_meetings,
)


def shipped(*rows: tuple[str, float]) -> History:
    days = np.array([day for day, _ in rows], dtype="datetime64[D]")
    return History.of(days, calendars.instants(days, dt.time(14, 0)), [value for _, value in rows])


def shown(first: str, last: str, changes: dict[str, float], start: float) -> History:
    """FRED's daily upper bound, known at 14:00 of its own day."""
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    values, current = [], start
    for day in days:
        current = changes.get(str(day), current)
        values.append(current)
    return History.of(days, calendars.instants(days, dt.time(14, 0)), values)


def test_decisions_are_seen_from_their_announcement_on() -> None:
    world = {TARGET: shipped(("2018-09-26", 2.25), ("2018-12-19", 2.5))}
    announced = dt.datetime(2018, 12, 19, 14, 0, tzinfo=calendars.NEW_YORK)

    before, after = (target_path(AsOf(moment, world)) for moment in (announced - dt.timedelta(seconds=1), announced))

    assert before[1].tolist() == [2.25]
    assert after[1].tolist() == [2.25, 2.5]


def test_a_change_that_only_fred_shows_is_put_on_its_decision_day() -> None:
    world = {
        TARGET: shipped(("2018-12-19", 2.5)),
        UPPER: shown("2019-01-01", "2019-12-31", {"2019-08-01": 2.25, "2019-09-19": 2.0}, start=2.5),
    }

    days, target = target_path(AsOf(calendars.cut(dt.date(2019, 10, 1)), world))

    assert days.tolist() == [dt.date(2018, 12, 19), dt.date(2019, 7, 31), dt.date(2019, 9, 18)]
    assert target.tolist() == [2.5, 2.25, 2.0]


def test_the_day_after_a_shipped_decision_is_not_another_one() -> None:
    world = {
        TARGET: shipped(("2018-12-19", 2.5), ("2019-07-31", 2.25)),
        UPPER: shown("2018-12-20", "2019-08-02", {"2019-08-01": 2.25}, start=2.5),
    }

    for day in (dt.date(2019, 7, 31), dt.date(2019, 8, 1), dt.date(2019, 8, 2)):
        assert target_path(AsOf(calendars.cut(day), world))[1].tolist() == [2.5, 2.25]


def test_a_decision_on_a_sunday_is_stamped_the_next_day() -> None:
    world = {
        TARGET: shipped(("2020-03-03", 1.25)),
        UPPER: shown("2020-03-04", "2020-03-20", {"2020-03-16": 0.25}, start=1.25),
    }

    days, _ = target_path(AsOf(calendars.cut(dt.date(2020, 3, 16)), world))

    assert days[-1] == np.datetime64("2020-03-15")


def test_a_change_far_from_any_meeting_is_put_on_the_session_before() -> None:
    world = {
        TARGET: shipped(("2018-12-19", 2.5)),
        UPPER: shown("2019-01-01", "2019-02-28", {"2019-02-19": 2.25}, start=2.5),
    }

    days, _ = target_path(AsOf(calendars.cut(dt.date(2019, 2, 28)), world))

    assert days[-1] == np.datetime64("2019-02-15")  # the Tuesday after Presidents' Day


def test_without_any_decision_the_path_is_empty() -> None:
    days, target = target_path(AsOf(calendars.cut(dt.date(2019, 2, 28)), {}))

    assert days.size == target.size == 0


JUNE, AFTER = dt.date(2022, 6, 15), dt.date(2022, 6, 16)
CUT_TABLE = {
    TARGET: shipped(("2022-03-16", 0.5), ("2022-05-04", 1.0)),
    DECISION: shipped(("2022-03-16", 0.5), ("2022-05-04", 1.0)),
}


def fred(last: str) -> dict[str, History]:
    """FRED as it was: the old target stamped on the day of the decision, the new one the morning after."""
    return {UPPER: shown("2022-05-05", last, {"2022-06-16": 1.75}, start=1.0)}


def test_on_the_evening_of_a_decision_fred_proves_nothing() -> None:
    evening = AsOf(calendars.cut(JUNE), CUT_TABLE | fred("2022-06-15"))

    assert [meeting.date for meeting in undecided_meetings(evening)] == [JUNE]
    assert [(doubt.day, doubt.code) for doubt in decision_doubts(evening)] == [(JUNE, "late")]
    assert "today's Fed decision (14:00 New York) is not known yet" in decision_doubts(evening)[0].reason


def test_before_the_announcement_nothing_is_late() -> None:
    noon = AsOf(dt.datetime.combine(JUNE, dt.time(13, 59), calendars.NEW_YORK), CUT_TABLE | fred("2022-06-15"))

    assert decision_doubts(noon) == ()


def test_the_day_after_fred_proves_the_decision_and_puts_it_back() -> None:
    after = AsOf(calendars.cut(AFTER), CUT_TABLE | fred("2022-06-16"))

    assert decision_doubts(after) == ()
    days, target = target_path(after)
    assert (days[-1].astype(dt.date), target[-1]) == (JUNE, 1.75)


@pytest.mark.parametrize("source", [STATEMENT, ENTERED])
def test_a_statement_or_a_person_makes_the_evening_right(source: str) -> None:
    world = CUT_TABLE | fred("2022-06-15") | {source: shipped(("2022-06-15", 1.75))}
    evening = AsOf(calendars.cut(JUNE), world)

    assert decision_doubts(evening) == ()
    days, target = target_path(evening)
    assert (days[-1].astype(dt.date), target[-1]) == (JUNE, 1.75)


def test_the_decision_is_one_change_however_many_sources_tell_of_it() -> None:
    named = shipped(("2022-06-15", 1.75))
    world = CUT_TABLE | fred("2022-06-20") | {STATEMENT: named, ENTERED: named}

    days, target = target_path(AsOf(calendars.cut(dt.date(2022, 6, 21)), world))

    assert days.astype(dt.date).tolist()[-2:] == [dt.date(2022, 5, 4), JUNE]
    assert target.tolist()[-2:] == [1.0, 1.75]


def test_a_decision_to_change_nothing_is_known_and_is_no_move() -> None:
    world = CUT_TABLE | fred("2022-06-15") | {STATEMENT: shipped(("2022-06-15", 1.0))}
    evening = AsOf(calendars.cut(JUNE), world)

    assert decision_doubts(evening) == ()
    assert target_path(evening)[1].tolist() == [0.5, 1.0]


def test_an_unscheduled_sunday_from_the_board_is_the_change_fred_shows_on_monday() -> None:
    world = {
        TARGET: shipped(("2025-12-10", 3.75)),
        STATEMENT: shipped(("2026-02-15", 3.25)),
        UPPER: shown("2025-12-12", "2026-02-20", {"2026-02-17": 3.25}, start=3.75),
    }

    days, _ = target_path(AsOf(calendars.cut(dt.date(2026, 2, 20)), world))

    assert days.astype(dt.date).tolist() == [dt.date(2025, 12, 10), dt.date(2026, 2, 15)]


def test_sources_that_differ_are_reported_until_a_person_settles_it() -> None:
    world = CUT_TABLE | fred("2022-06-16") | {STATEMENT: shipped(("2022-06-15", 1.5))}
    disputed = AsOf(calendars.cut(AFTER), world)
    settled = AsOf(calendars.cut(AFTER), world | {ENTERED: shipped(("2022-06-15", 1.75))})

    (doubt,) = decision_doubts(disputed)
    assert doubt.code == "contradiction"
    assert "the Board's statement says 1.50 percent, FRED says 1.75 percent" in doubt.reason
    assert decision_doubts(settled) == ()
    assert target_path(settled)[1][-1] == 1.75


def test_in_a_store_without_the_list_of_meetings_the_shipped_changes_tell_how_far_it_reaches() -> None:
    world = {TARGET: shipped(("2018-12-19", 2.5))}

    assert undecided_meetings(AsOf(calendars.cut(dt.date(2019, 6, 19)), world)) == ()
    assert undecided_meetings(AsOf(calendars.cut(dt.date(2019, 6, 19)), {})) != ()
