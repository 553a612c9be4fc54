"""Small minus large: which return, from when to when, and known since when."""

import datetime as dt

import numpy as np
import pytest

from allocator.returns import (
    SMB,
    between,
    by_month_only,
    demand_overlap,
    execution_days,
    market_between,
    monthly,
    old_prices,
    prepare,
)
from allocator.settings import PortfolioSettings
from signals.asof import AsOf, History
from signals.calendars import cut, instants, month_end_sessions, sessions_between
from signals.errors import NoAdvice

PAIR = PortfolioSettings(small="IWM", large="SPY")
CLOSE = dt.time(16, 15)


def priced(first: str, last: str, step: float) -> History:
    days = sessions_between(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    return History.of(days, instants(days, CLOSE), 100 * (1 + step) ** np.arange(days.size))


def daily(first: str, last: str, percent: float, *, lag: int) -> History:
    days = sessions_between(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    return History.of(days, instants(days + lag, CLOSE), np.full(days.size, percent))


def world() -> dict[str, History]:
    return {
        "yahoo:IWM:adj_close": priced("2001-03-05", "2002-06-28", 0.001),
        "yahoo:SPY:adj_close": priced("1999-01-04", "2002-06-28", 0.0004),
        SMB: daily("1999-01-04", "2002-06-28", 0.02, lag=56),
    }


def at(day: str, facts: dict[str, History] | None = None) -> AsOf:
    return AsOf(cut(dt.date.fromisoformat(day)), facts or world())


def test_a_month_runs_from_last_close_to_last_close():
    months = monthly(at("2002-06-28"), PAIR)
    place = int(np.flatnonzero(months.month == np.datetime64("2002-02", "M"))[0])
    n = sessions_between(dt.date(2002, 2, 1), dt.date(2002, 2, 28)).size

    assert months.percent[place] == pytest.approx(100 * (1.001**n - 1.0004**n))


def test_a_decision_earns_from_the_next_close_on():
    closes = execution_days([dt.date(2002, 2, 28), dt.date(2002, 3, 28)])

    assert closes.astype(str).tolist() == ["2002-03-01", "2002-04-01"]  # 29 March 2002 was Good Friday
    n = sessions_between(dt.date(2002, 3, 2), dt.date(2002, 4, 1)).size
    assert between(at("2002-06-28"), PAIR, closes)[0] == pytest.approx(100 * (1.001**n - 1.0004**n))


def test_before_the_fund_french_smb_stands_in():
    months = monthly(at("2002-06-28"), PAIR)
    place = int(np.flatnonzero(months.month == np.datetime64("2000-05", "M"))[0])
    n = sessions_between(dt.date(2000, 5, 1), dt.date(2000, 5, 31)).size

    assert months.percent[place] == pytest.approx(100 * (1.0002**n - 1))


def test_after_the_fund_begins_the_stand_in_never_comes_back():
    facts = world()
    cut_off = facts["yahoo:IWM:adj_close"]
    kept = cut_off.period < np.datetime64("2002-01-15")
    facts["yahoo:IWM:adj_close"] = History(cut_off.period[kept], cut_off.known_at[kept], cut_off.value[kept])

    months = monthly(at("2002-06-28", facts), PAIR)

    assert np.isnan(months.percent[months.month >= np.datetime64("2002-01", "M")]).all()


def test_published_weeks_late_means_unknown_for_weeks():
    smb = PortfolioSettings(small=SMB, large="none")

    months = monthly(at("2000-12-29"), smb)

    known = months.month[np.isfinite(months.percent)]
    assert known[-1] == np.datetime64("2000-10", "M")


def test_a_month_that_is_not_over_does_not_count():
    months = monthly(at("2002-05-15"), PAIR)

    assert months.month[-1] == np.datetime64("2002-04", "M")


def test_a_factor_that_is_a_difference_needs_no_large_leg():
    smb = PortfolioSettings(small=SMB, large="none")
    closes = execution_days([dt.date(2000, 2, 29), dt.date(2000, 3, 31)])
    n = sessions_between(dt.date(2000, 3, 2), dt.date(2000, 4, 3)).size

    assert between(at("2002-06-28"), smb, closes)[0] == pytest.approx(100 * (1.0002**n - 1))


def test_the_market_is_the_large_fund_where_there_is_one():
    closes = execution_days([dt.date(2002, 2, 28), dt.date(2002, 3, 28)])
    n = sessions_between(dt.date(2002, 3, 2), dt.date(2002, 4, 1)).size

    assert market_between(at("2002-06-28"), PAIR, closes)[0] == pytest.approx(100 * (1.0004**n - 1))


def test_one_pass_over_many_moments_equals_looking_at_each():
    ends = month_end_sessions(dt.date(2000, 1, 1), dt.date(2002, 6, 28))
    quick, slow = at("2002-06-28"), at("2002-06-28")

    prepare(quick, PAIR, [cut(day) for day in ends])

    for day in ends:
        ours, theirs = monthly(quick.at(cut(day)), PAIR), monthly(slow.at(cut(day)), PAIR)
        assert np.array_equal(ours.month, theirs.month)
        assert np.array_equal(ours.percent, theirs.percent, equal_nan=True)


def test_a_revised_price_turns_the_shortcut_off():
    facts = world()
    whole = facts[SMB]
    facts[SMB] = History.of(
        np.append(whole.period, whole.period[300]),
        np.append(whole.known_at, whole.known_at[-1]),
        np.append(whole.value, 9.0),
    )
    early = dt.date(2001, 6, 29)
    view = at("2002-12-31", facts)

    prepare(view, PAIR, [cut(early)])

    assert np.array_equal(
        monthly(view.at(cut(early)), PAIR).percent, monthly(at("2001-06-29"), PAIR).percent, equal_nan=True
    )


def test_a_pair_never_priced_together_is_refused_with_both_spans():
    facts = world()
    facts["yahoo:SPY:adj_close"] = priced("1999-01-04", "2000-12-29", 0.0004)

    with pytest.raises(NoAdvice, match=r"no overlap: IWM 2001-03-05 to 2002-06-28, SPY 1999-01-04 to 2000-12-29"):
        demand_overlap(at("2002-06-28", facts), PAIR)


def test_a_leg_without_prices_is_named():
    with pytest.raises(NoAdvice, match="no price of ZZZ"):
        demand_overlap(at("2002-06-28"), PortfolioSettings(small="ZZZ", large="SPY"))


def test_with_monthly_files_alone_a_month_is_still_a_month():
    stamps = np.array(["2000-03-31", "2000-04-30", "2000-05-31"], dtype="datetime64[D]")
    facts = {"french:FF3_MONTHLY:SMB": History.of(stamps, instants(stamps + 56, CLOSE), [1.0, -2.0, 3.0])}
    smb, view = PortfolioSettings(small=SMB, large="none"), at("2000-12-29", facts)

    months = monthly(view, smb)

    kept = np.isfinite(months.percent)
    assert months.month[kept].astype(str).tolist() == ["2000-04", "2000-05"]  # 28 April was the last session
    assert months.percent[kept] == pytest.approx([-2.0, 3.0])
    assert by_month_only(view)
    assert not by_month_only(at("2000-12-29"))


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2002-06-28", ()),
        ("2002-07-08", ()),  # five sessions later, the Fourth of July between
        ("2002-07-09", ("The newest price of IWM, SPY is of 2002-06-28, 6 sessions before 2002-07-09.",)),
    ],
)
def test_a_price_older_than_five_sessions_is_mentioned(day, told):
    assert old_prices(at(day), ("IWM", "SPY", "IWM", "GONE")) == told


def test_a_fund_whose_prices_ended_earlier_has_a_sentence_of_its_own():
    facts = world() | {"yahoo:DEAD:adj_close": priced("2000-01-03", "2001-12-31", 0.0)}

    assert old_prices(at("2002-06-28", facts), ("IWM", "DEAD")) == (
        "The newest price of DEAD is of 2001-12-31, 124 sessions before 2002-06-28.",
    )
