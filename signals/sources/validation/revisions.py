"""From what a provider says now to facts: which are new, when they became known, what is a revision."""

import datetime as dt

import numpy as np

from signals.asof import History
from signals.lookup import rows_of
from signals.new_york import instant
from signals.series.dictionary import Series

SAME = 1e-9  # relative
PRICED = ("yahoo:", "tiingo:", "cme:")  # closes, dividends and splits are facts of their day
LARGE_POINTS, LARGE_SHARE = 0.10, 0.01  # of a rate in percent, of any other number: beyond, it may be an error
RECENT_DAYS = 60  # a large correction of these is kept aside until a person has looked; older ones are believed


def merge(series: Series, stored: History, offered: History, at: dt.datetime) -> History:
    """Facts to store from a provider's present picture of a series.

    1. A period not held yet is known from its rule's instant, or from now if we read it earlier.
    2. A period held with the same value is nothing new.
    3. Another value of a revised series is a revision, known from the moment we saw it.
    4. So is a correction of one that should never be revised, where it is small or of long ago. A large one of
       the last weeks, and any of a price, goes to the store under the old known-at, which makes it a
       contradiction: kept and reported, not in force.

    Parameters
    ----------
    series : Series
    stored : History
        Every version in the store.
    offered : History
        One version a period, with known-at by rule.
    at : datetime.datetime
        Aware; when it was read.
    """
    now = instant(at)
    known = np.where(
        offered.known_at.astype("datetime64[Y]") < np.datetime64("9999"),
        _no_later(offered.known_at, now),
        offered.known_at,
    )
    if not stored.period.size:
        return History(offered.period, known, offered.value)
    last = stored.latest()
    row, there = rows_of(offered.period, last.period)
    before = last.value[row] if last.period.size else np.full(offered.period.size, np.nan)
    same = there & np.isclose(before, offered.value, rtol=SAME, atol=0.0)
    if series.habit == "never" and last.period.size:
        aside = there & ~corrections(series, offered.period, before, offered.value)
        known = np.where(aside, last.known_at[row], np.where(there, now, known))
    else:
        known = np.where(there, now, known)
    return History(offered.period[~same], known[~same], offered.value[~same])


def corrections(series: Series, periods: np.ndarray, before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Mask of values that are taken as corrections of `before` though the series is never revised."""
    if series.id.startswith(PRICED):
        return np.zeros(periods.size, dtype=bool)
    newest = periods.max() if periods.size else np.datetime64("1900-01-01", "D")
    return ~is_large(series, before, now) | (periods < newest - RECENT_DAYS)


def is_large(series: Series, before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Mask of differences beyond a tenth of a point for rates, one percent for other numbers."""
    apart = np.abs(now - before)
    limit = LARGE_POINTS if series.unit.startswith("percent") else LARGE_SHARE * np.abs(before)
    return apart > limit + SAME


def _no_later(known: np.ndarray, now: np.datetime64) -> np.ndarray:
    return np.minimum(known, now)
