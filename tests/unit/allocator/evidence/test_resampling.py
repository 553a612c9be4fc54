"""Blocks, intervals, standard errors and the tests of superior ability."""

import numpy as np
import pytest

from allocator.evidence import (
    block_length,
    bootstrap_interval,
    hac_covariance,
    spa,
    stationary_indices,
    superiority,
)
from allocator.evidence.resampling import best_block


def autoregression(rho, n, seed=0):
    shocks = np.random.default_rng(seed).standard_normal(n)
    x = np.zeros(n)
    for t in range(1, n):
        x[t] = rho * x[t - 1] + shocks[t]
    return x


def theoretical_block(rho: float, n: int, *, kind: str = "stationary") -> float:
    """Best block for the mean of an AR(1) with coefficient `rho` over `n` periods.

    b = (2 G^2 / D)^(1/3) n^(1/3) with G = 2 rho sd^2 / (1 - rho)^2 over unit innovations, D = 2 g(0)^2 for
    the stationary and 4/3 g(0)^2 for the circular bootstrap, g(0) = 1 / (1 - rho)^2.
    """
    g0 = 1 / (1 - rho) ** 2
    slope = 2 * rho / ((1 - rho**2) * (1 - rho) ** 2)
    spread = (2 if kind == "stationary" else 4 / 3) * g0**2
    return (2 * slope**2 / spread * n) ** (1 / 3)


@pytest.mark.parametrize(("n", "stationary", "circular"), [(200, 11.47, 13.12), (800, 18.20, 20.83)])
def test_the_best_block_of_an_autoregression_is_the_papers(n, stationary, circular):
    assert theoretical_block(0.7, n) == pytest.approx(stationary, abs=5e-3)
    assert theoretical_block(0.7, n, kind="circular") == pytest.approx(circular, abs=5e-3)


def test_the_estimated_block_is_near_the_theory():
    found = [block_length(autoregression(0.7, 800, seed)) for seed in range(6)]

    assert np.mean(found) == pytest.approx(18.20, rel=0.35)


@pytest.mark.parametrize("kind", ["stationary", "circular"])
@pytest.mark.parametrize(("rho", "n"), [(0.0, 19), (0.3, 60), (0.7, 467), (0.95, 281), (-0.5, 5000)])
def test_the_best_block_is_that_of_arch_to_the_last_digit(rho, n, kind):
    from arch.bootstrap import optimal_block_length

    for seed in range(4):
        values = autoregression(rho, n, seed)
        assert best_block(values, kind) == optimal_block_length(values)[kind].iloc[0]


def test_a_record_too_short_for_three_blocks_or_without_movement_has_the_shortest():
    assert block_length(np.arange(17.0)) == 6
    assert block_length(np.ones(400)) == 6


def test_no_block_is_shorter_than_six_months():
    assert block_length(np.random.default_rng(1).standard_normal(400)) == 6


def test_blocks_run_on_and_have_their_mean_length():
    drawn = stationary_indices(500, block=8, repetitions=400, generator=np.random.default_rng(2))

    broken = np.diff(drawn, axis=1) % 500 != 1
    assert drawn.min() >= 0
    assert drawn.max() < 500
    assert 1 / broken.mean() == pytest.approx(8, rel=0.03)


def test_the_interval_agrees_with_arch_within_its_own_error():
    from arch.bootstrap import StationaryBootstrap

    x = autoregression(0.3, 360, seed=4) * 0.01 + 0.004
    mine = bootstrap_interval(x, lambda s: s.mean(axis=1), block=8, repetitions=8_000)
    drawn = StationaryBootstrap(8, x, seed=9).apply(np.mean, 2_000).ravel()

    se = x.std() / len(x) ** 0.5
    assert mine == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.25 * se)


def test_the_same_seed_gives_the_same_interval():
    x = autoregression(0.2, 240) + 0.1

    assert bootstrap_interval(x, repetitions=500) == bootstrap_interval(x, repetitions=500)
    assert bootstrap_interval(x, repetitions=500) != bootstrap_interval(x, repetitions=500, seed=1)


def test_the_three_p_values_are_in_order_on_any_data():
    for seed in range(8):
        returns = np.random.default_rng(seed).standard_normal((240, 12)) + 0.05 * (seed - 3)
        found = superiority(returns, repetitions=300)
        assert found.lower <= found.consistent <= found.upper


def test_a_family_with_an_edge_is_told_from_one_without():
    noise = np.random.default_rng(5).standard_normal((480, 20))
    edge = noise.copy()
    edge[:, 3] += 0.3

    assert spa(noise, repetitions=500) > 0.10
    assert spa(edge, repetitions=500) < 0.01


def test_settings_that_never_trade_prove_nothing():
    assert spa(np.zeros((120, 3))) == 1


def test_the_standard_error_is_that_of_statsmodels():
    import statsmodels.api as sm

    generator = np.random.default_rng(6)
    design = np.column_stack([np.ones(300), generator.standard_normal((300, 2))])
    y = design @ [0.1, 0.5, -0.2] + autoregression(0.4, 300, seed=8)
    fit = sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": 3})

    mine = hac_covariance(design, np.asarray(fit.resid), lags=3)

    assert np.sqrt(np.diag(mine)) == pytest.approx(np.asarray(fit.bse), rel=1e-10)
    mean = sm.OLS(y, np.ones(300)).fit(cov_type="HAC", cov_kwds={"maxlags": 3})
    alone = hac_covariance(np.ones((300, 1)), y - y.mean(), lags=3)
    assert np.sqrt(alone[0, 0]) == pytest.approx(float(mean.bse[0]), rel=1e-10)
