"""From what a provider says now to facts: which are new, when they became known, what is a revision."""

import datetime as dt

import numpy as np

from signals.asof import History
from signals.series.dictionary import Series

SAME = 1e-9  # relative


def merge(told: Series, held: History, offered: History, at: dt.datetime) -> History:
    """Facts to store from a provider's present picture of a series.

    1. A period not held yet is known from its rule's instant, or from now if we read it earlier.
    2. A period held with the same value is nothing new.
    3. Another value of a series that is never revised goes to the store under the old known-at, which
       makes it a contradiction: kept and reported, never in force.
    4. Another value of a revised series is a revision, known from the moment we saw it.

    Parameters
    ----------
    told : Series
    held : History
        Every version in the store.
    offered : History
        One version a period, with known-at by rule.
    at : datetime.datetime
        Aware; when it was read.
    """
    now = np.datetime64(at.astimezone(dt.UTC).replace(tzinfo=None), "us")
    known = np.where(
        offered.known_at.astype("datetime64[Y]") < np.datetime64("9999"),
        _no_later(offered.known_at, now),
        offered.known_at,
    )
    if not held.period.size:
        return History(offered.period, known, offered.value)
    last = held.latest()
    place = np.clip(np.searchsorted(last.period, offered.period), 0, max(last.period.size - 1, 0))
    there = last.period[place] == offered.period if last.period.size else np.zeros(offered.period.size, dtype=bool)
    before = last.value[place] if last.period.size else np.full(offered.period.size, np.nan)
    same = there & np.isclose(before, offered.value, rtol=SAME, atol=0.0)
    if told.habit == "never":
        known = np.where(there, last.known_at[place] if last.period.size else known, known)
    else:
        known = np.where(there, now, known)
    return History(offered.period[~same], known[~same], offered.value[~same])


def _no_later(known: np.ndarray, now: np.datetime64) -> np.ndarray:
    return np.minimum(known, now)
