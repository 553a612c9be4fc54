"""METHOD's reference figures: reproduced within the agreement that METHOD states."""

import datetime as dt
from dataclasses import replace

import pytest

from allocator import method_1
from allocator.backtest.backtest import backtest
from allocator.backtest.samples import SAMPLES
from allocator.decide import decide
from allocator.evidence.sharpe import Moments, dsr
from allocator.evidence.year_ahead import year_ahead
from allocator.portfolio.hedge import slope
from allocator.settings import ForecastSettings, Judgement
from allocator.track_record import month_end_panel, named_signals, opinion_at, walk_forward_record
from regime.settings import RegimeSettings
from signals.calendars import cut

pytestmark = pytest.mark.real_data

REGIME = RegimeSettings()
SCORES = {  # policy_change, credit_level, curve_slope
    "2000-12-29": (-0.86, 2.67, -1.99),
    "2006-07-31": (-1.38, -0.97, -1.27),
    "2008-10-31": (1.82, 3.00, 1.65),
    "2016-02-29": (-0.47, 0.81, -0.54),
    "2019-08-30": (-0.16, -0.75, -2.64),
    "2022-06-30": (-1.99, -0.39, -0.13),
    "2023-12-29": (-0.36, -1.52, -2.34),
}
WISHES = {  # raw wish, and the tilt of a desk that always accepted; points
    "2000-12-29": (1.60, 0.48),
    "2006-07-31": (-4.72, -2.27),
    "2008-10-31": (15.73, 7.98),
    "2009-03-31": (10.18, 6.95),
    "2016-02-29": (0.88, -0.24),
    "2019-08-30": (-2.95, -3.30),
    "2020-03-31": (22.53, 9.94),
    "2022-06-30": (-8.86, -4.34),
    "2023-12-29": (-6.13, -4.88),
}
MULTIPLIERS = {
    "1990-12-31": 0.500,
    "1995-12-29": 0.510,
    "2000-12-29": 0.559,
    "2008-12-31": 0.575,
    "2012-12-31": 0.581,
    "2019-12-31": 0.593,
    "2023-12-29": 0.635,
}
METHOD_1 = {  # computed by the version that was in force: held, recommended, wanted, multiplier, raw, months
    "2000-12-29": (0.20, 0.0, 0.134273, 0.117438, 1.143354, 190),
    "2009-03-31": (0.20, 0.0, 2.081310, 0.197675, 10.528966, 289),
    "2020-03-23": (0.25, 5.0, 3.849042, 0.256603, 27.180887, 421),
    "2022-06-30": (0.20, -1.575779, -3.884790, 0.455230, -8.533682, 448),
}


@pytest.fixture(scope="module")
def now(store):
    return store.as_of(dt.datetime(2024, 3, 1, 23, tzinfo=dt.UTC))


@pytest.fixture(scope="module")
def freely():
    """METHOD's figures are without the smallest trade."""
    plain = Judgement()
    return replace(plain, tilt=replace(plain.tilt, smallest_trade_points=0.0))


@pytest.fixture(scope="module")
def record(now, freely):
    return walk_forward_record(now, freely, REGIME)


def test_the_three_scores_of_seven_days_agree_to_a_tenth(now):
    past = month_end_panel(now, Judgement(forecast=ForecastSettings(signals=tuple(method_1.SIGNALS))), REGIME)

    for day, expected in SCORES.items():
        row = past.days.index(dt.date.fromisoformat(day))
        assert past.scores[row] == pytest.approx(expected, abs=0.1)


def test_the_raw_wishes_and_tilts_of_nine_days_agree_to_half_a_point(now, freely, record):
    past = month_end_panel(now, freely, REGIME)
    decided = [day.isoformat() for day in record.decided.tolist()]

    for day, (raw, points) in WISHES.items():
        formed = opinion_at(now, past, past.days.index(dt.date.fromisoformat(day)), freely)
        assert formed.raw_points == pytest.approx(raw, abs=0.5)
        assert record.points[decided.index(day)] == pytest.approx(points, abs=0.5)


def test_the_multiplier_of_seven_year_ends(record):
    decided = [day.isoformat() for day in record.decided.tolist()]

    for day, expected in MULTIPLIERS.items():
        assert record.multiplier[decided.index(day)] == pytest.approx(expected, abs=0.01)


def test_of_each_point_forecast_about_two_came_true_with_a_wide_error(record):
    share = record.share()

    assert share.slope == pytest.approx(1.93, abs=0.15)
    assert share.se == pytest.approx(0.77, abs=0.05)
    assert share.se == max(share.hodrick_se, share.hac_se)


