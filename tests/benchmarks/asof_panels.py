"""As-of panels: one series as it stood at many moments, in one pass over its versions.

1. Versions are sorted by (period, known-at), so those of one period lie side by side.
2. The place of every version in the ascending moments is one binary search over all versions at once.
3. A version stands at the moments from its own place to that of the next version of its period; these
   stretches are written by repeating values, not by asking each moment for its view.
"""

from dataclasses import dataclass

import numpy as np

from signals.asof import History


@dataclass(frozen=True, slots=True)
class Panel:
    """A series at many moments.

    Attributes
    ----------
    moment : ndarray of datetime64[us], shape (m,)
        As asked, in the order asked.
    period : ndarray of datetime64[D], shape (n,)
        Every period that the series ever had, ascending.
    value : ndarray of float64, shape (m, n)
        The value in force; NaN where nothing was known yet, or where it had been withdrawn.
    """

    moment: np.ndarray
    period: np.ndarray
    value: np.ndarray


def panel(history: History, moments: np.ndarray) -> Panel:
    """What was in force for every period at every one of `moments`.

    Parameters
    ----------
    history : History
        Every version, as `Store.history` or `AsOf.history` gives it. A row of the panel depends on
        versions known by its own moment alone, so later versions cannot change it.
    moments : ndarray of datetime64[us], shape (m,)
        UTC, in any order.

    Returns
    -------
    Panel

    Examples
    --------
    >>> log = History.of(["2020-01-01", "2020-01-01"], ["2020-02-07", "2020-03-06"], [3.5, 3.6])
    >>> panel(log, np.array(["2020-02-28", "2020-03-31"], "datetime64[us]")).value.tolist()
    [[3.5], [3.6]]
    """
    order = np.argsort(moments, kind="stable")
    ascending = moments[order]
    first = np.ones(history.period.size, dtype=bool)
    first[1:] = history.period[1:] != history.period[:-1]
    periods = history.period[first]
    begins = np.searchsorted(ascending, history.known_at, side="left")
    ends = np.full(begins.size, moments.size)
    ends[:-1] = np.where(first[1:], moments.size, begins[1:])
    blank = np.flatnonzero(first)
    lengths = np.zeros((begins.size + blank.size,), dtype=np.intp)
    values = np.full(lengths.size, np.nan)
    place = np.arange(begins.size) + np.cumsum(first)  # a stretch of nothing comes before each period's first version
    lengths[place] = np.maximum(ends - begins, 0)
    values[place] = history.value
    lengths[place[blank] - 1] = begins[blank]
    by_period = np.repeat(values, lengths).reshape(periods.size, moments.size)
    table = np.empty((moments.size, periods.size))
    table[order] = by_period.T
    return Panel(moments, periods, table)


def panel_slowly(history: History, moments: np.ndarray) -> Panel:
    """`panel` by asking the view of every moment: the definition, for tests."""
    periods = np.unique(history.period)
    table = np.full((moments.size, periods.size), np.nan)
    for row, moment in enumerate(moments):
        seen = history.until(moment).latest()
        table[row, np.searchsorted(periods, seen.period)] = seen.value
    return Panel(moments, periods, table)


def standing(history: History, moment: np.datetime64) -> History:
    """`history.until(moment).latest()`, by whole-array comparisons alone.

    The versions of a period are in order of their instants, so those known at `moment` come first: the one
    in force is known, and the next row is not known or belongs to another period.
    """
    period, known_at = history.period.view("int64"), history.known_at.view("int64")  # compared in blocks, unlike dates
    ends = np.ones(period.size, dtype=bool)
    known = known_at <= moment.astype("datetime64[us]").astype("int64")
    if period.size:
        np.not_equal(period[1:], period[:-1], out=ends[:-1])
        ends[:-1] |= ~known[1:]
    rows = np.flatnonzero(known & ends)
    rows = rows[~np.isnan(history.value[rows])]
    return History(history.period[rows], history.known_at[rows], history.value[rows])
