"""METHOD 4, the weight: golden numbers, limits, and an attribution that is exact."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.recommendation import Line
from allocator.settings import TiltSettings
from allocator.tilt import (
    Limits,
    band_points,
    points_per_percent,
    reason_code,
    settle,
    sigma_annual_percent,
    size,
    stance,
    stance_of,
    view_points,
    wanted_points,
    worth_an_order,
)

SETTINGS = TiltSettings()
FREELY = TiltSettings(smallest_trade_points=0.0)
points = st.floats(-60, 60)
share = st.floats(0, 1)


@st.composite
def limits(draw):
    policy = 100 * draw(share)
    held = draw(st.floats(-policy, 100 - policy))
    return Limits(
        position=held,
        step_from=draw(st.one_of(st.just(held), st.floats(-policy, 100 - policy))),
        low=-policy,
        high=100 - policy,
        confidence=draw(share),
        multiplier=draw(share),
        sigma_annual_percent=draw(st.floats(6, 30)),
    )


def open_limits(**given):
    base = {"position": 0.0, "step_from": 0.0, "low": -20.0, "high": 80.0, "confidence": 1.0, "multiplier": 1.0}
    return Limits(**(base | {"sigma_annual_percent": 10.3} | given))


def test_the_golden_forecast_asks_for_four_and_a_half_points_less():
    assert -1.6 * points_per_percent(10.3, SETTINGS) == pytest.approx(-4.52, abs=0.01)


def test_the_golden_band_of_one_year_is_1_131_points():
    assert band_points(10.3, SETTINGS) == pytest.approx(1.131, abs=0.0005)


def test_sigma_forgets_with_its_half_life_and_has_a_floor():
    calm_then_wild = np.r_[np.zeros(36), np.full(36, 3.0)]
    weight = 0.5 ** (np.arange(72)[::-1] / 36)

    expected = (12 * (weight[36:].sum() * 9 / weight.sum())) ** 0.5

    assert sigma_annual_percent(calm_then_wild, SETTINGS) == pytest.approx(expected)
    assert sigma_annual_percent(np.zeros(50), SETTINGS) == 6.0


def test_inside_the_band_nothing_is_done():
    assert settle(2.0, open_limits(position=1.0), SETTINGS) == 1.0
    assert settle(2.2, open_limits(position=1.0), FREELY) > 1.0


def test_outside_the_band_the_trade_goes_to_its_edge():
    half = band_points(10.3, SETTINGS)

    assert settle(4.0, open_limits(), SETTINGS) == pytest.approx(4.0 - half)


def test_one_month_moves_no_more_than_one_step():
    assert settle(15.0, open_limits(), SETTINGS) == 5.0
    assert settle(-15.0, open_limits(position=-3.0, step_from=0.0), SETTINGS) == -5.0


def test_the_step_never_forces_a_trade_against_its_direction():
    beyond = open_limits(position=9.0, step_from=0.0)

    assert settle(14.0, beyond, SETTINGS) == 9.0


def test_the_target_weight_stays_between_nothing_and_everything():
    small_policy = open_limits(low=-2.0, high=98.0, position=-2.0, step_from=-2.0)

    assert wanted_points(-15.0, small_policy, SETTINGS) == -2.0


@given(st.lists(points, min_size=1, max_size=7), limits())
def test_the_attribution_sums_to_the_weight_exactly(parts, bounds):
    sized = size([Line(f"term {i}", value) for i, value in enumerate(parts)], bounds, SETTINGS)

    assert abs(sum(line.points for line in sized.lines) - sized.points) <= 1e-12


@given(st.lists(points, min_size=1, max_size=7), limits())
def test_the_weight_with_attribution_is_the_weight_without(parts, bounds):
    sized = size([Line("x", value) for value in parts], bounds, SETTINGS)

    assert sized.points == pytest.approx(settle(float(np.sum(parts)), bounds, SETTINGS), abs=1e-9)


@given(points, points, limits())
def test_a_better_forecast_never_lowers_the_weight(one, other, bounds):
    low, high = sorted((one, other))

    assert settle(low, bounds, SETTINGS) <= settle(high, bounds, SETTINGS)


def test_a_trade_under_half_a_point_is_not_made():
    half = band_points(10.3, SETTINGS)

    assert settle(1.0 + half + 0.49, open_limits(position=1.0), SETTINGS) == 1.0
    assert settle(1.0 + half + 0.51, open_limits(position=1.0), SETTINGS) == pytest.approx(1.51)


def test_the_multiplier_comes_before_the_clip():
    half = open_limits(multiplier=0.5, position=10.0, step_from=10.0)

    assert wanted_points(24.0, half, SETTINGS) == 12.0
    assert wanted_points(40.0, half, SETTINGS) == 15.0


@given(points, limits(), st.floats(-20, 80))
def test_the_view_and_its_word_do_not_depend_on_what_is_held(raw, bounds, other):
    moved = replace(bounds, position=other, step_from=other)

    assert view_points(raw, moved) == view_points(raw, bounds)
    assert stance_of(raw, moved, SETTINGS) == stance_of(raw, bounds, SETTINGS)
    assert stance_of(raw, bounds, SETTINGS) == stance(view_points(raw, bounds), SETTINGS)


@given(points, limits(), share)
def test_for_a_given_holding_the_target_is_monotone_in_multiplier_and_confidence(raw, bounds, less):
    for field in ("multiplier", "confidence"):
        lower = replace(bounds, **{field: less * getattr(bounds, field)})
        one, other = settle(raw, lower, FREELY), settle(raw, bounds, FREELY)

        assert other >= one - 1e-9 if raw > 0 else other <= one + 1e-9


@given(points, limits(), share)
def test_less_confidence_means_a_smaller_tilt(raw, bounds, less):
    sure = Limits(**{f: getattr(bounds, f) for f in bounds.__slots__} | {"confidence": 1.0})
    unsure = Limits(**{f: getattr(bounds, f) for f in bounds.__slots__} | {"confidence": less})

    assert abs(wanted_points(raw, unsure, SETTINGS)) <= less * abs(wanted_points(raw, sure, SETTINGS)) + 1e-12


@given(points, limits())
def test_no_trade_goes_past_what_is_wanted(raw, bounds):
    final = settle(raw, bounds, SETTINGS)
    wanted = wanted_points(raw, bounds, SETTINGS)

    assert min(bounds.position, wanted) - 1e-9 <= final <= max(bounds.position, wanted) + 1e-9


def test_a_tilt_below_one_point_has_no_word():
    assert [stance(value, SETTINGS) for value in (0.99, 1.0, -0.99, -1.0)] == [
        "neutral",
        "overweight",
        "neutral",
        "underweight",
    ]


def test_a_long_only_portfolio_ends_at_nothing_and_at_everything():
    limits = Limits.long_only(0.2, 3.0, 10.3, 0.5)

    assert (limits.low, limits.high) == (-20.0, 80.0)
    assert (limits.position, limits.step_from, limits.confidence) == (3.0, 3.0, 1.0)
    assert Limits.long_only(0.2, 3.0, 10.3, 0.5, step_from=-1.0, confidence=0.7).step_from == -1.0


def test_the_band_is_twice_twenty_basis_points_over_what_a_tilt_earns():
    one_year = 100 * 2 * 0.0020 / (0.5 / 0.015 * 0.103**2)

    assert band_points(10.3, SETTINGS) == pytest.approx(one_year, rel=1e-9)
    assert band_points(10.3, replace(SETTINGS, horizon_years=2.0)) == pytest.approx(one_year / 2, rel=1e-9)


def test_a_trade_of_exactly_the_smallest_size_is_made():
    edge = band_points(10.3, SETTINGS)
    limits = open_limits(position=0.0)

    assert worth_an_order(SETTINGS.smallest_trade_points, limits, SETTINGS) == SETTINGS.smallest_trade_points
    assert worth_an_order(0.49, limits, SETTINGS) == 0.0
    assert settle(edge + 0.49, limits, SETTINGS) == 0.0


@pytest.mark.parametrize(("weight", "raw"), [(-20.0, -19.5), (80.0, 79.5)])
def test_the_band_counts_at_the_very_ends_too(weight, raw):
    settings = replace(SETTINGS, max_active_points=100.0)

    assert settle(raw, open_limits(position=weight, step_from=weight), settings) == weight


def test_a_view_too_small_for_a_word_is_neutral_by_the_model():
    small, large = (size((Line("a", raw),), open_limits(), SETTINGS) for raw in (0.9, 1.0))

    assert (reason_code(small, SETTINGS), reason_code(large, SETTINGS)) == ("NEUTRAL_BY_MODEL", "MODEL")
