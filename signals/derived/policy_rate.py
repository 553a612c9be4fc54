"""The policy rate as a path of decisions: the shipped table, and what FRED has shown since.

1. ``fomc:target`` holds decisions up to the day this version was made, each known at its announcement.
2. Later changes are read from ``fred:DFEDTARU`` (upper bound): the first day of a new value after the last
   shipped decision. FRED stamps a decision with the next business day (since 2017), so the change is put
   back on the FOMC decision day before it, and it is known when FRED showed it.
"""

import numpy as np

from signals.asof import AsOf
from signals.calendars import meetings_known, next_business_day, sessions

TARGET = "fomc:target"  # percent; upper bound from 2008-12-16; period = decision day
UPPER = "fred:DFEDTARU"  # percent; daily from 2008-12-16
POLICY_INPUTS = (TARGET, UPPER)
STAMP_DAYS = 4  # a decision on a Sunday or before a holiday is stamped at most this many days later


def target_path(view: AsOf) -> tuple[np.ndarray, np.ndarray]:
    """Decisions known at the view's moment.

    Returns
    -------
    days : ndarray of datetime64[D], shape (n,)
        Decision days, ascending; the first is 1982-09-27, where the record starts.
    target : ndarray of float64, shape (n,)
        Percent, after the decision; the upper bound of the range from 2008-12-16.
    """
    days, target, _ = decisions(view)
    return days, target


def decisions(view: AsOf) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`target_path` with the UTC instant (datetime64[us]) at which each decision was known."""
    shipped = view.latest(TARGET)
    later_days, later_target, later_known = _since(view, shipped.period, shipped.value)
    return (
        np.concatenate([shipped.period, later_days]),
        np.concatenate([shipped.value, later_target]),
        np.concatenate([shipped.known_at, later_known]),
    )


def _since(view: AsOf, days: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Changes that FRED shows after the last shipped decision, on their decision days."""
    upper = view.latest(UPPER)
    if days.size:  # FRED shows the old value until the business day after the decision
        after = upper.period >= next_business_day(days[-1:])[0]
        start = target[-1]
    else:
        after = np.ones(upper.period.size, dtype=bool)
        start = np.nan
    period, value, known_at = upper.period[after], upper.value[after], upper.known_at[after]
    changed = np.flatnonzero(value != np.append(start, value[:-1]))
    return _decision_days(view, period[changed]), value[changed], known_at[changed]


def _decision_days(view: AsOf, stamped: np.ndarray) -> np.ndarray:
    """The decisions behind new values that FRED stamps with `stamped`: the meeting, else the session before."""
    held = np.array([meeting.date for meeting in meetings_known(view.moment)], dtype="datetime64[D]")
    before = held[np.maximum(np.searchsorted(held, stamped) - 1, 0)]
    near = (before < stamped) & (stamped - before <= np.timedelta64(STAMP_DAYS, "D"))
    return np.where(near, before, sessions()[np.searchsorted(sessions(), stamped) - 1])
