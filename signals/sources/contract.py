"""The incoming contract: what a value must satisfy before it may be called a fact.

Every rule has an identifier; what breaks one goes to the quarantine with it, whatever the source.

value.range      outside the series' limits (a price of zero, a rate in basis points, 1e308)
value.jump       farther from its neighbours than the series has ever moved, and alone there
value.scale      ten times or more the series' level, or a tenth: another unit
period.future    later than the day it arrived
period.past      older than any economic record
row.duplicate    one period, two values
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from signals.series import Series

OLDEST = np.datetime64("1776-07-04", "D")
PRICES = frozenset({"close", "adj_close", "settle", "quote"})
COUNTS = frozenset({"volume", "open_interest", "count"})
LOWEST_FUTURE, HIGHEST_FUTURE = 75.0, 100.5  # 25 % down to half a percent below zero; 2020 traded at 100.02
LARGEST = 1e12  # nothing we read is counted in more
SCALE = 10.0  # a level series that moves tenfold between neighbours has changed its unit
SCALED_UNITS = ("index", "bn", "thousands", "claims", "USD", "ratio")  # units whose series have a level


@dataclass(frozen=True, slots=True)
class Breach:
    """Rows that break one rule.

    Attributes
    ----------
    rule, reason : str
    rows : ndarray of int
    """

    rule: str
    reason: str
    rows: np.ndarray


def limits(told: Series) -> tuple[float, float]:
    """Lowest and highest value allowed, by what the column is."""
    column = told.id.rsplit(":", 1)[-1]
    if told.id.startswith("cme:ZQ") and column in PRICES:
        return LOWEST_FUTURE, HIGHEST_FUTURE
    if column in PRICES:
        return 1e-6, LARGEST
    if column in COUNTS:
        return 0.0, LARGEST
    return told.low, told.high


def breaches(told: Series, periods: np.ndarray, values: np.ndarray, today: dt.date) -> tuple[Breach, ...]:
    """Which rows of one series may not be stored.

    Parameters
    ----------
    told : Series
    periods : ndarray of datetime64[D], shape (n,)
        In any order, duplicates welcome.
    values : ndarray of float64, shape (n,)
        NaN (no value) breaks no rule of values.
    today : datetime.date
        The day of arrival.
    """
    low, high = limits(told)
    with np.errstate(invalid="ignore"):
        outside = (values < low) | (values > high)
    found = (
        ("value.range", f"outside {low:g} to {high:g}", outside),
        ("period.future", f"later than {today}, the day it arrived", periods > np.datetime64(today, "D")),
        ("period.past", f"before {OLDEST}", periods < OLDEST),
        ("row.duplicate", "one period with two values", duplicated(periods, values)),
    )
    return tuple(Breach(rule, reason, np.flatnonzero(rows)) for rule, reason, rows in found if rows.any())


def duplicated(periods: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mask of rows whose period stands there with another value too; agreeing duplicates are harmless."""
    order = np.lexsort((values, periods))
    period, value = periods[order], values[order]
    clash = (period[1:] == period[:-1]) & (value[1:] != value[:-1])
    clash &= ~(np.isnan(value[1:]) & np.isnan(value[:-1]))
    disputed = np.unique(period[1:][clash])
    return np.isin(periods, disputed)
