"""Small paths, dated by hand."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regime.dating import date_cycle
from regime.phase import PHASES, Phase


def path(*moves):
    days, levels = zip(*moves, strict=True)
    return np.array(days, dtype="datetime64[D]"), np.array(levels, dtype=float)


def test_nothing_is_dated_before_half_a_point():
    assert date_cycle(*path(("2000-01-01", 5.0), ("2000-02-01", 5.25))).phases == ()


def test_an_empty_path_has_no_phases():
    assert date_cycle(np.array([], dtype="datetime64[D]"), np.array([])).phases == ()


def test_a_lone_opposite_move_is_a_candidate_and_changes_no_label():
    found = date_cycle(*path(("2000-01-01", 5.0), ("2000-02-01", 5.5), ("2000-06-01", 5.25)))

    assert found.candidate is not None
    assert found.candidate.phase is Phase.EASE
    assert PHASES[found.labels(np.array(["2000-07-01"], dtype="datetime64[D]"))[0]] is Phase.HOLD_AFTER_HIKE


def test_a_resumed_leg_is_no_candidate():
    found = date_cycle(*path(("2000-01-01", 5.0), ("2000-02-01", 5.5), ("2000-06-01", 5.25), ("2000-08-01", 5.5)))

    assert found.confirmed
    assert found.phases[-1].last_move == dt.date(2000, 8, 1)


def test_a_sixteenth_neither_ends_nor_reverses_a_leg():
    found = date_cycle(*path(("2000-01-01", 5.0), ("2000-02-01", 5.5), ("2000-05-01", 5.5625), ("2000-06-01", 5.5)))

    assert found.confirmed
    assert found.phases[-1].last_move == dt.date(2000, 2, 1)


def test_a_leg_is_split_after_548_days_and_the_later_part_needs_half_a_point():
    start = [("2000-01-01", 5.0), ("2000-02-01", 4.5)]
    small = date_cycle(*path(*start, ("2002-02-01", 4.25)))
    enough = date_cycle(*path(*start, ("2002-02-01", 4.25), ("2002-03-01", 4.0)))

    assert [row.phase for row in small.phases] == [Phase.EASE]
    assert small.candidate is not None
    assert small.candidate.first_move == dt.date(2002, 2, 1)
    assert [str(row.first_move) for row in enough.phases] == ["2000-02-01", "2002-02-01"]
    assert enough.phases[0].to_target == 4.5
    assert enough.phases[1].from_target == 4.5
    assert enough.phases[1].confirmed_on == dt.date(2002, 3, 1)


@pytest.mark.parametrize("gap", [547, 548])
def test_548_days_are_not_yet_a_split(gap):
    later = dt.date(2000, 2, 1) + dt.timedelta(days=gap)
    found = date_cycle(*path(("2000-01-01", 5.0), ("2000-02-01", 4.5), (str(later), 4.25)))

    assert found.phases[-1].last_move == later


def test_the_first_and_the_last_day_of_a_phase_belong_to_it():
    found = date_cycle(*path(("2000-01-01", 5.0), ("2000-02-01", 5.25), ("2000-03-01", 5.5)))
    asked = np.array(["2000-01-31", "2000-02-01", "2000-03-01", "2000-03-02"], dtype="datetime64[D]")

    codes = found.labels(asked)

    assert codes[0] == -1
    assert [PHASES[code] for code in codes[1:]] == [Phase.HIKE, Phase.HIKE, Phase.HOLD_AFTER_HIKE]


def test_a_first_move_that_lapsed_is_no_part_of_the_leg_that_came_two_years_later():
    found = date_cycle(*path(("2000-01-01", 5.0), ("2000-02-01", 4.5), ("2001-01-01", 4.75), ("2003-01-01", 5.0)))

    assert found.phases[-1].phase is Phase.HIKE
    assert found.phases[-1].first_move == dt.date(2003, 1, 1)
    assert found.phases[-1].confirmed_on == dt.date(2003, 1, 1)


def random_path(sixteenths, seed):
    gaps = np.random.default_rng(seed).integers(1, 700, len(sixteenths))
    days = np.datetime64("1990-01-01") + np.concatenate([[0], np.cumsum(gaps)])
    return days, 10 + np.concatenate([[0.0], np.cumsum(np.array(sixteenths) / 16)])


SIXTEENTHS = st.lists(st.integers(-12, 12).filter(bool), min_size=1, max_size=40)


@given(SIXTEENTHS, st.integers(0, 10**6))
def test_phases_are_in_order_and_all_confirmed(sixteenths, seed):
    found = date_cycle(*random_path(sixteenths, seed))

    for one, after in zip(found.phases, found.phases[1:], strict=False):
        assert one.first_move <= one.last_move < after.first_move <= after.last_move
    for row in found.phases:
        assert row.confirmed_on is not None
        assert row.first_move <= row.confirmed_on


@given(SIXTEENTHS, st.integers(0, 10**6))
def test_the_chronology_of_a_time_is_that_of_the_decisions_until_then(sixteenths, seed):
    days, target = random_path(sixteenths, seed)
    half = len(days) // 2 + 1

    early, late = date_cycle(days[:half], target[:half]), date_cycle(days, target)

    closed = early.phases[:-1]
    assert [(row.first_move, row.last_move, row.phase) for row in closed] == [
        (row.first_move, row.last_move, row.phase) for row in late.phases[: len(closed)]
    ]


@pytest.mark.parametrize(("way", "moving", "hold"), [(-1, "EASE", "HOLD_AFTER_EASE"), (1, "HIKE", "HOLD_AFTER_HIKE")])
def test_a_level_that_is_reached_twice_ends_the_leg_on_the_first_day(way, moving, hold):
    """A double bottom, and its mirror: the turn is the first day, the next leg starts after the last."""
    levels = np.array([5.0, 5.0 + way * 0.5, 5.0 + way, 5.0 + way * 0.75, 5.0 + way, 5.0 + way * 0.5])
    days = np.array(
        ["2000-01-03", "2000-02-01", "2000-03-01", "2000-05-01", "2000-07-03", "2000-10-02"], "datetime64[D]"
    )

    first, second = date_cycle(days, levels).phases

    assert (str(first.phase), first.last_move) == (moving, dt.date(2000, 3, 1))
    assert second.first_move == dt.date(2000, 10, 2)
    label = date_cycle(days, levels).labels(np.array(["2000-06-01", "2000-08-01"], "datetime64[D]"))
    assert [str(PHASES[code]) for code in label] == [hold, hold]
