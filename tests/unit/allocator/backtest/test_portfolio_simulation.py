"""A portfolio with money: against a ledger kept by hand, and against the rules of the tilt."""

import numpy as np
import pytest

from allocator.settings import TiltSettings
from allocator.tilt import Limits, band_points, settle
from tests.benchmarks.portfolio_simulation import settled, wealth


def test_money_is_counted_as_a_bookkeeper_would():
    random = np.random.default_rng(2)
    small, large = (100 * np.cumprod(1 + 0.05 * random.standard_normal(25)) for _ in range(2))
    weights = np.clip(0.2 + 0.1 * random.standard_normal(24), 0, 1)

    value, shares = 1.0, None
    seen = [1.0]
    for month in range(24):
        if shares is not None:
            moved = abs(weights[month] * value - shares[0] * small[month])
            value -= moved * 0.0020
        shares = (weights[month] * value / small[month], (1 - weights[month]) * value / large[month])
        value = shares[0] * small[month + 1] + shares[1] * large[month + 1]
        seen.append(value)

    assert wealth(small, large, weights, cost_bp=20.0) == pytest.approx(seen, rel=1e-12)
    assert wealth(small, large, weights, cost_bp=0.0)[-1] > wealth(small, large, weights, cost_bp=20.0)[-1]


def test_every_setting_is_carried_as_if_it_were_alone():
    random = np.random.default_rng(4)
    small, large = (np.cumprod(1 + 0.05 * random.standard_normal(61)) for _ in range(2))
    weights = random.uniform(0, 1, (60, 5))

    together = wealth(small, large, weights, cost_bp=20.0)

    for column in range(5):
        assert together[:, column] == pytest.approx(wealth(small, large, weights[:, column], cost_bp=20.0), rel=1e-13)


def test_the_array_rules_are_the_rules_of_the_tilt():
    random = np.random.default_rng(6)
    settings = TiltSettings(smallest_trade_points=0.0)
    raw = np.cumsum(2 * random.standard_normal((200, 4)), axis=0)
    sigma = 8 + 4 * random.random((200, 4))
    half = np.vectorize(lambda each: band_points(each, settings))(sigma)

    found = settled(raw, half, largest=settings.max_active_points, step=settings.max_step_points)

    for column in range(4):
        held = 0.0
        for row in range(200):
            limits = Limits(held, held, -100.0, 100.0, 1.0, 1.0, float(sigma[row, column]))
            held = settle(float(raw[row, column]), limits, settings)
            assert found[row, column] == pytest.approx(held, abs=1e-9)
