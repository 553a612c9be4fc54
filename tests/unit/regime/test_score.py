"""Scores by hand."""

import math

import numpy as np
import pytest

from regime.evaluation.scores import (
    block_interval,
    blocks,
    brier_losses,
    calibration_error,
    detections,
    difference_error,
    false_alarms,
    log_losses,
    median_delay,
    sign_test,
)
from regime.phase import Phase

HIKE, AFTER_HIKE, EASE, AFTER_EASE = range(4)


def sure(phases, chance=0.97):
    out = np.full((len(phases), 4), (1 - chance) / 3)
    out[np.arange(len(phases)), phases] = chance
    return out


def meetings(count):
    return np.datetime64("2000-01-01") + 45 * np.arange(count)


def test_log_score_is_the_surprise_in_nats_clipped_at_a_thousandth():
    chance = np.array([[0.5, 0.5, 0, 0], [1.0, 0, 0, 0]])

    assert log_losses(chance, np.array([0, 1])).tolist() == [math.log(2), -math.log(1e-3)]


def test_brier_is_the_sum_over_classes():
    assert brier_losses(np.array([[1.0, 0, 0, 0]]), np.array([1])).tolist() == [2.0]


def test_a_forecast_that_comes_true_as_often_as_it_says_has_no_calibration_error():
    truth = np.tile([0, 1], 100)

    assert calibration_error(np.tile([0.5, 0.5, 0, 0], (200, 1)), truth) < 0.06  # bins of twenty can be uneven
    assert calibration_error(np.tile([0.9, 0.1, 0, 0], (200, 1)), truth) == pytest.approx(0.2)


def test_a_hold_is_late_by_the_meetings_until_it_is_seen_twice_running():
    truth = np.array([HIKE, HIKE, *[AFTER_HIKE] * 6])
    said = sure([HIKE, HIKE, HIKE, AFTER_HIKE, HIKE, AFTER_HIKE, AFTER_HIKE, AFTER_HIKE])

    (found,) = detections(said, truth, meetings(8))

    assert (found.phase, found.meetings) == (Phase.HOLD_AFTER_HIKE, 4)  # the second meeting was taken back
    assert found.start == str(meetings(8)[1])  # counted from the meeting of the last move


def test_a_leg_seen_on_the_day_of_its_first_move_is_not_late():
    truth = np.array([AFTER_EASE, AFTER_EASE, HIKE, HIKE, HIKE])

    (found,) = detections(sure(truth), truth, meetings(5))

    assert (found.phase, found.meetings) == (Phase.HIKE, 0)


def test_a_hold_of_three_meetings_is_left_out_and_one_never_seen_is_infinite():
    short = np.array([HIKE, *[AFTER_HIKE] * 3, EASE, EASE])
    blind = np.array([HIKE, *[AFTER_HIKE] * 5])

    assert [one.phase for one in detections(sure(short), short, meetings(6))] == [Phase.EASE]
    found = detections(sure([HIKE] * 6), blind, meetings(6))
    assert found[0].meetings is None
    assert median_delay(found, (Phase.HOLD_AFTER_HIKE,)) is None


def test_the_phase_just_ended_is_late_not_false_and_one_meeting_is_no_alarm():
    truth = np.array([HIKE, HIKE, *[AFTER_HIKE] * 6])

    assert false_alarms(sure([HIKE] * 8), truth) == 0
    assert false_alarms(sure([HIKE, HIKE, AFTER_HIKE, EASE, AFTER_HIKE, EASE, AFTER_HIKE, EASE]), truth) == 0
    assert false_alarms(sure([HIKE, HIKE, AFTER_HIKE, EASE, EASE, EASE, AFTER_HIKE, AFTER_HIKE]), truth) == 1


def test_blocks_are_runs_of_equal_labels():
    assert blocks(np.array([2, 2, 3, 3, 2])).tolist() == [0, 0, 1, 1, 2]


def test_the_interval_resamples_phases_not_months():
    losses = np.array([0.0] * 50 + [1.0] * 50)
    low, high = block_interval(losses, np.repeat([0, 1], 50), repetitions=500, seed=1)

    assert (low, high) == (0.0, 1.0)  # two phases can say nothing; a hundred months would have


def test_the_sign_test_is_the_binomial_one():
    block = np.repeat(np.arange(5), 4)
    mine = np.where(block < 4, 0.1, 0.9)

    won, fought, p = sign_test(mine, np.full(20, 0.5), block)

    assert (won, fought) == (4, 5)
    assert p == pytest.approx(2 * (5 + 1) / 32)
    assert difference_error(mine, mine, block) == 0.0
