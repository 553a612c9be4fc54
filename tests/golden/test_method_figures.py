"""METHOD 5's reference figures: reproduced within the agreement that METHOD states."""

import datetime as dt

import pytest

from allocator.backtest.backtest import backtest
from allocator.backtest.samples import SAMPLES
from allocator.portfolio.hedge import slope
from allocator.settings import Judgement
from allocator.track_record import panel
from regime.settings import RegimeSettings

pytestmark = pytest.mark.real_data

SCORES = {  # policy_change, credit_level, curve_slope
    "2000-12-29": (-0.86, 2.67, -1.99),
    "2006-07-31": (-1.38, -0.97, -1.27),
    "2008-10-31": (1.82, 3.00, 1.65),
    "2016-02-29": (-0.47, 0.81, -0.54),
    "2019-08-30": (-0.16, -0.75, -2.64),
    "2022-06-30": (-1.99, -0.39, -0.13),
    "2023-12-29": (-0.36, -1.52, -2.34),
}


@pytest.fixture(scope="module")
def now(store):
    return store.as_of(dt.datetime(2024, 3, 1, 23, tzinfo=dt.UTC))


def test_the_three_scores_of_seven_days_agree_to_a_tenth(now):
    past = panel(now, Judgement(), RegimeSettings())

    for day, expected in SCORES.items():
        place = past.days.index(dt.date.fromisoformat(day))
        assert past.scores[place] == pytest.approx(expected, abs=0.1)


@pytest.fixture(scope="module")
def results(now):
    names = ("smb-1985", "smb-2000", "iwm-2000")
    return {name: backtest(now, SAMPLES[name], Judgement(), RegimeSettings(), thorough=False) for name in names}


@pytest.mark.parametrize("name", ["smb-1985", "smb-2000", "iwm-2000"])
def test_the_walk_forward_ratio_agrees_within_two_standard_errors(results, name):
    result = results[name]
    ratio = result.comparisons[0]

    assert ratio.figure == "net IR"
    assert abs(ratio.ours - ratio.reference) < 2 * ratio.standard_error
    assert result.proof.verdict.answer == "no reliable edge"


def test_the_benchmarks_lie_where_method_puts_them(results):
    found = {row.name: row.performance.ir or 0.0 for row in results["smb-1985"].benchmarks}
    standard_error = 0.16

    for name, reference in {
        "policy mix, always neutral": 0.0,
        "static mix at the mean weight": -0.03,
        "12-month relative momentum": -0.15,
        "overweight while easing": 0.22,
    }.items():
        assert found[name] == pytest.approx(reference, abs=2 * standard_error)


def test_the_active_beta_of_small_minus_large_is_near_a_fifth(results):
    found = results["iwm-2000"].walk

    beta = slope(found.difference, found.market, sample="").beta

    assert beta == pytest.approx(0.18, abs=0.06)


def test_a_higher_cost_never_helps_and_a_month_late_is_no_catastrophe(results):
    for result in results.values():
        ratios = [row.performance.ir for row in result.costs]
        assert ratios == sorted(ratios, reverse=True)
        assert abs(result.late.ir - result.net.ir) < 0.2


def test_the_multiplier_makes_the_record_smaller_and_not_better(results):
    for result in results.values():
        assert result.recommended.tracking_error_percent < result.net.tracking_error_percent
        assert (result.multiplied.multiplier <= 1).all()
