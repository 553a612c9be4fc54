import datetime as dt

import numpy as np

from signals import calendars
from signals.asof import AsOf, History
from signals.derived.policy_rate import TARGET, UPPER, target_path


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
