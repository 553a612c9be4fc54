"""Claims and interest bills on invented companies whose right answers are known."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from allocator.claims import CLAIMS, examine
from allocator.claims.financing import CUTS_HELP
from allocator.claims.structure import FLOATING, LEVERAGE
from allocator.interest_bill import InterestBills, bills
from captilt.charts.financing import financing_chart
from captilt.contract.financing import (
    financing_answer,
    interest_bill,
    interest_bill_sentence,
    published_numbers,
    published_sentence,
)
from captilt.contract.record import from_json, to_json
from signals.asof import AsOf
from signals.calendars import cut
from signals.catalog import BY_NAME, SIGNALS
from signals.derived.financing_gap import WAITS
from signals.series.dated_facts import known, quotable
from signals.signal import Gap, Reading, read
from tests.support.financing_facts import facts, view

FINANCING = tuple(signal.name for signal in SIGNALS if signal.family == "financing")


@pytest.fixture(scope="module")
def world():
    return view()


@pytest.fixture(scope="module")
def nothing():
    return AsOf(cut(dt.date(2023, 12, 29)), {})


def test_small_companies_with_more_floating_debt_support_the_claims(world):
    outcomes = {claim.name: examine(claim, world) for claim in (LEVERAGE, FLOATING, CUTS_HELP)}

    assert {name: found.outcome for name, found in outcomes.items()} == dict.fromkeys(outcomes, "supported")
    floating = outcomes["floating_debt"].findings[0]
    assert floating.interval[0] <= 0.4 <= floating.interval[1]
    for measured in outcomes["leverage"].findings:
        assert measured.interval[0] < 2.7 < measured.interval[1] + 0.1


def test_companies_that_are_financed_alike_support_none():
    alike = view(floating=(0.3, 0.3))

    assert examine(FLOATING, alike).outcome == "not supported"


def test_without_filings_the_claims_cannot_be_tested_and_say_so(nothing):
    for claim in (LEVERAGE, FLOATING, CUTS_HELP):
        found = examine(claim, nothing)

        assert claim in CLAIMS
        assert found.outcome == "cannot be tested"
        assert any("captilt filings fetch" in gap.reason for gap in found.gaps)


def test_the_interest_bill_is_floating_share_times_leverage(world):
    found = bills(world, -100.0)

    assert isinstance(found, InterestBills)
    leverage = world.latest("filings:debt_ebitda:small").value[-1]
    assert found.small.percent_of_ebitda == pytest.approx(0.5 * leverage, rel=0.05)
    assert found.gap.percent_of_ebitda == found.small.percent_of_ebitda - found.large.percent_of_ebitda
    low, high = found.gap.band()
    assert low < found.gap.percent_of_ebitda < high


def test_the_interest_bill_in_words(world, nothing):
    assert "100 bp lower saves small companies" in interest_bill_sentence(interest_bill(world))
    assert WAITS in interest_bill_sentence(interest_bill(nothing))


def test_every_series_has_small_large_and_gap_with_error_companies_and_coverage(world):
    answer = financing_answer(world)

    assert len(answer.rows) == 10
    for row in answer.rows:
        assert row.gap.value == row.small.value - row.large.value
        assert row.gap.interval[0] <= row.gap.value <= row.gap.interval[1]
        assert row.small.companies >= 30
        assert 0 < row.small.coverage <= 1


def test_the_answer_reads_back_and_says_when_nothing_was_fetched(world, nothing):
    for answer in (financing_answer(world), financing_answer(nothing)):
        assert to_json(from_json(type(answer), to_json(answer))) == to_json(answer)
    assert "captilt filings fetch" in financing_answer(nothing).reason
    assert financing_answer(nothing).rows == ()


@pytest.mark.parametrize("name", FINANCING)
def test_a_financing_signal_reports_and_scores_nothing(name, world):
    signal = BY_NAME[name]
    found = read(signal, world)

    assert signal.report_only
    assert isinstance(found, Reading | Gap)
    lines = signal.detail(world.only(signal.inputs))
    assert len(lines) == 2
    assert all("standard error" in line and "companies" in line for line in lines)


@pytest.mark.parametrize("name", FINANCING)
def test_without_filings_a_financing_signal_waits_for_the_first_fetch(name, nothing):
    found = read(BY_NAME[name], nothing)

    assert isinstance(found, Gap)
    assert found.reason == WAITS


def test_the_gap_of_the_floating_share_is_measured(world):
    found = read(BY_NAME["floating_rate_gap"], world)

    assert isinstance(found, Reading)
    assert found.raw == pytest.approx(0.4, abs=0.05)


def test_an_expired_quotation_goes_once_its_measure_is_known(world, nothing):
    day = dt.date(2023, 12, 29)
    expired = {fact.name for fact in known(day) if fact.expired(day) and fact.measured}

    assert expired == {"leverage_small", "leverage_large"}
    assert {fact.name for fact in quotable(nothing)} == {fact.name for fact in known(day)}
    assert {fact.name for fact in quotable(world)} == {fact.name for fact in known(day)} - expired


def test_what_others_published_stands_beside_the_measured_share(world):
    answer = replace(financing_answer(world), published=published_numbers(dt.date(2026, 11, 25)))
    shares = [one.value for one in answer.published if (one.measure, one.group) == ("pass_through", "small")]

    assert shares == [30.0, 36.0, 40.0]
    assert all(one.expired for one in answer.published)
    assert "45 %" in published_sentence(answer)
    assert "36 % debt of small companies" in published_sentence(answer)


def test_a_chart_needs_filings(world, nothing):
    chart = financing_chart(world)

    assert chart.count("<svg") == 1
    assert "net debt of 3." in chart
    assert financing_chart(nothing) == ""


def test_a_series_does_not_change_with_filings_that_come_later():
    whole = facts()
    early = view(dt.date(2019, 6, 28))
    for name in ("filings:pass_through:small", "filings:net_debt_ebitda:large"):
        later = whole[name].until(np.datetime64("2019-06-28T22:00"))

        assert np.array_equal(early.latest(name).value, later.latest().value)
