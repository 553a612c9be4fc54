"""What the signals measure, on numbers made for the purpose and on the real ones."""

import datetime as dt

import numpy as np
import pytest

from signals.asof import AsOf, History
from signals.calendars import CUT, cut, instants, sessions_between
from signals.catalog import BY_NAME, financial_conditions, ipo_window, valuation_gap
from signals.derived.filing_counts import unusual
from signals.derived.small_minus_large import HIGH, LOW, relative
from signals.new_york import instant
from signals.scoring.points import MONTHS_A_YEAR, all_month_cuts, one
from signals.scoring.rolling import market_residual
from signals.scoring.vintages import as_seen
from signals.signal import Gap, Reading, read

DAY = dt.date(2003, 1, 31)


def prices(days: np.ndarray, start: float, steps: np.ndarray) -> History:
    return History.of(days, instants(days, dt.time(16, 15)), start * np.exp(np.append(0.0, np.cumsum(steps))))


@pytest.mark.parametrize("start", [1.0, 0.02, 7000.0])
def test_a_joined_level_changes_as_its_parts_do_whatever_the_funds_start_at(start: float) -> None:
    days = sessions_between(dt.date(1999, 1, 4), DAY)
    random = np.random.default_rng(5)
    small, large = random.normal(0.0, 0.01, (2, days.size))
    portfolio = {
        name: History.of(days, instants(days + 56, CUT), 100 * np.expm1(steps))
        for name, steps in ((LOW, small), (HIGH, large))
    }
    begins = int(np.searchsorted(days, np.datetime64("2000-05-26")))
    funds = {
        "yahoo:IWM:close": prices(days[begins:], start, small[begins + 1 :]),
        "yahoo:SPY:close": prices(days, 1.0, large[1:]),
    }

    joined = relative(AsOf(cut(DAY), portfolio | funds))

    assert joined.period.tolist() == days.tolist()
    assert np.diff(joined.value) == pytest.approx((small - large)[1:], abs=1e-12)


def test_the_five_year_return_over_the_join_is_that_of_both_records(store) -> None:
    """Without rebasing it was -72.4 %; the return of the session of the join itself is 0.2."""
    view = store.as_of(cut(DAY))

    assert valuation_gap.five_years(view, one(view.moment)).value[0] == pytest.approx(-0.9, abs=0.3)


@pytest.mark.parametrize(("fund", "most"), [("MNA", 0.3), ("MRGR", 0.3)])
def test_merger_arbitrage_is_not_the_market_upside_down(store, fund: str, most: float) -> None:
    view = store.as_of(cut(dt.date(2023, 12, 29)))
    moments = all_month_cuts()
    moments = moments[(moments > np.datetime64("2014-01-01")) & (moments <= instant(view.moment))]
    view = AsOf(view.moment, {name: view.history(name) for name in _prices(fund) + _prices("SPY")})

    own = ipo_window.own_growth(view, fund, moments).value
    spy = view.latest("yahoo:SPY:adj_close")
    level = spy.value[np.searchsorted(spy.period, moments.astype("datetime64[D]"), side="right") - 1]
    market = np.append(np.full(6, np.nan), np.log(level[6:] / level[:-6]))
    both = np.isfinite(own) & np.isfinite(market)

    assert both.sum() > 90
    assert abs(np.corrcoef(own[both], market[both])[0, 1]) < most


def _prices(ticker: str) -> list[str]:
    return [f"yahoo:{ticker}:{part}" for part in ("adj_close", "close", "dividend", "split")]


def test_a_fund_that_is_only_the_market_has_no_growth_of_its_own() -> None:
    days = sessions_between(dt.date(2010, 1, 4), dt.date(2013, 12, 31))
    steps = np.random.default_rng(2).normal(0.0, 0.01, days.size - 1)
    known = instants(days, dt.time(16, 15))
    market = History.of(days, known, np.append(0.0, np.cumsum(steps)))
    extra = np.append(0.0, np.cumsum(np.full(days.size - 1, 0.0002)))
    fund = History.of(days, known, 1.3 * market.value + extra)

    own = market_residual(fund, market, window=252, span=126)

    assert own.period[0] == days[252 + 126]
    assert own.value == pytest.approx(126 * 0.0002, abs=1e-6)


