"""Promises of every registered claim, on the real data."""

import datetime as dt

import numpy as np
import pytest

from allocator.claims import CLAIMS, examined
from allocator.claims.samples import SMB_MONTHLY, indices
from signals.asof import AsOf
from signals.calendars import cut
from tests.support.later_facts import poison

NOW, TEN_YEARS_AGO = dt.date(2023, 12, 29), dt.date(2013, 12, 31)
OUTCOMES = {"supported", "not supported", "depends on definition", "cannot be tested"}


@pytest.fixture(scope="module")
def today(store):
    return {each.claim.name: each for each in examined(store.as_of(cut(NOW)))}


def numbers(found):
    return {f.question.definition.split(" (")[0].split(", last")[0]: f for f in found.findings}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_claim_says_what_it_claims_how_it_is_tested_and_on_what(claim, today):
    found = today[claim.name]

    assert claim.says
    assert claim.test
    assert found.outcome in OUTCOMES
    for each in found.findings:
        assert np.isfinite(each.estimate)
        assert each.question.sources
        assert each.first < each.last
        assert each.n > 0
        assert each.interval is None or each.interval[0] < each.interval[1]
        assert each.interval is not None or each.p is not None


def test_a_size_pair_of_one_s_own_stands_beside_the_registered_tests_and_decides_nothing(store, today):
    mine = {each.claim.name: each for each in examined(store.as_of(cut(NOW)), ("IJH", "IWB"))}

    for name, found in mine.items():
        own = [f for f in found.findings if f.question.definition.startswith("IJH minus IWB")]
        assert [f for f in found.findings if f not in own] == list(today[name].findings)
        assert found.outcome == today[name].outcome
        assert len(own) == len(found.claim.of_pair)
        assert not any(finding.question.decides for finding in own)
    assert {name for name, found in mine.items() if found.claim.of_pair} == {
        "easing", "policy_change", "widening", "spread_level", "dealmaking", "january",
    }  # fmt: skip


def test_claims_about_us_companies_are_not_tried_on_another_country(store, today):
    abroad = examined(store.as_of(cut(NOW)), ("SCZ", "EFA"))

    assert [found.findings for found in abroad] == [found.findings for found in today.values()]


SAME = "Russell 2000 minus Russell 1000, months of easing, label of the month before"  # none in 2014 to 2018
YOUNG = ("small over large, ", "share of small-cap funds", "after strong deal advisers")  # too few years in 2013


def test_every_number_moves_when_the_data_end_ten_years_earlier(store, today):
    earlier = {each.claim.name: each for each in examined(store.as_of(cut(TEN_YEARS_AGO)))}

    for name, now in today.items():
        then = numbers(earlier[name])
        for definition, found in numbers(now).items():
            if definition == SAME:
                continue
            if any(words in definition for words in YOUNG):
                assert definition not in then
                continue
            assert definition in then, f"{name}: {definition} could not be tested ten years earlier"
            assert found.estimate != then[definition].estimate, f"{name}: {definition} does not come from the data"
            assert found.n != then[definition].n or found.first != then[definition].first


def test_what_was_learned_later_changes_no_number(store):
    moment = cut(TEN_YEARS_AGO)
    whole = store.as_of(cut(NOW))

    clean, dirty = examined(whole.at(moment)), examined(AsOf(moment, lambda name: poison(whole.history(name), moment)))

    assert [each.findings for each in clean] == [each.findings for each in dirty]


def test_an_empty_store_supports_nothing():
    found = examined(AsOf(cut(NOW), {}))

    assert {each.outcome for each in found} == {"cannot be tested"}
    assert all(gap.reason for each in found for gap in each.gaps)


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [
        ("easing", "not supported"),
        ("first_cut", "not supported"),
        ("january", "depends on definition"),
        ("small_lagged", "depends on definition"),
        ("widening", "not supported"),
        ("spread_level", "supported"),
        ("dealmaking", "not supported"),
        ("leverage", "depends on definition"),
        ("floating_debt", "cannot be tested"),
        ("passive_share", "cannot be tested"),
        ("universe", "supported"),
        ("own_risk", "supported"),
        ("managers", "not supported"),
        ("factor_and_index", "supported"),
    ],
)
def test_the_folklore_fares_as_method_reports(today, claim, outcome):
    assert today[claim].outcome == outcome


def test_the_numbers_are_near_methods_reference(today):
    """METHOD 0 goes to 2025 and 2026; these are the same tests on what is known at the end of 2023."""
    easing = [f for f in today["easing"].findings if "months of easing" in f.question.definition]
    policy = today["policy_change"].findings
    january = {f.question.definition: f for f in today["january"].findings}

    assert easing[0].estimate == pytest.approx(-0.03, abs=0.15)
    assert [f.t for f in policy if f.question.decides] == pytest.approx([-3.1, -3.0, -1.9], abs=0.5)
    assert january["SMB in January, oldest quarter of the record since 1963"].estimate == pytest.approx(4.1, abs=0.3)
    assert all(2.4 < f.t < 4 for f in today["spread_level"].findings if f.question.decides)
    assert today["first_cut"].findings[0].question.definition.endswith("(5 of 9 positive)")


def test_leverage_is_once_to_twice_that_of_large_companies_by_the_definition_of_small(today):
    times = [f.estimate for f in today["leverage"].findings if f.question.decides]

    assert len(times) == 3
    assert min(times) < 1 < max(times) < 2


def test_the_factor_and_the_index_move_together(today):
    """1979-01 to 2018-12: the mean difference is not distinguishable from zero, the correlation is .94."""
    difference, correlation, funds = today["factor_and_index"].findings

    assert (difference.n, difference.supported) == (480, True)
    assert correlation.estimate == pytest.approx(0.94, abs=0.01)
    assert abs(funds.estimate) < 0.05


def test_what_cannot_be_tested_says_why_and_quotes_only_what_was_published(store):
    before, after = (
        {each.claim.name: each for each in examined(store.as_of(cut(day)))}
        for day in (dt.date(2019, 4, 30), dt.date(2019, 6, 28))
    )

    assert all("because" in before[name].gaps[0].reason for name in ("floating_debt", "passive_share"))
    assert "Morningstar" not in before["passive_share"].gaps[0].reason
    assert "Morningstar" in after["passive_share"].gaps[0].reason


def test_the_factor_agrees_with_the_russell_indices_since_1979(store):
    """SMB stands in for the funds before 2000: what the indices earned then must be much the same."""
    view = store.as_of(cut(NOW))
    russell, factor = indices(view), view.latest(SMB_MONTHLY)
    month = factor.period.astype("datetime64[M]")
    shared = np.intersect1d(russell.month, month)
    index, smb = russell.percent[np.isin(russell.month, shared)], factor.value[np.isin(month, shared)]

    assert (str(shared[0]), shared.size) == ("1979-01", 480)
    assert np.corrcoef(index, smb)[0, 1] > 0.93
    assert abs(index.mean() - smb.mean()) < 2 * (index - smb).std() / shared.size**0.5