def test_the_twelve_month_sentence_of_both_halves(record):
    half = 228
    parts = {"early": slice(0, half), "late": slice(half, None)}
    found = {
        name: year_ahead(
            name,
            record.decided[part],
            record.forecast[part],
            record.probability[part],
            record.following[slice(part.start, None if part.stop is None else part.stop + 11)],
        )
        for name, part in parts.items()
    }
    expected = {"early": (2.32, 1.96, 0.109, 0.72, -0.040), "late": (1.59, 1.55, 0.147, 0.71, -0.046)}

    for name, (slope_, t, r2, hit, coin) in expected.items():
        judged = found[name]
        assert judged.slope == pytest.approx(slope_, abs=0.15)
        assert judged.t == pytest.approx(t, abs=0.15)
        assert judged.r2_against_zero == pytest.approx(r2, abs=0.02)
        assert judged.hit_rate == pytest.approx(hit, abs=0.03)
        assert judged.log_score_minus_coin == pytest.approx(coin, abs=0.006)
    assert [part.given for part in found["early"].reliability] == pytest.approx(
        [0.40, 0.47, 0.50, 0.53, 0.59], abs=0.015
    )


@pytest.mark.parametrize("day", METHOD_1)
def test_method_1_comes_out_as_it_did_when_it_was_in_force(now, day):
    held, points, wanted, multiplier, raw, months = METHOD_1[day]
    judgement = method_1.defaults()

    found = decide(now.at(cut(dt.date.fromisoformat(day))), held, judgement, REGIME, catalogue=named_signals(judgement))

    assert found.recommendation.active_weight_points == pytest.approx(points, abs=1e-6)
    assert found.wanted_points == pytest.approx(wanted, abs=1e-6)
    assert found.evidence.multiplier.value == found.evidence.sharpe.dsr == pytest.approx(multiplier, abs=1e-6)
    assert found.opinion.raw_points == pytest.approx(raw, abs=1e-6)
    assert (found.evidence.sharpe.months, found.evidence.sharpe.trials.count) == (months, 120)


@pytest.fixture(scope="module")
def results(now, freely):
    return {name: backtest(now, SAMPLES[name], freely, REGIME, thorough=False) for name in ("smb-1985", "iwm-2000")}


@pytest.mark.parametrize("name", ["smb-1985", "iwm-2000"])
def test_the_recommended_tilt_agrees_within_its_standard_error(results, name):
    result = results[name]
    ours = {row.figure: row for row in result.comparisons}

    assert abs(ours["net IR"].ours - ours["net IR"].reference) < ours["net IR"].standard_error
    assert abs(ours["active return, bp/y"].ours - ours["active return, bp/y"].reference) < 5
    assert ours["tracking error, %/y"].ours == pytest.approx(ours["tracking error, %/y"].reference, abs=0.03)
    size = ours["mean size of the tilt, points"]
    assert size.ours == pytest.approx(size.reference, abs=0.2)
    assert ours["drawdown, bp"].ours == pytest.approx(ours["drawdown, bp"].reference, abs=8)
    assert result.proof.verdict.answer == "no reliable edge"
    assert result.last == dt.date(2023, 10, 31)
    assert result.last_outcome == dt.date(2023, 12, 1)


def test_the_regime_part_costs_a_little(results):
    for result in results.values():
        by_name = {row.name: row.performance for row in result.variants}
        assert 0 < by_name["without the regime"].active_return_bp - by_name["as set"].active_return_bp < 4


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


def test_the_multiplier_makes_the_record_smaller(results):
    for result in results.values():
        assert result.net.tracking_error_percent < result.unscaled.tracking_error_percent
        assert (result.walk.multiplier <= 1).all()
        assert result.stances.neutral + result.stances.overweight + result.stances.underweight == pytest.approx(1)


@pytest.mark.parametrize(
    ("annual_ratio", "tries_apart", "expected"),
    [(0.42, 0.0, 0.84), (0.393, 0.0, 0.79), (0.361, 0.0, 0.725), (0.393, 0.18, 0.725)],
)
def test_the_reference_deflated_sharpe_ratio_is_this_formula_on_another_ratio_or_wider_tries(
    annual_ratio, tries_apart, expected
):
    record = Moments(annual_ratio / 12**0.5, n=467, skew=0.5, kurtosis=9.0)

    assert dsr(record, trials=11.9, variance=tries_apart**2 / 12) == pytest.approx(expected, abs=0.006)
