"""How a claim is judged, and that its tests find what is there and nothing else."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from allocator.claims import Claim, Finding, Question, examine, verdict_of
from allocator.claims.inference import episodes, equality, mean, slope
from allocator.claims.samples import Sample
from allocator.claims.size import annual_gap
from allocator.claims.structure import UNIVERSE
from signals.asof import AsOf, History
from signals.calendars import cut, holidays
from signals.signal import Gap

QUESTION = Question("small minus large", "% per month", sign=+1, sources=("french:FF3_MONTHLY:SMB",))
FOUND = Finding(QUESTION, dt.date(1990, 1, 1), dt.date(2000, 1, 1), 120, 0.5, (0.1, 0.9), supported=True)
AGAINST = replace(FOUND, supported=False)


def sample(percent):
    percent = np.asarray(percent, dtype=float)
    return Sample("SMB", np.datetime64("1990-01", "M") + np.arange(percent.size), percent, ("x",))


def noise(size, seed=0):
    return np.random.default_rng(seed).standard_normal(size) * 3


def test_every_definition_must_agree():
    context = replace(AGAINST, question=replace(QUESTION, decides=False))

    assert verdict_of((FOUND, FOUND)) == "supported"
    assert verdict_of((AGAINST, AGAINST)) == "not supported"
    assert verdict_of((FOUND, AGAINST)) == "depends on definition"
    assert verdict_of((FOUND, context)) == "supported"
    assert verdict_of((context,)) == "cannot be tested"


def test_a_definition_without_data_is_said_and_decides_nothing():
    gap = Gap("easing", "no funds are held")
    claim = Claim("easing", "says", "test", (lambda _: FOUND, lambda _: gap))

    found = examine(claim, AsOf(cut(dt.date(2000, 1, 3)), {}))

    assert found.outcome == "supported"
    assert found.gaps == (gap,)


@pytest.mark.parametrize(("sign", "supported"), [(+1, True), (-1, False)])
def test_only_the_claimed_side_supports(sign, supported):
    values = sample(noise(400) + 2)

    found = mean(replace(QUESTION, sign=sign), values, np.ones(400, bool))

    assert found.supported is supported
    assert found.interval[0] < found.estimate < found.interval[1]


def test_months_that_do_not_count_change_nothing():
    values, chosen = noise(300, 2), np.zeros(300, bool)
    chosen[100:160] = True
    poisoned = np.where(chosen, values, 1e6)

    assert mean(QUESTION, sample(values), chosen).estimate == mean(QUESTION, sample(poisoned), chosen).estimate
    assert mean(QUESTION, sample(values), chosen).t == pytest.approx(mean(QUESTION, sample(poisoned), chosen).t)


def test_the_mean_of_chosen_months_has_the_error_of_a_dummy_regression():
    import statsmodels.api as sm

    values, chosen = noise(300, 3), noise(300, 4) > 0
    fit = sm.OLS(values, chosen.astype(float)).fit(cov_type="HAC", cov_kwds={"maxlags": 3})

    assert mean(QUESTION, sample(values), chosen).t == pytest.approx(float(fit.tvalues[0]))


def test_a_slope_has_the_t_of_statsmodels_and_ignores_what_was_not_known():
    import statsmodels.api as sm

    x, shocks = noise(240, 5), noise(240, 6)
    y = 0.4 * x + shocks
    fit = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HAC", cov_kwds={"maxlags": 3})
    unknown = np.append(x, np.nan)

    found = slope(QUESTION, sample(np.append(y, 99.0)), np.arange(241), unknown)

    assert found.t == pytest.approx(float(fit.tvalues[1]))
    assert found.n == 240


def test_episodes_are_a_students_t():
    from scipy import stats

    values = noise(9, 7) + 1

    found = episodes(QUESTION, values, sample(values).month)

    expected = stats.ttest_1samp(values, 0)
    assert (found.t, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert found.interval == pytest.approx(tuple(expected.confidence_interval(0.95)))


def test_phases_that_are_alike_are_not_told_apart_and_others_are():
    groups = np.arange(400) % 4
    alike = noise(400, 8)

    assert equality(QUESTION, sample(alike), groups, 4).p > 0.05
    assert equality(QUESTION, sample(alike + 2 * (groups == 1)), groups, 4).p < 0.01


def test_too_few_months_are_no_finding():
    few = np.arange(200) < 4

    assert mean(QUESTION, sample(noise(200)), few) is None
    assert episodes(QUESTION, noise(4), sample(noise(4)).month) is None
    assert slope(QUESTION, sample(noise(59)), np.arange(59), noise(59)) is None


def test_the_annual_gap_is_that_of_compounded_returns():
    small, large = np.full(24, 0.01), np.full(24, 0.005)

    gap = annual_gap(np.log1p(np.column_stack([small, large])))

    assert gap == pytest.approx(100 * (1.01**12 - 1.005**12))


def filings(first: int, last: int, per_day: float, growth: float) -> History:
    """Daily counts of one form on the business days of some years, growing from year to year."""
    days = np.arange(np.datetime64(f"{first}-01-01"), np.datetime64(f"{last + 1}-01-01"))
    days = days[np.is_busday(days, holidays=holidays())]
    year = days.astype("datetime64[Y]").astype(int) + 1970 - first
    return History(days, days.astype("datetime64[us]") + np.timedelta64(27, "h"), per_day * np.exp(growth * year))


@pytest.mark.parametrize(("growth", "supported"), [(0.05, True), (-0.05, False)])
def test_private_offerings_are_counted_against_public_ones_by_whole_years(growth, supported):
    facts = {"edgar:D": filings(2010, 2018, 100, growth), "edgar:S-1": filings(2010, 2018, 10, 0.0)}
    private = facts["edgar:D"]
    there = private.period.astype("datetime64[M]") != np.datetime64("2014-03")
    broken = facts | {"edgar:D": History(private.period[there], private.known_at[there], private.value[there])}

    def finding(facts, day):
        examined = examine(UNIVERSE, AsOf(cut(day), facts))
        return next((one for one in examined.findings if "Form D" in one.question.definition), examined.gaps[-1])

    whole = finding(facts, dt.date(2019, 6, 28))
    assert whole.estimate == pytest.approx(100 * growth, abs=1)
    assert whole.supported is supported
    assert whole.n == 8
    assert finding(broken, dt.date(2019, 6, 28)).n == 6  # neither change into 2014 nor out of it
    assert "not counted here" in finding(facts, dt.date(2014, 6, 30)).reason
