"""Small causal functions: what was the newest number of a series, as known at each of many moments.

1. A `History` holds every version of a series. `newest` walks its versions in the order in which they
   were learned and keeps, for each moment asked, the newest period known by then and its value.
2. `combine` builds the history of a formula over several series: the value of a period changes
   whenever one of its parts is learned or revised, and is known when the last part is.
3. `month_moments` lists the month-end cuts before a moment: the grid on which a score remembers its past.

One moment and ten thousand moments go through the same arithmetic, so the fast path cannot differ from
the slow one, and nothing here can use a version learned after the moment it answers for.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from signals.asof import AsOf, History
from signals.calendars import CUT, FIRST_YEAR, LAST_YEAR, instants, month_end_sessions
from signals.lookup import NOT_A_DAY, NOT_A_MOMENT, rows_of
from signals.new_york import instant

MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Points:
    """One number for each of n moments, as known then.

    Attributes
    ----------
    value : ndarray of float64, shape (n,)
        NaN where nothing usable was known.
    period : ndarray of datetime64[D], shape (n,)
        The period that the value describes; NaT where nothing was known at all.
    known_at : ndarray of datetime64[us], shape (n,)
        UTC instant at which it was learned.
    """

    value: np.ndarray
    period: np.ndarray
    known_at: np.ndarray

    @classmethod
    def unknown(cls, size: int) -> "Points":
        """No knowledge at any of `size` moments."""
        return cls(np.full(size, np.nan), np.full(size, NOT_A_DAY), np.full(size, NOT_A_MOMENT))

    def minus(self, other: "Points") -> "Points":
        """The difference, dated by the newer part."""
        return Points(
            self.value - other.value,
            np.fmax(self.period, other.period),
            np.fmax(self.known_at, other.known_at),
        )

    def fresh(self, moments: np.ndarray, *, max_age_days: int | np.ndarray) -> "Points":
        """The same points with the value removed where its period lies more than `max_age_days` back."""
        old = moments.astype("datetime64[D]") - self.period > np.asarray(max_age_days).astype("timedelta64[D]")
        return Points(np.where(old, np.nan, self.value), self.period, self.known_at)


def one(moment: dt.datetime) -> np.ndarray:
    """A moment as an array of one, for the functions that answer for many."""
    return np.array([instant(moment)])


@cache
def all_month_cuts() -> np.ndarray:
    """The 18:00 New York cut of every month's last session, UTC datetime64[us], ascending."""
    ends = month_end_sessions(dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31))
    cuts = instants(np.array(ends, dtype="datetime64[D]"), CUT)
    cuts.flags.writeable = False
    return cuts


def month_moments(moments: np.ndarray, *, before: int) -> np.ndarray:
    """The month-end cuts that the scores at `moments` look back on.

    Parameters
    ----------
    moments : ndarray of datetime64[us], ascending
    before : int
        How many month-ends strictly before the first moment are wanted.

    Returns
    -------
    ndarray of datetime64[us]
        From `before` month-ends before the first moment to the last one before the last moment.
    """
    cuts = all_month_cuts()
    low = int(np.searchsorted(cuts, moments[0], side="left"))
    high = int(np.searchsorted(cuts, moments[-1], side="left"))
    return cuts[max(0, low - before) : high]


def newest(history: History, moments: np.ndarray) -> Points:
    """The value of the newest period known at each moment.

    Parameters
    ----------
    history : History
    moments : ndarray of datetime64[us], shape (n,)

    Returns
    -------
    Points, shape (n,)

    Notes
    -----
    A version counts when its period is at least as new as every period learned before it; a revision of
    an older period leaves the newest value alone. Withdrawn values (NaN) are rare and take the slow road.
    """
    if not history.period.size:
        return Points.unknown(moments.size)
    if np.isnan(history.value).any():
        return _newest_with_withdrawals(history, moments)
    known, period, value = _as_learned(history)
    top = np.maximum.accumulate(period)
    newest_row = np.maximum.accumulate(np.where(period >= top, np.arange(period.size), 0))
    last = np.searchsorted(known, moments, side="right") - 1
    any_known = last >= 0
    rows = newest_row[np.where(any_known, last, 0)]
    return Points(
        np.where(any_known, value[rows], np.nan),
        np.where(any_known, period[rows], NOT_A_DAY),
        np.where(any_known, known[rows], NOT_A_MOMENT),
    )


def _as_learned(history: History) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(known_at, period, value) in the order in which the versions were learned."""
    if (history.known_at[1:] >= history.known_at[:-1]).all():
        return history.known_at, history.period, history.value
    order = np.lexsort((history.period, history.known_at))
    return history.known_at[order], history.period[order], history.value[order]


def _newest_with_withdrawals(history: History, moments: np.ndarray) -> Points:
    points = Points.unknown(moments.size)
    for row, moment in enumerate(moments):
        latest = history.until(moment).latest()
        if latest.period.size:
            points.value[row] = latest.value[-1]
            points.period[row] = latest.period[-1]
            points.known_at[row] = latest.known_at[-1]
    return points


def known(view: AsOf, series: str, moments: np.ndarray) -> Points:
    """The newest value of `series` known at each of `moments`, none of them after the view's moment."""
    return newest(view.history(series), moments)