def test_months_are_compared_with_the_same_months_of_earlier_years() -> None:
    """A strong season alone says nothing; twice the usual number in it says log 2."""
    month = np.arange("1980-01", "1996-01", dtype="datetime64[M]")
    counts = np.where(month.astype(int) % MONTHS_A_YEAR == 5, 999.0, 99.0)
    counts[-7] = 2 * 1000.0 - 1
    log = History.of(month.astype("datetime64[D]"), month.astype("datetime64[us]") + np.timedelta64(60, "D"), counts)

    found = unusual(log, summed=1, a_year=MONTHS_A_YEAR, years=10)

    assert found.period[0] == np.datetime64("1985-01-01")
    assert found.value[-7] == pytest.approx(np.log(2))
    assert np.delete(found.value, -7) == pytest.approx(0.0)


def test_few_companies_came_to_market_in_2009_and_many_in_2021(store) -> None:
    leg = ipo_window.SCORE.legs[0]
    few, many = (leg.answer(store.as_of(cut(day))) for day in (dt.date(2009, 4, 30), dt.date(2021, 6, 30)))

    assert isinstance(few, Reading)
    assert isinstance(many, Reading)
    assert few.score < -1 < 1 < many.score


def vintage(day: str, values: np.ndarray, weeks: np.ndarray) -> History:
    known = np.full(weeks.size, instants(np.array([day], "datetime64[D]"), CUT)[0])
    return History.of(weeks, np.maximum(known, weeks.astype("datetime64[us]")), values)


def both(one: History, other: History) -> History:
    return History.of(
        *(np.append(getattr(one, part), getattr(other, part)) for part in ("period", "known_at", "value"))
    )


def test_conditions_are_compared_inside_the_vintage_of_the_day() -> None:
    weeks = np.arange("2005-01-07", "2023-02-04", 7, dtype="datetime64[D]")
    old, new = np.sin(np.arange(weeks.size)), np.sin(np.arange(weeks.size)) + 5.0
    log = both(vintage("2022-12-14", old[:-8], weeks[:-8]), vintage("2023-02-08", new, weeks))
    world = {financial_conditions.VINTAGES: log}

    before = read(BY_NAME["financial_conditions"], AsOf(cut(dt.date(2022, 12, 13)), world))
    first = read(BY_NAME["financial_conditions"], AsOf(cut(dt.date(2022, 12, 14)), world))
    second = read(BY_NAME["financial_conditions"], AsOf(cut(dt.date(2023, 2, 8)), world))

    assert isinstance(before, Gap)
    assert isinstance(first, Reading)
    assert isinstance(second, Reading)
    month = weeks.astype("datetime64[M]")
    ends = new[np.append(month[1:] != month[:-1], True)][-120:]
    assert second.score == pytest.approx(-(ends[-1] - ends.mean()) / ends.std(ddof=1))
    assert second.raw == new[-1]


def test_a_file_of_latest_values_is_not_what_was_seen() -> None:
    weeks = np.arange("2005-01-07", "2023-02-04", 7, dtype="datetime64[D]")
    latest = History.of(weeks, weeks.astype("datetime64[us]") + np.timedelta64(5, "D"), np.zeros(weeks.size))
    moment = cut(dt.date(2023, 2, 8))
    again = vintage("2023-02-01", np.ones(weeks.size), weeks)

    assert not as_seen(AsOf(moment, {"fred:NFCI": latest}), "fred:NFCI", one(moment))[0]
    assert as_seen(AsOf(moment, {"fred:NFCI": both(latest, again)}), "fred:NFCI", one(moment))[0]
    answer = read(BY_NAME["financial_conditions"], AsOf(moment, {"fred:NFCI": latest}))
    assert isinstance(answer, Gap)
    assert answer.code == "not_point_in_time"
