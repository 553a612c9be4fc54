"""Whether a series is known as people saw it at the time, or as it was estimated later."""

import numpy as np

from signals.asof import AsOf
from signals.scoring.points import one
from signals.series.dictionary import describe
from signals.signal import Gap

REVISED_SHARE = 0.5  # of the periods have a version from after their first release: re-estimated ones always do
LATE = np.timedelta64(14, "D")  # after the first release by rule: a revision, or part of a later download


def hindsight(view: AsOf, series: str, name: str) -> Gap | None:
    """A gap for signal `name` where `series` comes without the revisions it is known to have.

    A history of latest values looks unrevised; only vintages show what could be read on a past day.
    """
    if as_seen(view, series, one(view.moment))[0]:
        return None
    reason = f"{series} is known as estimated later; only vintages show what was known"
    return Gap(name, reason, "not_point_in_time", series)


def as_seen(view: AsOf, series: str, moments: np.ndarray) -> np.ndarray:
    """True for each moment at which the values in force come from vintages, or nothing is known yet.

    A vintage gives its periods at the instant at which it was published, long after their first release. A
    file of latest values claims that each was known at its release.
    """
    log = view.history(series)
    if not log.period.size:
        return np.ones(moments.size, dtype=bool)
    late = log.known_at > describe(series).known(log.period) + LATE
    periods = np.searchsorted(_first_known(log.period, log.known_at), moments, side="right")
    vintages = np.searchsorted(_first_known(log.period[late], log.known_at[late]), moments, side="right")
    return vintages >= REVISED_SHARE * periods


def _first_known(period: np.ndarray, known_at: np.ndarray) -> np.ndarray:
    """When the first version of each period was learned, ascending; versions are sorted by period and instant."""
    first = np.append(True, period[1:] != period[:-1]) if period.size else np.zeros(0, dtype=bool)
    return np.sort(known_at[first])