def combine(formula: Callable[..., np.ndarray], *parts: History) -> History:
    """The history of ``formula(*values)`` over the periods that all `parts` share.

    Each period has a version at every instant at which one of its parts was learned or revised once all
    of them were known, so a late revision of a part is a late revision of the result.
    """
    simple = [part.period[np.append(True, part.period[1:] != part.period[:-1])] for part in parts if part.period.size]
    if len(simple) < len(parts):
        return History.of([], [], [])
    shared = simple[0]
    for periods in simple[1:]:
        shared = np.intersect1d(shared, periods, assume_unique=True)
    parts = tuple(_within(part, shared) for part in parts)
    if all(part.period.size == shared.size for part in parts):
        known_at = np.maximum.reduce([part.known_at for part in parts])
        return History(shared, known_at, formula(*(part.value for part in parts)))
    return _combine_revised(formula, parts)


def _within(part: History, periods: np.ndarray) -> History:
    _, inside = rows_of(part.period, periods)
    return History(part.period[inside], part.known_at[inside], part.value[inside])


def _combine_revised(formula: Callable[..., np.ndarray], parts: tuple[History, ...]) -> History:
    """Every event of every part is an event of the result; parts are carried forward to it."""
    period = np.concatenate([part.period for part in parts])
    known_at = np.concatenate([part.known_at for part in parts])
    order = np.lexsort((known_at, period))
    period, known_at = period[order], known_at[order]
    values = [_carried(part, period, known_at) for part in parts]
    complete = np.logical_and.reduce([present for _, present in values])
    result = formula(*(value for value, _ in values))
    return History.of(period[complete], known_at[complete], result[complete])


def _carried(part: History, period: np.ndarray, known_at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The value of `part` in force for each (period, known_at), and whether there was one."""
    kind = np.dtype([("period", "i8"), ("known_at", "i8")])
    rows, queries = np.empty(part.period.size, kind), np.empty(period.size, kind)
    rows["period"], rows["known_at"] = part.period.astype("i8"), part.known_at.astype("i8")
    queries["period"], queries["known_at"] = period.astype("i8"), known_at.astype("i8")
    order = np.argsort(np.concatenate([rows, queries]), order=("period", "known_at"), kind="stable")
    newest_row = np.maximum.accumulate(np.where(order < rows.size, order, -1))
    last = np.empty(queries.size, dtype=np.int64)
    last[order[order >= rows.size] - rows.size] = newest_row[order >= rows.size]
    row = np.where(last >= 0, last, 0)
    present = (last >= 0) & (part.period[row] == period)
    return part.value[row], present


def month_means(history: History) -> History:
    """Calendar-month means of a daily series; a month is known when its last day is.

    Periods are the first of the month. A month that is still running has its mean so far, and more
    versions as its days come in: `newest` and `combine` with a finished monthly series drop those.
    """
    daily = history.latest()
    if not daily.period.size:
        return daily
    month = daily.period.astype("datetime64[M]")
    first = np.flatnonzero(np.append(True, month[1:] != month[:-1]))
    count = np.diff(np.append(first, month.size))
    return History(
        month[first].astype("datetime64[D]"),
        np.maximum.reduceat(daily.known_at, first),
        np.add.reduceat(daily.value, first) / count,
    )


def joined(early: History, late: History) -> History:
    """`early` up to the month before `late` begins, then `late`: a stand-in before a series starts."""
    if not late.period.size:
        return early
    begins = late.period[0].astype("datetime64[M]").astype("datetime64[D]")
    before = early.period < begins
    return History(
        np.concatenate([early.period[before], late.period]),
        np.concatenate([early.known_at[before], late.known_at]),
        np.concatenate([early.value[before], late.value]),
    )


def joined_at(early: Points, late: Points) -> Points:
    """`late` wherever anything of it was known, `early` before that."""
    begun = ~np.isnat(late.period)
    return Points(
        np.where(begun, late.value, early.value),
        np.where(begun, late.period, early.period),
        np.where(begun, late.known_at, early.known_at),
    )


def years_before(moments: np.ndarray, years: int) -> np.ndarray:
    """Each moment moved back by whole years (29 February becomes the 28th)."""
    return months_before(moments, MONTHS_A_YEAR * years)


def months_before(moments: np.ndarray, months: int) -> np.ndarray:
    """Each moment moved back by whole months, the day of the month cut to the month's length."""
    day = moments.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    earlier = month - months
    length = ((earlier + 1).astype("datetime64[D]") - earlier.astype("datetime64[D]")).astype("int64")
    number = np.minimum((day - month.astype("datetime64[D]")).astype("int64"), length - 1)
    return (earlier.astype("datetime64[D]") + number).astype("datetime64[us]") + (moments - day)
