"""Wall time without pandas is what pandas says."""

import numpy as np
import pandas as pd

from signals import new_york


def _hours(first: str, last: str) -> np.ndarray:
    return np.arange(np.datetime64(first, "m"), np.datetime64(last, "m"), 97).astype("datetime64[us]")


def test_wall_time_is_that_of_pandas() -> None:
    moments = _hours("1926-01-01", "2036-12-31")

    expected = pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert("America/New_York").tz_localize(None)

    np.testing.assert_array_equal(new_york.wall_time(moments), expected.to_numpy().astype("datetime64[us]"))


def test_utc_is_that_of_pandas_also_where_a_time_exists_twice_or_never() -> None:
    local = _hours("1926-01-01", "2036-12-31")
    zone = pd.DatetimeIndex(local).tz_localize("America/New_York", ambiguous=False, nonexistent="shift_forward")

    expected = zone.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")

    np.testing.assert_array_equal(new_york.to_utc(local), expected)


def test_the_evening_belongs_to_its_own_day() -> None:
    moments = np.array(["2024-07-02T03:59:59", "2024-07-02T04:00:00", "NaT"], dtype="datetime64[us]")

    days = new_york.days(moments)

    assert days[:2].astype(str).tolist() == ["2024-07-01", "2024-07-02"]
    assert np.isnat(days[2])
