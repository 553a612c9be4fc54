"""Alpha after factors and after luck: arithmetic on made-up returns whose truth is known."""

import numpy as np
import pytest

from allocator.portfolio.factor_alpha import factor_alpha, false_discovery, luck, mean_difference

MONTHS = 240


def made(seed, *, alpha=0.0, value=0.0, noise=1.0):
    """Differences with a known alpha (percent per month) and a known tilt to value, and their factors."""
    random = np.random.default_rng(seed)
    factors = random.normal(0, 3, (MONTHS, 5))
    return alpha + value * factors[:, 2] + random.normal(0, noise, MONTHS), factors


def test_a_tilt_is_taken_out_of_alpha_and_named():
    difference, factors = made(1, value=0.5)
    factors[:, 2] += 2.0  # value earns two percent a month
    difference += 1.0

    raw, t_raw = mean_difference(difference)
    left = factor_alpha(difference, factors)

    assert raw > 4
    assert t_raw > 2
    assert abs(left.t) < 2
    assert {name: slope for name, slope, _ in left.loadings}["value"] == pytest.approx(0.5, abs=0.1)


def test_months_without_factors_are_left_out_and_too_few_give_none():
    difference, factors = made(2, alpha=0.3)
    difference[:10] = np.nan
    factors[-20:] = np.nan

    assert factor_alpha(difference, factors).months == MONTHS - 30
    assert factor_alpha(difference[:45], factors[:45]) is None


def test_a_panel_without_skill_shows_what_luck_shows_and_one_good_fund_is_found():
    _, factors = made(3)
    random = np.random.default_rng(4)
    differences = random.normal(0, 1, (MONTHS, 20))
    differences[:, 7] += 0.5
    differences[:100, 3] = np.nan

    result = luck(differences, factors, repetitions=500)

    assert [fund for fund, different in enumerate(result.different) if different] == [7]
    assert result.p[7] < 0.01
    assert 1.2 < result.largest_by_luck < 2.6  # the best of twenty funds without skill
    assert result.sd_by_luck == pytest.approx(1.0, abs=0.15)


def test_the_same_record_gives_the_same_p_values():
    difference, factors = made(5)

    assert luck(difference[:, None], factors, repetitions=50) == luck(difference[:, None], factors, repetitions=50)


def test_ordinary_t_agrees_with_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    difference, factors = made(6, alpha=0.1, value=0.2)

    ours = factor_alpha(difference, factors)
    theirs = sm.OLS(difference, sm.add_constant(factors)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": False}
    )

    assert ours.alpha == pytest.approx(12 * theirs.params[0], rel=1e-9)
    assert ours.t == pytest.approx(theirs.tvalues[0], rel=1e-6)


def test_false_discoveries_are_held_at_the_level():
    assert false_discovery([0.001, 0.02, 0.5, float("nan")], level=0.05) == (True, True, False, False)
    assert false_discovery([0.04, 0.9, 0.8, 0.7], level=0.05) == (False, False, False, False)
