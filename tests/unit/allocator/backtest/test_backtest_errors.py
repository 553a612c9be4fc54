"""What cannot be back-tested says so, with the values seen and what to do."""

import datetime as dt

import pytest

from allocator.backtest.backtest import backtest, demand_room, schedule
from allocator.backtest.samples import SAMPLES, Sample
from allocator.settings import ForecastSettings, Judgement, TiltSettings
from allocator.track_record import named_signals
from regime.settings import RegimeSettings
from signals.calendars import cut, session_on_or_before
from signals.errors import NoAdvice, UsageError


def test_a_largest_tilt_inside_the_band_is_refused():
    with pytest.raises(UsageError, match=r"max_active_points is 1, below the no-trade band of 1\.1 points"):
        demand_room(Judgement(tilt=TiltSettings(max_active_points=1.0)))


def test_a_signal_that_does_not_exist_is_named():
    with pytest.raises(UsageError, match="tea_leaves"):
        named_signals(Judgement(forecast=ForecastSettings(signals=("policy_change", "tea_leaves"))))


def test_a_signal_that_is_only_reported_cannot_enter_the_forecast():
    with pytest.raises(UsageError, match="rate_beta"):
        named_signals(Judgement(forecast=ForecastSettings(signals=("rate_beta",))))


@pytest.mark.real_data
def test_a_history_of_a_few_months_is_too_short(store):
    late = Sample("late", "IWM", "SPY", dt.date(2023, 1, 1))

    with pytest.raises(NoAdvice, match=r"too short: \d+ decisions with a known outcome, 24 are needed"):
        backtest(store.as_of(cut(dt.date(2023, 12, 29))), late, Judgement(), RegimeSettings(), thorough=False)


@pytest.mark.real_data
def test_a_pair_without_prices_is_named(store):
    ghost = Sample("ghost", "NOPE", "SPY", dt.date(2000, 1, 1))

    with pytest.raises(NoAdvice, match="no price of NOPE"):
        backtest(store.as_of(cut(dt.date(2023, 12, 29))), ghost, Judgement(), RegimeSettings(), thorough=False)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("every", "fewest", "most"), [("month", 12, 12), ("quarter", 4, 4), ("week", 51, 53), ("day", 249, 253)]
)
def test_every_schedule_decides_on_sessions_known_by_then(store, every, fewest, most):
    view = store.as_of(cut(dt.date(2019, 3, 13)))
    days = [
        day
        for day in schedule(view, Sample("x", "IWM", "SPY", dt.date(2000, 1, 1), schedule=every))
        if day.year == 2018
    ]

    assert fewest <= len(days) <= most
    assert all(day == session_on_or_before(day) for day in days)


@pytest.mark.parametrize("weight", [-0.1, 1.2])
def test_a_policy_weight_outside_nothing_and_everything_is_refused(weight):
    from allocator.settings import PortfolioSettings

    with pytest.raises(ValueError, match="policy_weight"):
        PortfolioSettings(policy_weight=weight)


def test_every_declared_sample_can_be_named():
    assert set(SAMPLES) == {"smb-1969", "smb-1985", "smb-2000", "iwm-2000", "ijr-2000"}
