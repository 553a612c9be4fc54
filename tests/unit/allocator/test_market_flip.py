"""Flips in market units: the raw value flips the stance, and each outcome of the next meeting is what it would be."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest

from allocator.flip import flips, signal_lever
from allocator.market_flip import in_market_units, market_scales, next_decision
from allocator.recommendation import Stance
from signals import calendars
from signals.asof import AsOf, History
from signals.catalog import BY_NAME
from signals.catalog.credit_level import SPREAD
from signals.derived.policy_rate import DECISION, TARGET
from signals.signal import Reading, read

DAY = dt.date(2019, 8, 30)
MEETING = dt.date(2019, 9, 18)
CREDIT, PACE = BY_NAME["credit_level"], BY_NAME["policy_change"]


def history(days: Sequence[dt.date], values: Sequence[float], known: dt.time = dt.time(14, 0)) -> History:
    ends = np.array(days, dtype="datetime64[D]")
    return History.of(ends, calendars.instants(ends, known), values)


def spreads(last: float) -> AsOf:
    days = calendars.month_end_sessions(dt.date(2000, 1, 1), DAY)
    values = 2.5 + np.sin(np.arange(len(days)) / 7)
    values[-1] = last
    return AsOf(calendars.cut(DAY), {name: History.of([], [], []) for name in CREDIT.inputs} | {
        SPREAD: history(days, list(values)),
    })  # fmt: skip


def target(*, later: dict[dt.date, float], day: dt.date = DAY) -> AsOf:
    days = calendars.month_end_sessions(dt.date(1999, 1, 1), dt.date(2019, 7, 31))[::6]
    changes = dict(zip(days, 3 + np.round(8 * np.cos(np.arange(len(days)) / 4)) / 4, strict=True)) | later
    facts = {name: History.of([], [], []) for name in PACE.inputs} | {
        TARGET: history(list(changes), list(changes.values())),
        DECISION: history(list(changes), list(changes.values())),
    }
    return AsOf(calendars.cut(day), facts)


def stance_of(raw: float) -> Stance:
    return "neutral" if abs(raw) < 1 else "overweight" if raw > 0 else "underweight"


def test_the_spread_at_which_the_stance_changes_does_change_it() -> None:
    view = spreads(2.2)
    now = read(CREDIT, view)
    assert isinstance(now, Reading)
    lever = signal_lever("credit_level", now.score, 4.0)

    flip = in_market_units(flips([lever], 4 * now.score, stance_of), market_scales(view, [CREDIT]))[0]

    assert (flip.raw_name, flip.raw_unit, flip.raw_now) == ("Baa spread", "percent", 2.2)
    assert flip.raw_flips_at is not None
    after = read(CREDIT, spreads(flip.raw_flips_at))
    assert isinstance(after, Reading)
    assert after.score == pytest.approx(flip.flips_at, abs=1e-9)


@pytest.mark.parametrize(("score", "knife_edge"), [(0.16, True), (0.14, False)])
def test_a_flip_within_a_tenth_of_a_standard_deviation_is_a_knife_edge(score: float, knife_edge: bool) -> None:
    lever = signal_lever("credit_level", score, 4.0)  # neutral below 0.25

    flip = in_market_units(flips([lever], 4 * score, stance_of), market_scales(spreads(2.2), [CREDIT]))[0]

    assert flip.sd_away == pytest.approx(0.25 - score, abs=1e-6)
    assert flip.knife_edge is knife_edge


@pytest.mark.parametrize("move", [-50, 0, 25])
def test_the_score_after_the_next_decision_is_what_it_would_be_that_evening(move: int) -> None:
    scales = market_scales(target(later={dt.date(2019, 7, 31): 2.25}), [PACE])

    then = target(later={dt.date(2019, 7, 31): 2.25, MEETING: 2.25 + move / 100}, day=MEETING)
    reading = read(PACE, then)

    assert scales.meeting == MEETING
    assert isinstance(reading, Reading)
    foreseen = {step: (raw, score) for step, raw, score in scales.outcomes}[move]
    assert foreseen == pytest.approx((reading.raw, reading.score), abs=1e-9)


def test_no_move_goes_below_the_lowest_range() -> None:
    scales = market_scales(target(later={dt.date(2019, 7, 31): 0.50}), [PACE])

    assert [move for move, _, _ in scales.outcomes] == [-25, 0, 25, 50, 75]


def test_the_view_after_a_decision_moves_by_the_slope() -> None:
    scales = market_scales(target(later={dt.date(2019, 7, 31): 2.25}), [PACE])

    ahead = next_decision(scales, score=0.0, slope=2.0, raw=0.5, view_of=lambda raw: (raw / 2, stance_of(raw)))

    assert ahead is not None
    assert ahead.date == MEETING
    for outcome in ahead.outcomes:
        assert outcome.view_points == pytest.approx((0.5 + 2 * outcome.score) / 2)
        assert outcome.stance == stance_of(0.5 + 2 * outcome.score)


def test_without_the_pace_there_is_no_decision_to_wait_for() -> None:
    assert market_scales(spreads(2.2), [CREDIT]).meeting is None
