"""The floating share out of interest bills, and what a cut saves."""

import numpy as np
import pytest

from signals.filings.interest_bill import Funding, interest_saved, small_less_large
from signals.filings.pass_through import PolicyRate, pass_through


def test_the_average_of_a_year_by_hand():
    policy = PolicyRate(np.array(["2014-01-01", "2015-07-02"], "datetime64[D]"), np.array([1.0, 3.0]))

    assert policy.mean_of_year(np.array(["2015-12-31"], "datetime64[D]"))[0] == pytest.approx((182 * 1 + 183 * 3) / 365)
    assert policy.mean_of_year(np.array(["2014-12-31"], "datetime64[D]"))[0] == 1.0
    assert np.isnan(policy.mean_of_year(np.array(["2014-06-30"], "datetime64[D]"))[0])


def policy_path(quarters: int = 60) -> np.ndarray:
    """Yearly changes of a rate that goes up and down over the years; percentage points."""
    level = 2.5 + 2.5 * np.sin(np.arange(quarters + 4) / 4)
    return level[4:] - level[:-4]


def test_the_share_is_recovered_with_an_error_that_covers_it():
    made = np.random.default_rng(3)
    x = policy_path()
    hits = 0
    for _ in range(200):
        noise = np.convolve(made.normal(0, 0.15, x.size + 3), np.ones(4) / 2, mode="valid")
        low, high = pass_through(0.4 * x + noise, x).band()
        hits += low <= 0.4 <= high

    assert 175 <= hits <= 198  # of 200: near 95 %


def test_a_rate_that_did_not_move_measures_nothing():
    assert np.isnan(pass_through(np.full(40, 0.1), np.full(40, 0.0)).slope)


def test_a_short_record_measures_nothing():
    x = policy_path()[:11]

    assert np.isnan(pass_through(0.4 * x, x).slope)


def test_unknown_quarters_are_left_out():
    x = policy_path()
    y = 0.4 * x
    y[5:9] = np.nan

    assert pass_through(y, x).slope == pytest.approx(0.4)


@pytest.mark.parametrize("delay", [0, 1, 3])
def test_the_delay_that_fits_best_is_told(delay):
    x = policy_path()
    y = 0.4 * np.concatenate([np.zeros(delay), x[: x.size - delay]])

    assert pass_through(y, x).delay_quarters == delay


def test_interest_saved_by_hand():
    small = interest_saved(Funding(4.0, 0.2, 0.5, 0.1, 2), -100)
    large = interest_saved(Funding(2.0, 0.0, 0.1, 0.05, 1), -100)
    gap = small_less_large(small, large)

    assert small.percent_of_ebitda == 2.0
    assert small.standard_error == pytest.approx(np.hypot(0.1 * 4, 0.5 * 0.2))
    assert large.percent_of_ebitda == pytest.approx(0.2)
    assert gap.percent_of_ebitda == pytest.approx(1.8)
    assert gap.standard_error == pytest.approx(np.hypot(small.standard_error, 0.1))
    assert gap.delay_quarters == 2


def test_a_hike_costs_what_a_cut_saves():
    funding = Funding(4.0, 0.2, 0.5, 0.1, 2)

    assert interest_saved(funding, 50).percent_of_ebitda == -interest_saved(funding, -50).percent_of_ebitda
