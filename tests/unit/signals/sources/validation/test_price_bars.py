import datetime as dt

import numpy as np
import pytest

from signals import calendars
from signals.asof import AsOf, History
from signals.derived.total_return import growth, price_inputs

DAYS = ("2023-12-26", "2023-12-27", "2023-12-28", "2023-12-29", "2024-01-02")


def series(values: dict[str, float]) -> History:
    days = np.array(list(values), dtype="datetime64[D]")
    return History.of(days, calendars.instants(days, dt.time(16, 15)), list(values.values()))


def view(**parts: dict[str, float]) -> AsOf:
    held = {f"yahoo:IWM:{name}": series(values) for name, values in parts.items()}
    return AsOf(calendars.cut(dt.date(2024, 1, 2)), held).only(price_inputs("IWM"))


def total_return(known: AsOf, ticker: str) -> np.ndarray:
    return growth(known, ticker).value


def test_adjusted_closes_serve_as_ratios() -> None:
    grown = total_return(view(adj_close=dict(zip(DAYS[:3], (50.0, 51.0, 49.0), strict=True))), "IWM")

    assert grown.tolist() == pytest.approx([1.0, 1.02, 0.98])


def test_a_dividend_is_part_of_the_return_of_its_ex_day() -> None:
    grown = total_return(
        view(close=dict(zip(DAYS[:3], (100.0, 99.0, 99.0), strict=True)), dividend={DAYS[1]: 1.0}), "IWM"
    )

    assert grown.tolist() == pytest.approx([1.0, 1.0, 1.0])


def test_a_split_is_no_loss() -> None:
    grown = total_return(view(close=dict(zip(DAYS[:3], (100.0, 50.0, 51.0), strict=True)), split={DAYS[1]: 2.0}), "IWM")

    assert grown.tolist() == pytest.approx([1.0, 1.0, 1.02])


def test_a_day_without_a_split_may_say_zero() -> None:
    quiet = dict.fromkeys(DAYS[:2], 0.0)

    grown = total_return(view(close=dict(zip(DAYS[:2], (100.0, 101.0), strict=True)), split=quiet), "IWM")

    assert grown.tolist() == pytest.approx([1.0, 1.01])


def test_raw_prices_go_on_where_the_file_ends() -> None:
    grown = total_return(
        view(
            adj_close=dict(zip(DAYS[:4], (10.0, 11.0, 11.0, 12.0), strict=True)),
            close=dict(zip(DAYS[3:], (240.0, 252.0), strict=True)),
        ),
        "IWM",
    )

    assert grown.tolist() == pytest.approx([1.0, 1.1, 1.1, 1.2, 1.26])


def test_a_hole_is_not_bridged() -> None:
    known = view(
        adj_close=dict(zip(DAYS[:3], (10.0, 11.0, 12.0), strict=True)),
        close=dict(zip(DAYS[3:], (240.0, 252.0), strict=True)),
    )

    grown = growth(known, "IWM")

    assert grown.value.tolist() == pytest.approx([1.0, 1.05])
    assert str(grown.period[0]) == DAYS[3]


def test_nothing_known_is_an_empty_series() -> None:
    assert not total_return(view(), "IWM").size


def test_todays_close_is_not_known_before_the_close() -> None:
    held = {"yahoo:IWM:close": series(dict(zip(DAYS, (1.0, 2.0, 3.0, 4.0, 5.0), strict=True)))}
    noon = dt.datetime(2024, 1, 2, 12, 0, tzinfo=calendars.NEW_YORK)

    assert len(total_return(AsOf(noon, held), "IWM")) == 4
