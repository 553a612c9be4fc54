"""When the next numbers of a series are promised, by its known-at rule."""

import datetime as dt

import numpy as np

from signals.calendars import holidays
from signals.series.dictionary import describe

HORIZON = 60  # releases; what has missed so many is as stale as can be
WEEK_DAYS = 7


def following_periods(name: str, period: dt.date) -> np.ndarray:
    """The next periods of a series after `period`, datetime64[D], shape (60,)."""
    series, day = describe(name), np.datetime64(period, "D")
    if series.frequency == "D":
        return np.busday_offset(np.full(HORIZON, day), np.arange(1, HORIZON + 1), roll="preceding", holidays=holidays())
    if series.frequency == "W":
        return day + WEEK_DAYS * np.arange(1, HORIZON + 1)
    months = {"M": 1, "Q": 3}.get(series.frequency, HORIZON)
    return (day.astype("datetime64[M]") + months * np.arange(1, HORIZON + 1)).astype("datetime64[D]")


def releases_promised(name: str, period: dt.date, moment: np.datetime64) -> int:
    """How many releases of `name` after `period` its rule has promised by `moment` (UTC, datetime64[us])."""
    return int((describe(name).known(following_periods(name, period)) <= moment).sum())
