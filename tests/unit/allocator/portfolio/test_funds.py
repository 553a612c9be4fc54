"""Funds against two benchmark funds: own fees, tilts that are no skill, index funds that are rows of the benchmark."""

import datetime as dt

import numpy as np
import pytest

from allocator.portfolio.funds import FACTOR_SERIES, compare_funds, default_symbols
from allocator.portfolio.spiva import lagging_shares, latest_lagging_share
from signals import calendars
from signals.asof import AsOf, History
from signals.derived.total_return import price_inputs

DAY = dt.date(2019, 6, 28)
DAYS = calendars.sessions_between(dt.date(2008, 12, 31), DAY)
MONTHS = np.unique(DAYS.astype("datetime64[M]"))
ENDS = np.array([DAYS[DAYS.astype("datetime64[M]") == month][-1] for month in MONTHS])
VALUE = 2  # place of the value factor


def invented_funds():
    """IWM and IJR alike; AVUV earns 1 % a month more, SVAL less than what value earns, VB nothing, CALF too short a time."""
    random = np.random.default_rng(7)
    factors = random.normal(0, 2, (MONTHS.size, 5))
    factors[:, VALUE] += 1.0
    index = random.normal(0.8, 4, MONTHS.size)
    noise = random.normal(0, 0.6, (MONTHS.size, 6))
    noise -= noise.mean(axis=0)  # no fund has luck over the whole record
    returns = {
        "IWM": index,
        "IJR": index + noise[:, 0],
        "AVUV": index + 1.0 + noise[:, 1],
        "SVAL": index - 0.1 + 0.5 * factors[:, VALUE] + noise[:, 2],
        "VB": index + noise[:, 3],
        "OMFS": index + noise[:, 4],
        "CALF": index + noise[:, 5],
    }
    facts = {}
    for symbol, percent in returns.items():
        first = 96 if symbol == "CALF" else 0
        days, level = ENDS[first:], 100 * np.cumprod(1 + percent[first:] / 100)
        known = calendars.instants(days, dt.time(17))
        facts |= {name: History.of(days, known, level) for name in price_inputs(symbol) if name.endswith("close")}
    period = (MONTHS + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    known = calendars.instants(period, dt.time(9))
    facts |= {name: History.of(period, known, factors[:, at]) for at, name in enumerate(FACTOR_SERIES)}
    return AsOf(calendars.cut(DAY), facts)


@pytest.fixture(scope="module")
def view():
    return invented_funds()


@pytest.fixture(scope="module")
def funds(view):
    return compare_funds(view, ("AVUV", "SVAL", "VB", "OMFS", "CALF"))


def row(funds, symbol, benchmark="Russell 2000"):
    return next(row for row in funds.rows if (row.symbol, row.benchmark) == (symbol, benchmark))


def test_each_fund_pays_its_own_extra_fee(funds):
    assert row(funds, "AVUV").extra_fee == pytest.approx(0.25 - 0.19)
    assert row(funds, "AVUV", "S&P 600").extra_fee == pytest.approx(0.25 - 0.06)
    assert row(funds, "OMFS").extra_fee == pytest.approx(0.39 - 0.19)


def test_skill_is_active_a_tilt_is_no_difference_and_nothing_is_passive(funds):
    assert row(funds, "AVUV").conclusion == "active"
    assert row(funds, "SVAL").conclusion == "no difference"
    assert "value" in row(funds, "SVAL").why
    assert row(funds, "SVAL").verdict.choice == "active"  # by the raw difference alone
    assert row(funds, "OMFS").conclusion == "passive"


def test_an_index_fund_is_a_row_of_the_benchmark_and_never_active(funds):
    assert (row(funds, "VB").conclusion, row(funds, "IJR").conclusion) == ("index", "index")
    assert "VB" not in funds.active


def test_a_short_record_is_left_out(funds):
    assert not any(row.symbol == "CALF" for row in funds.rows)


def test_over_the_panel_only_skill_is_more_than_luck(funds):
    different = [symbol for symbol, yes in zip(funds.active, funds.luck.different, strict=True) if yes]

    assert different == ["AVUV"]
    low, middle, high = funds.spread
    assert low <= middle <= high


def test_one_fee_for_every_fund_can_be_asked_for(view):
    assert {row.extra_fee for row in compare_funds(view, ("AVUV",), extra_fee=0.8).rows} == {0.8}


def test_only_what_was_published_by_the_day_is_shown():
    assert latest_lagging_share(dt.date(2015, 1, 1)) is None
    assert latest_lagging_share(dt.date(2016, 12, 31)).percent == 90.75
    assert latest_lagging_share(dt.date(2017, 12, 31)).percent == 90.75
    assert latest_lagging_share(dt.date(2018, 1, 5)).percent == 94.1
    assert all(share.as_of < share.published for share in lagging_shares(dt.date(2026, 1, 1)))


def test_every_small_cap_fund_but_the_benchmarks_is_looked_at():
    assert {"AVUV", "DFSV", "FSSNX", "VTWO"} <= set(default_symbols())
    assert not {"IWM", "IJR", "SPY"} & set(default_symbols())
