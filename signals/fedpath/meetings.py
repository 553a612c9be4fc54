"""Which decisions a person reckoned with on a given day: the input that the futures strip is read against.

Scheduled meetings are known ahead. A decision between meetings counts from its own announcement on, and only
where it moved the target: a statement or a swap line leaves the average rate of the month alone. A scheduled
meeting that was called off counts until it was.
"""

import datetime as dt
from functools import cache, lru_cache

import numpy as np

from signals.asof import AsOf
from signals.calendars import CALLED_OFF, meetings, target_changes
from signals.derived.policy_rate import target_path
from signals.fedpath.solve import TWO_DECISIONS

FIRST_DAY = dt.date(1994, 1, 1)  # the committee announces its decisions, and we hold its calendar, from here on
MONTH = np.timedelta64(1, "M")


@cache
def scheduled() -> np.ndarray:
    """Every scheduled decision day that was held or is to come, datetime64[D], ascending."""
    return np.array([m.date for m in meetings() if m.scheduled], dtype="datetime64[D]")


@cache
def unscheduled() -> np.ndarray:
    """Decision days between meetings that moved the target, datetime64[D]; announced before 18:00 of the day."""
    moved = {day for day, _ in target_changes()}
    return np.array([m.date for m in meetings() if not m.scheduled and m.date in moved], dtype="datetime64[D]")


def scheduled_on(day: dt.date) -> np.ndarray:
    """Scheduled decision days as they stood on `day`, past and future, datetime64[D], ascending."""
    return _scheduled_with(tuple(meeting for meeting, replaced in CALLED_OFF if day < replaced))


@cache
def _scheduled_with(expected: tuple[dt.date, ...]) -> np.ndarray:
    """Those that were held or are to come, and those that were called off later, read-only."""
    days = np.union1d(scheduled(), np.array(expected, dtype="datetime64[D]"))
    days.flags.writeable = False
    return days


def later_moves(view: AsOf) -> np.ndarray:
    """Moves between meetings that the shipped tables do not have yet, datetime64[D]; known at the view's moment."""
    days, _ = target_path(view)
    later = days[days > np.datetime64(target_changes()[-1][0], "D")]
    return later[~np.isin(later, scheduled())]


def decisions_on(day: dt.date, later: np.ndarray | None = None) -> np.ndarray:
    """All decisions known on `day` at the cut: scheduled ones, and moves between meetings up to that day.

    Parameters
    ----------
    day : datetime.date
    later : ndarray of datetime64[D], optional
        Moves between meetings beyond the shipped tables (`later_moves`).
    """
    moves = unscheduled() if later is None or not later.size else np.union1d(unscheduled(), later)
    return _decided(scheduled_on(day).tobytes(), moves[moves <= np.datetime64(day, "D")].tobytes())


@lru_cache(maxsize=256)
def _decided(planned: bytes, moves: bytes) -> np.ndarray:
    """Both together, read-only; they change a few times in a decade."""
    both = np.union1d(*(np.frombuffer(days, dtype="datetime64[D]") for days in (planned, moves)))
    both.flags.writeable = False
    return both


def upcoming(day: dt.date, until: dt.date) -> tuple[dt.date, ...]:
    """Scheduled meetings after `day` up to and including `until`; those of `day` itself are held."""
    days = scheduled_on(day)
    return tuple(days[(days > np.datetime64(day, "D")) & (days <= np.datetime64(until, "D"))].tolist())


def month_marks(decisions: np.ndarray, first: np.datetime64, width: int) -> np.ndarray:
    """Day of the decision in each of `width` months from `first`: 0 for none, `TWO_DECISIONS` for more than one."""
    column = (decisions.astype("datetime64[M]") - first).astype(np.int64)
    inside = (column >= 0) & (column < width)
    column, day = column[inside], day_of_month(decisions[inside])
    marks = np.zeros(width, dtype=np.int64)
    marks[column] = day
    marks[np.bincount(column, minlength=width) > 1] = TWO_DECISIONS
    return marks


def day_of_month(days: np.ndarray) -> np.ndarray:
    """1 to 31 for each of `days`."""
    return (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1


def month_lengths(first: np.datetime64, width: int) -> np.ndarray:
    """Days in each of `width` months from `first`."""
    edges = (first + np.arange(width + 1) * MONTH).astype("datetime64[D]")
    return np.diff(edges).astype(np.int64)
