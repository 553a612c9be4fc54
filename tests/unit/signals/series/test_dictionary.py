"""The dictionary describes every series, its columns too, and says what is wrong with one."""

import datetime as dt

import numpy as np
import pytest

from signals.asof import AsOf, History
from signals.errors import InputError
from signals.series.dictionary import describe, dictionary, fault, from_row
from signals.store.inventory import holdings

MOMENT = dt.datetime(2023, 12, 29, 23, tzinfo=dt.UTC)


def view(name: str, first: str, last: str) -> AsOf:
    days = np.arange(first, np.datetime64(last) + 1, dtype="datetime64[D]")
    days = days[np.is_busday(days)]
    return AsOf(MOMENT, {name: History.of(days, describe(name).known(days), np.ones(days.size))})


def test_a_column_is_described_by_its_file():
    assert describe("french:FF3_DAILY:SMB").known_at == "period_end+56d"
    assert describe("cme:ZQ:2023-12:close").known_at == "session 15:00"
    assert describe("yahoo:NEWCOMER:close").known_at == "session 16:15"


def test_only_the_adjusted_close_is_rescaled():
    assert describe("yahoo:IWM:adj_close").habit == "rescaled"
    assert describe("yahoo:IWM:close").habit == "never"
    assert describe("yahoo:IWM:volume").habit == "latest"


def test_a_latest_vintage_is_not_point_in_time():
    assert not describe("fred:NFCI").point_in_time
    assert not describe("fred:UNRATE").point_in_time
    assert describe("fredmd:UNRATE").point_in_time
    assert describe("fred:DGS10").point_in_time


def test_a_series_in_order_has_no_fault():
    assert fault(view("fred:BAA10Y", "1986-01-02", "2023-12-27"), "fred:BAA10Y") is None


def test_a_stale_series_is_told_with_its_age():
    gap = fault(view("fred:BAA10Y", "1986-01-02", "2023-12-01"), "fred:BAA10Y")

    assert gap is not None
    assert gap.code == "stale"
    assert "19 sessions old" in gap.reason


def test_a_history_cut_at_the_source_is_told_whatever_its_length():
    gap = fault(view("fred:BAMLH0A0HYM2", "2020-12-29", "2023-12-27"), "fred:BAMLH0A0HYM2")

    assert gap is not None
    assert gap.code == "truncated"
    assert "1996-12-31" in gap.reason


def test_an_ended_series_says_so():
    gap = fault(view("fred:TEDRATE", "1986-01-02", "2022-01-21"), "fred:TEDRATE")

    assert gap is not None
    assert "discontinued after 2022-01-21" in gap.reason


def test_a_series_that_is_not_held_is_missing():
    gap = fault(AsOf(MOMENT, {}), "fred:DGS10")

    assert gap is not None
    assert gap.code == "missing"


def test_every_row_of_the_dictionary_makes_sense():
    for told in dictionary().values():
        assert told.low < told.high
        assert told.jump > 0
        assert told.habit in ("never", "vintages", "latest", "rescaled", "restated")


@pytest.mark.parametrize(
    "bad",
    [
        {"series": "x:Y", "allowed_age": "soon"},
        {"series": "x:Y", "since": "1999"},
        {"series": "x:Y", "low": "5", "high": "1"},
    ],
)
def test_a_row_that_makes_no_sense_is_refused_by_name(bad):
    with pytest.raises(InputError, match="x:Y"):
        from_row(bad)


COPIES_THAT_END_EARLIER = frozenset(
    {"fred:DRTSCIS", "chicagofed:NFCI", "other:BW_NIPO", "other:BW_RIPO", "other:BW_EQTI", "other:SP600_PRICE"}
    | {"other:S-1_COMPANIES_YEAR", "spiva:DOMESTIC_VS_SP1500"}
    | {f"simfin:{size}_BY_{rank}" for size in ("SMALL", "LARGE") for rank in ("REVENUE", "CAP")}
    | {
        f"fred:RU{index}"
        for index in ("1000TR", "2000TR", "3000TR", "1000PR", "2000PR", "2000VTR", "2000GTR", "2500TR")
    }
    | {"fred:RUTOP200TR", "fred:WILLSMLCAP", "fred:WILLLRGCAP", "fred:WILL5000IND", "fred:WILLMICROCAP"}
)


def test_no_real_series_is_called_faulty_on_its_last_day(store):
    """On 2023-12-29 nothing was truncated, and stale only where the file itself ends earlier."""
    faults = {
        each.series: each.condition
        for each in holdings(store, MOMENT)
        if each.condition != "ok" and not describe(each.series).ended and not each.series.startswith("av:")
    }

    assert faults == dict.fromkeys(COPIES_THAT_END_EARLIER, "stale")


def test_a_file_that_ends_is_stale_and_never_called_discontinued():
    gap = fault(view("fred:DRTSCIS", "1990-04-01", "2021-01-01"), "fred:DRTSCIS")

    assert gap is not None
    assert gap.code == "stale"
    assert "discontinued" not in gap.reason
