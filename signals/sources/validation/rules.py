"""The incoming contract: what a value must satisfy before it may be called a fact.

Every rule has an identifier; what breaks one goes to the quarantine with it, whatever the source.

value.range      outside the series' limits (a price of zero, a rate in basis points, 1e308)
value.jump       farther from its neighbours than the series has ever moved, and alone there
value.scale      ten times the series' level or a tenth of it: another unit
series.changed   most of what is held is now said to be different: another series, or rebased
period.future    later than the day it arrived
period.past      older than any economic record
known.future     said to be learned after the day it arrived
row.duplicate    one period, two values; in a revision log, two at one instant
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from signals.asof import History
from signals.series.dictionary import Series

OLDEST = np.datetime64("1776-07-04", "D")
PRICES = frozenset({"close", "adj_close", "settle", "quote"})
COUNTS = frozenset({"volume", "open_interest", "count"})
LOWEST_FUTURE, HIGHEST_FUTURE = 75.0, 100.5  # 25 % down to half a percent below zero; 2020 traded at 100.02
LARGEST = 1e12  # nothing we read is counted in more
SCALE = 10.0  # a level series that moves tenfold between neighbours has changed its unit
SCALED_UNITS = ("index ", "bn", "thousands", "claims", "USD")  # units whose series have a level
RETURNS = frozenset({"dividend", "split"})  # columns of a price that are no level


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


def limits(series: Series) -> tuple[float, float]:
    """Lowest and highest value allowed, by what the column is."""
    column = series.id.rsplit(":", 1)[-1]
    if series.id.startswith("cme:ZQ") and column in PRICES:
        return LOWEST_FUTURE, HIGHEST_FUTURE
    if column in PRICES:
        return 1e-6, LARGEST
    if column in COUNTS:
        return 0.0, LARGEST
    return series.low, series.high


def breaches(series: Series, periods: np.ndarray, values: np.ndarray, today: dt.date) -> tuple[Breach, ...]:
    """Which rows of one series may not be stored.

    Parameters
    ----------
    series : Series
    periods : ndarray of datetime64[D], shape (n,)
        In any order, duplicates welcome.
    values : ndarray of float64, shape (n,)
        NaN (no value) breaks no rule of values.
    today : datetime.date
        The day of arrival.
    """
    low, high = limits(series)
    with np.errstate(invalid="ignore"):
        outside = (values < low) | (values > high)
    believable = np.where(outside, np.nan, values)  # what is impossible must not make its neighbours look odd
    checks = (
        ("value.range", f"outside {low:g} to {high:g}", outside),
        ("period.future", f"later than {today}, the day it arrived", periods > np.datetime64(today, "D")),
        ("period.past", f"before {OLDEST}", periods < OLDEST),
        ("row.duplicate", "one period with two values", duplicated(periods, values)),
        ("value.scale", f"{SCALE:g} times its neighbours, or a tenth of them", scaled(series, periods, believable)),
        ("value.jump", f"farther than {series.jump:g} from its neighbours", spikes(periods, believable, series.jump)),
    )
    broken, taken = [], np.zeros(values.size, dtype=bool)
    for rule, reason, rows in checks:
        if (rows & ~taken).any():
            broken.append(Breach(rule, reason, np.flatnonzero(rows & ~taken)))
            taken |= rows
    return tuple(broken)


def duplicated(periods: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mask of rows whose period stands there with another value too; agreeing duplicates are harmless."""
    order = np.lexsort((values, periods))
    period, value = periods[order], values[order]
    clash = (period[1:] == period[:-1]) & (value[1:] != value[:-1])
    clash &= ~(np.isnan(value[1:]) & np.isnan(value[:-1]))
    disputed = np.unique(period[1:][clash])
    return np.isin(periods, disputed)


def spikes(periods: np.ndarray, values: np.ndarray, jump: float) -> np.ndarray:
    """Mask of values more than `jump` from the one before and not confirmed by the one after.

    A new level is believed with its second observation: the last value of a series that jumps waits a day.
    """
    flagged = np.zeros(values.size, dtype=bool)
    if not np.isfinite(jump):
        return flagged
    order = np.argsort(periods, kind="stable")
    order = order[~np.isnan(values[order])]
    steps = np.abs(np.diff(values[order]))
    if steps.size:
        far = np.append(False, steps > jump)
        returns = np.append(steps > jump, True)
        flagged[order[far & returns]] = True
    return flagged


def scaled(series: Series, periods: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mask of values of a level series that stand tenfold off the value before and after them."""
    flagged = np.zeros(values.size, dtype=bool)
    if not series.unit.startswith(SCALED_UNITS) or series.id.rsplit(":", 1)[-1] in COUNTS | RETURNS:
        return flagged
    order = np.argsort(periods, kind="stable")
    order = order[values[order] > 0]
    return _flag(
        flagged, order, spikes(np.arange(order.size).astype("datetime64[D]"), np.log10(values[order]), np.log10(SCALE))
    )


def _flag(flagged: np.ndarray, order: np.ndarray, bad: np.ndarray) -> np.ndarray:
    flagged[order[bad]] = True
    return flagged


def disagreement(stored: History, periods: np.ndarray, values: np.ndarray) -> tuple[int, int, float]:
    """How a provider's picture differs from what is held: periods compared, periods that differ, worst percent."""
    last = stored.latest()
    shared, ours, theirs = np.intersect1d(last.period, periods, return_indices=True)
    if not shared.size:
        return 0, 0, 0.0
    before, now = last.value[ours], values[theirs]
    differs = ~np.isclose(before, now, rtol=1e-9, atol=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        worst = 100 * np.abs(now / before - 1)[differs & (before != 0)]
    return shared.size, int(differs.sum()), float(worst.max()) if worst.size else 0.0
