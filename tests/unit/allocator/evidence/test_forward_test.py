"""METHOD 5: the e-process, a test that may be looked at every month."""

import numpy as np
import pytest

from allocator.evidence.forward_test import forward_test, years_to_support

POINTS = np.array([4.0, 4, -2, -2, 0, 3])
SIGMA = np.array([10.0, 10, 11, 11, 11, 12])
TRADED = np.array([4.0, 0, 6, 0, 2, 3])
DIFFERENCE = np.array([2.5, -1, -3, 1.5, 4, 5])


def test_the_golden_wealth():
    found = forward_test(POINTS, DIFFERENCE, SIGMA, TRADED)

    expected = [1.05588400, 1.02829000, 1.07745854, 1.03898166, 0.96075470, 1.05466628]
    assert found.wealth == pytest.approx(expected, abs=5e-9)
    assert not found.supported
    assert found.p_value == pytest.approx(1 / 1.07745854)
    assert not found.broken.any()


def test_a_month_without_a_position_or_a_trade_changes_nothing():
    found = forward_test(np.zeros(3), np.array([5.0, -5, 1]), np.full(3, 10.0), np.zeros(3))

    assert found.wealth.tolist() == [1.0, 1.0, 1.0]
    assert found.p_value == 1.0


def test_a_loss_beyond_every_model_is_flagged_and_never_negative():
    found = forward_test(np.full(3, 10.0), np.array([1.0, -60, 1]), np.full(3, 10.0), np.zeros(3))

    assert found.broken.tolist() == [False, True, False]
    assert (found.wealth >= 0).all()


def test_support_once_reached_is_not_lost_again():
    lucky = np.append(np.full(60, 6.0), np.full(40, -6.0))

    found = forward_test(np.full(100, 5.0), lucky, np.full(100, 10.0), np.zeros(100))

    assert found.wealth[59] > 20 > found.wealth[-1]
    assert found.supported
    assert found.p_value == pytest.approx(1 / found.wealth[59])


def test_rules_without_an_edge_seldom_reach_twenty():
    random = np.random.default_rng(3)
    months, runs = 480, 400
    difference = random.normal(scale=10 / 12**0.5, size=(runs, months))

    supported = [
        forward_test(np.full(months, 4.0), row, np.full(months, 10.0), np.zeros(months)).supported for row in difference
    ]

    assert np.mean(supported) <= 0.05


def test_a_good_tilt_needs_a_working_life_and_no_tilt_an_eternity():
    assert round(years_to_support(0.4)) == 37
    assert years_to_support(0.0) == float("inf")
    assert years_to_support(0.5) < years_to_support(0.4) < years_to_support(0.3)
