"""Figures of a record, against hand arithmetic and another library."""

import numpy as np
import pytest

from allocator.backtest.performance import drawdown, ir_error, measure, trailing_beta


def record(n: int = 240) -> np.ndarray:
    return 0.02 + 0.2 * np.random.default_rng(3).standard_normal(n)


def test_figures_are_annual_and_in_their_units():
    active = record()
    points = np.full(240, 3.0)

    found = measure(active, points, np.r_[3.0, np.zeros(239)])

    assert found.active_return_bp == pytest.approx(1200 * active.mean())
    assert found.tracking_error_percent == pytest.approx(12**0.5 * active.std(ddof=1))
    assert found.ir == pytest.approx(12**0.5 * active.mean() / active.std(ddof=1))
    assert found.turnover == pytest.approx(0.03 * 12 / 240)
    assert found.hit_rate == pytest.approx((active > 0).mean())


def test_the_drawdown_is_that_of_compounded_wealth():
    active = np.array([10.0, -20.0, 5.0, -10.0, 40.0])

    assert drawdown(active).min() == pytest.approx(100 * (0.8 * 1.05 * 0.9 - 1))


def test_a_record_that_only_falls_is_measured_from_its_start():
    assert drawdown(np.array([-5.0, -5.0])).min() == pytest.approx(100 * (0.95**2 - 1))


def test_doing_nothing_has_no_ratio_and_no_hit_rate():
    found = measure(np.zeros(60), np.zeros(60), np.zeros(60))

    assert (found.ir, found.hit_rate, found.max_active_drawdown_percent) == (None, None, 0.0)


def test_the_standard_error_of_an_ir_over_25_years_is_a_fifth():
    assert ir_error(0.4, 300) == pytest.approx(0.2, abs=0.005)


def test_a_beta_knows_nothing_of_its_own_period_or_the_one_before():
    random = np.random.default_rng(5)
    market = random.standard_normal(80)
    difference = 0.2 * market + 0.1 * random.standard_normal(80)
    changed = difference.copy()
    changed[59:] = 99.0

    assert trailing_beta(changed, market)[60] == trailing_beta(difference, market)[60]
    x, y = market[23:59], difference[23:59]
    assert trailing_beta(difference, market)[60] == pytest.approx(np.cov(x, y)[0, 1] / x.var(ddof=1))
