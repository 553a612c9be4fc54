"""METHOD 4: the multiplier is a declared half, moved slightly by the record."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.evidence.multiplier import following_sums, multiplier_of, posterior, realised_share

DAY = dt.date(2023, 12, 29)


def test_the_golden_posterior():
    value, weight = posterior(1.94, 0.77)

    assert value == pytest.approx(0.637321, abs=5e-7)
    assert weight == pytest.approx(0.0954, abs=5e-5)


def test_the_golden_slope_and_both_standard_errors():
    share = realised_share(np.array([1.0, -1, 2]), np.array([1.0, 2, -1, 3]), horizon=2, lags=1)

    assert share.slope == 1.0
    assert share.hodrick_se == pytest.approx(38**0.5 / 6, abs=1e-12)
    assert share.hac_se == pytest.approx(1 / 3, abs=1e-12)
    assert share.se == share.hodrick_se
    assert share.t == pytest.approx(6 / 38**0.5)


def test_what_has_not_matured_counts_nowhere():
    forecast, monthly = np.array([1.0, -1, 2]), np.array([1.0, 2, -1, 3])

    later = realised_share(np.append(forecast, [9.0, -9.0]), np.append(monthly, np.nan), horizon=2, lags=1)

    assert later == realised_share(forecast, monthly, horizon=2, lags=1)


def test_a_month_without_a_forecast_says_nothing():
    whole = realised_share(np.array([1.0, np.nan, 2]), np.array([1.0, 2, -1, 3]), horizon=2)

    assert whole.months == 2
    assert whole.slope == pytest.approx((3 + 4) / 5)


def test_under_sixty_matured_months_the_declared_half_stands():
    random = np.random.default_rng(1)
    forecast, monthly = random.normal(size=100), random.normal(size=100)

    short = multiplier_of(realised_share(forecast[:70], monthly[:70]), DAY)
    enough = multiplier_of(realised_share(forecast[:71], monthly[:71]), DAY)

    assert (short.value, short.not_evaluated, short.share.months) == (0.5, True, 59)
    assert (enough.not_evaluated, enough.share.months) == (False, 60)
    assert enough.value != 0.5


@given(st.floats(-20, 20), st.floats(0.01, 20))
@settings(max_examples=50)
def test_the_multiplier_lies_between_nothing_and_all(slope, se):
    value, weight = posterior(slope, se)

    assert 0 <= value <= 1
    assert 0 < weight < 1
    assert (value - 0.5) * (slope - 0.5) >= 0


def test_before_the_first_forecast_the_record_is_empty():
    assert multiplier_of(realised_share(np.zeros(0), np.zeros(0)), DAY).value == 0.5
    assert realised_share(np.array([1.0]), np.array([np.nan])).months == 0


def test_sums_of_what_follows_end_where_knowledge_ends():
    assert following_sums(np.array([1.0, 2, np.nan, 3]), 2).tolist()[0] == 3.0
    assert np.isnan(following_sums(np.array([1.0, 2, np.nan, 3]), 2)[1:]).all()
