"""Whether a series is held as people saw it at the time, or as it was estimated later."""

import numpy as np

from signals.asof import AsOf
from signals.scoring.points import one
from signals.signal import Gap

REVISED_SHARE = 0.5  # of the periods were revised at least once: a series that is re-estimated always is


def hindsight(view: AsOf, series: str, name: str) -> Gap | None:
    """A gap for signal `name` where `series` is held without the revisions it is known to have.

    A history of latest values looks unrevised; only vintages show what could be read on a past day.
    """
    if as_seen(view, series, one(view.moment))[0]:
        return None
    reason = f"{series} is held as estimated later; only vintages show what was known"
    return Gap(name, reason, "not_point_in_time", series)


def as_seen(view: AsOf, series: str, moments: np.ndarray) -> np.ndarray:
    """True for each moment at which what is held shows revisions as vintages do, or nothing is held yet."""
    held = view.history(series)
    if not held.period.size:
        return np.ones(moments.size, dtype=bool)
    first = np.minimum.reduceat(held.known_at, np.flatnonzero(np.append(True, held.period[1:] != held.period[:-1])))
    versions = np.searchsorted(np.sort(held.known_at), moments, side="right")
    periods = np.searchsorted(np.sort(first), moments, side="right")
    return versions - periods >= REVISED_SHARE * periods
