"""Golden numbers of the Sharpe-ratio formulas, from the papers and METHOD 5."""

import math

import numpy as np
import pytest

from allocator.evidence import (
    Moments,
    dsr,
    expected_maximum,
    information_ratio,
    luckiest,
    min_trl,
    psr,
)

PAPER = Moments(sharpe=2.5 / math.sqrt(250), n=1250, skew=-3, kurtosis=10)
HALF_A_YEAR = 0.5 / 250  # V = 1/2 annual, per day


def test_the_luckiest_of_a_hundred_tries_is_the_papers():
    assert luckiest(100, HALF_A_YEAR) == pytest.approx(0.113172, abs=5e-7)


@pytest.mark.parametrize(
    ("moments", "trials", "expected"),
    [
        (PAPER, 100, 0.900397),
        (PAPER, 46, 0.950502),
        (Moments(PAPER.sharpe, PAPER.n), 88, 0.950491),
    ],
)
def test_the_deflated_ratio_is_the_papers(moments, trials, expected):
    assert dsr(moments, trials=trials, variance=HALF_A_YEAR) == pytest.approx(expected, abs=5e-7)


def test_the_probabilistic_ratio_is_the_papers():
    assert psr(Moments(0.458, 24, -2.448, 10.164)) == pytest.approx(0.913, abs=5e-4)
    assert psr(Moments(0.458, 24)) == pytest.approx(0.982, abs=5e-4)


@pytest.mark.parametrize(("per_year", "years"), [(250, 2.73), (52, 2.83), (12, 3.24)])
def test_two_against_one_takes_the_papers_years(per_year, years):
    moments = Moments(2 / math.sqrt(per_year), n=1)

    assert min_trl(moments, 1 / math.sqrt(per_year)) / per_year == pytest.approx(years, abs=5e-3)


@pytest.mark.parametrize(
    ("trials", "approximate", "exact"), [(10, 1.5746, 1.5388), (45, 2.2356, 2.2077), (100, 2.5306, 2.5076)]
)
def test_the_expected_maximum_is_the_approximation_not_the_exact_one(trials, approximate, exact):
    assert expected_maximum(trials) == pytest.approx(approximate, abs=5e-5)
    assert expected_maximum(trials) > exact


def test_one_trial_is_no_search():
    assert expected_maximum(1) == 0
    assert dsr(Moments(0.1, 200), trials=1) == psr(Moments(0.1, 200))


def test_the_spread_of_trials_never_falls_below_that_of_worthless_ones():
    moments = Moments(0.11, 468)

    assert dsr(moments, trials=25, variance=0.0) == dsr(moments, trials=25, variance=1 / 467)
    assert dsr(moments, trials=25, variance=4 / 467) < dsr(moments, trials=25)


def test_more_tries_never_raise_the_deflated_ratio():
    values = [dsr(Moments(0.11, 468, -0.5, 6), trials=n) for n in (1, 2, 5, 25, 100, 1000)]

    assert values == sorted(values, reverse=True)


def test_moments_are_those_of_scipy():
    from scipy import stats

    x = np.random.default_rng(7).standard_t(5, size=300)

    moments = Moments.of(x)

    assert moments.skew == pytest.approx(stats.skew(x))
    assert moments.kurtosis == pytest.approx(stats.kurtosis(x, fisher=False))
    assert information_ratio(x) == pytest.approx(math.sqrt(12) * x.mean() / x.std(ddof=1))


def test_a_record_that_never_moved_has_no_ratio():
    assert Moments.of(np.zeros(80)) == Moments(0.0, 80)
