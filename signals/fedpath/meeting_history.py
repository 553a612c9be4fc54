"""One meeting through time: what was priced for it on every session since it was first answered.

Cut, no change and hike are counted against the target of each day, as CME's page does.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from signals.asof import AsOf
from signals.calendars import previous_session
from signals.fedpath.history import PathTable, history, lower_bound_bp
from signals.fedpath.records import RANGE_BP

BACK = (("now", 0), ("day", 1), ("week", 5), ("month", 21))  # sessions before the view's day
LEAST = 0.005  # a range that was never likelier is left out


@dataclass(frozen=True, slots=True)
class MeetingHistory:
    """The odds of one meeting on the sessions before it.

    Attributes
    ----------
    meeting : datetime.date
    days : tuple of datetime.date
        Sessions with an answer, ascending.
    lower_bp : tuple of float
        Lower bounds of the target ranges that were ever likely, basis points.
    probability : ndarray, shape (days, ranges)
        0 to 1.
    cut, hold, hike : ndarray, shape (days,)
        Probability that the target after the meeting is lower than, equal to or higher than that of the day.
    rate : ndarray, shape (days,)
        Expected rate after the meeting, percent.
    moves : ndarray, shape (days,)
        Expected change up to and with the meeting in moves of 25 bp.
    """

    meeting: dt.date
    days: tuple[dt.date, ...]
    lower_bp: tuple[float, ...]
    probability: np.ndarray
    cut: np.ndarray
    hold: np.ndarray
    hike: np.ndarray
    rate: np.ndarray
    moves: np.ndarray

    def back(self, day: dt.date) -> dict[str, int | None]:
        """Row of today, of a day, a week and a month before `day`; None where that session has no answer."""
        rows: dict[str, int | None] = {}
        session, steps = day, 0
        for name, sessions in BACK:
            while steps < sessions:
                session, steps = previous_session(session), steps + 1
            rows[name] = self.days.index(session) if session in self.days else None
        return rows


def meeting_history(view: AsOf, meeting: dt.date) -> MeetingHistory:
    """Every session up to the view's day on which `meeting` was answered; no days where it never was."""
    table = history(view)
    rows, columns = np.nonzero(table.dates == np.datetime64(meeting))
    known = np.isfinite(table.end[rows, columns])
    return _history(view, table, meeting, rows[known], columns[known])


def answered_meetings(view: AsOf) -> tuple[dt.date, ...]:
    """Meetings with an answer on the newest session, in order of date."""
    table = history(view)
    if not table.days.size:
        return ()
    known = np.isfinite(table.end[-1])
    return tuple(table.dates[-1][known].astype(dt.date).tolist())


def _history(view: AsOf, table: PathTable, meeting: dt.date, rows: np.ndarray, columns: np.ndarray) -> MeetingHistory:
    days = table.days[rows]
    lowest, share = table.lowest[rows, columns], table.probability[rows, columns]
    target = lower_bound_bp(view, days)
    bounds = lowest[:, None] + RANGE_BP * np.arange(share.shape[1])
    low, high = bounds < target[:, None] - 1, bounds > target[:, None] + 1
    every = np.unique(bounds[np.nan_to_num(share) >= LEAST]) if share.size else np.zeros(0)
    spread = np.zeros((rows.size, every.size))
    for column, bound in enumerate(every):
        spread[:, column] = np.where(np.abs(bounds - bound) < 1, np.nan_to_num(share), 0.0).sum(axis=1)
    cut, hike = np.nansum(share * low, axis=1), np.nansum(share * high, axis=1)
    return MeetingHistory(
        meeting=meeting,
        days=tuple(days.astype(dt.date).tolist()),
        lower_bp=tuple(every.tolist()),
        probability=spread,
        cut=cut,
        hold=np.clip(1 - cut - hike, 0.0, 1.0),
        hike=hike,
        rate=table.end[rows, columns],
        moves=100 * (table.end[rows, columns] - table.start[rows, 0]) / RANGE_BP,
    )
