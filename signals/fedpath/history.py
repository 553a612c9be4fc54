"""The Fed path of many days at once: its own history, what changed since, and where today stands in it.

The table goes through the same `solve` and `odds` as a single day, one row a day, so that it equals
`fed_path` of that day wherever no price was learned late (a test compares them).
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from signals.asof import AsOf
from signals.calendars import CALLED_OFF, day_of, previous_session, sessions_between
from signals.derived.policy_rate import target_path
from signals.fedpath.meetings import (
    FIRST_DAY,
    decisions_on,
    later_moves,
    month_lengths,
    month_marks,
    scheduled_on,
    unscheduled,
)
from signals.fedpath.path import RANGE_SINCE, fed_path
from signals.fedpath.records import RANGE_BP, FedPath
from signals.fedpath.solve import View, odds, solve, trusted
from signals.fedpath.strip import WIDTH, read_strips

MEETINGS = 26  # of three years, with two to spare
HORIZONS = (3, 6, 12)  # months
SHORTEST_HISTORY = 250  # days, about a year of sessions: a percentile among fewer says nothing
SESSIONS_BACK = (1, 5, 21)  # a day, a week, a month


@dataclass(frozen=True)
class PathTable:
    """The expected paths of n days over the k meetings after each.

    Attributes
    ----------
    days : ndarray of datetime64[D], shape (n,)
    dates : ndarray of datetime64[D], shape (n, k)
        Meetings after the day.
    start, end : ndarray of float64, shape (n, k)
        Percent; NaN from the first refused meeting on.
    floor : ndarray of float64, shape (n,)
        Lower bound of the target in force on the day, basis points.
    kind : {"conditional", "aggregated"}
    known_at : ndarray of datetime64[us], shape (n,)
        UTC instant at which the last of the day's prices was known; NaT where it had none.
    """

    days: np.ndarray
    dates: np.ndarray
    start: np.ndarray
    end: np.ndarray
    floor: np.ndarray
    kind: View
    known_at: np.ndarray

    @property
    def lowest(self) -> np.ndarray:
        """Lower bound of the first bucket, basis points, shape (n, k); NaN where refused."""
        return self._odds[0]

    @property
    def probability(self) -> np.ndarray:
        """0 to 1, of buckets 25 bp apart from `lowest` on, shape (n, k, k + 1)."""
        return self._odds[1]

    @cached_property
    def _odds(self) -> tuple[np.ndarray, np.ndarray]:
        # Of all days they are the largest part of the table, and most who ask for it want the moves.
        steps, probability = odds(self.start, self.end, self.kind)
        return self.floor[:, None] + RANGE_BP * steps, probability

    def moves(self) -> dict[str, np.ndarray]:
        """Expected moves to the next meeting, 3, 6 and 12 months: basis points, NaN where refused."""
        return self._moves

    @cached_property
    def _moves(self) -> dict[str, np.ndarray]:
        first = self.start[:, 0]
        table = {"next": 100 * (self.end[:, 0] - first)}
        for months in HORIZONS:
            limit = _later(self.days, months)
            last = (self.dates <= limit[:, None]).sum(axis=1) - 1
            end = np.take_along_axis(self.end, np.maximum(last, 0)[:, None], axis=1)[:, 0]
            table[f"m{months}"] = np.where(last >= 0, 100 * (end - first), np.nan)
        return table

    def terminal(self) -> np.ndarray:
        """The E farthest from the next meeting's S, percent; NaN where the next meeting is refused."""
        away = np.abs(self.end - self.start[:, :1])
        farthest = np.where(np.isnan(away), -1, away).argmax(axis=1)
        return np.take_along_axis(self.end, farthest[:, None], axis=1)[:, 0]


def path_table(
    view: AsOf, days: np.ndarray, kind: View = "conditional", *, moments: np.ndarray | None = None
) -> PathTable:
    """The expected paths of `days` from what is known at the view's moment, or row by row at earlier ones.

    Parameters
    ----------
    view : AsOf
    days : ndarray of datetime64[D], shape (n,)
        Ascending, from 1994 on, none after the view's own day.
    kind : {"conditional", "aggregated"}
    moments : ndarray of datetime64[us], shape (n,), optional
        As in `read_strips`.
    """
    strips = read_strips(view, days, moments)
    decision, length, dates = _calendar(days, later_moves(view))
    starts, ends = solve(strips.price, decision, length)
    column = (dates.astype("datetime64[M]") - strips.first_month[:, None]).astype(np.int64)
    inside = (column >= 0) & (column < WIDTH)
    column = np.where(inside, column, 0)
    answered = inside & (np.take_along_axis(decision, column, axis=1) > 0)
    start = np.where(answered, np.take_along_axis(starts, column, axis=1), np.nan)
    end = np.where(answered, np.take_along_axis(ends, column, axis=1), np.nan)
    start, end = trusted(start, end)
    return PathTable(days, dates, start, end, lower_bound_bp(view, days), kind, strips.known_at)


def _calendar(days: np.ndarray, later: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Decision marks and lengths of the months of each strip, shape (n, w), and the meetings ahead, (n, k).

    `later` are moves between meetings beyond the shipped tables.
    """
    if not days.size:
        nothing = np.zeros((0, WIDTH), dtype=np.int64)
        return nothing, nothing, np.zeros((0, MEETINGS), dtype="datetime64[D]")
    called_off = np.array([day for _, day in CALLED_OFF], dtype="datetime64[D]")
    changes = np.union1d(np.union1d(unscheduled(), later), called_off)
    epoch = np.searchsorted(changes, days, side="right")
    opening = days.astype("datetime64[M]") - 1
    first = opening[0]
    column = (opening - first).astype(np.int64)[:, None] + np.arange(WIDTH)
    months = int(column[-1, -1]) + 1
    decision = np.empty((days.size, WIDTH), dtype=np.int64)
    dates = np.empty((days.size, MEETINGS), dtype="datetime64[D]")
    for era in np.unique(epoch):  # within one, every day reckons with the same decisions
        rows = epoch == era
        day = days[rows][0].item()
        decision[rows] = month_marks(decisions_on(day, later), first, months)[column[rows]]
        planned = np.append(scheduled_on(day), np.full(MEETINGS, np.datetime64("2200-01-01")))
        dates[rows] = planned[np.searchsorted(planned, days[rows], side="right")[:, None] + np.arange(MEETINGS)]
    return decision, month_lengths(first, months)[column], dates


def lower_bound_bp(view: AsOf, days: np.ndarray) -> np.ndarray:
    """Lower bound of the target in force on each day, basis points; NaN before the record."""
    decided, target = target_path(view)
    row = np.searchsorted(decided, days, side="right") - 1
    upper = np.where(row >= 0, target[np.maximum(row, 0)], np.nan) if target.size else np.full(days.size, np.nan)
    return 100 * upper - np.where(days >= np.datetime64(RANGE_SINCE), RANGE_BP, 0)


def _later(days: np.ndarray, months: int) -> np.ndarray:
    """The same day of the month `months` later, or that month's last day."""
    month = days.astype("datetime64[M]")
    last = (month + months + 1).astype("datetime64[D]") - 1
    return np.minimum((month + months).astype("datetime64[D]") + (days - month.astype("datetime64[D]")), last)


def history(view: AsOf) -> PathTable:
    """Every session from 1994 to the view's day, computed once per view."""
    last = day_of(view.moment)
    return view.remember(("fed history",), lambda: path_table(view, sessions_between(FIRST_DAY, last)))


def percentiles(view: AsOf, path: FedPath) -> dict[str, float | None]:
    """Share (0 to 1) of all days with prices up to the view's whose expected move was at most today's.

    Only days up to the view's own enter, so an earlier moment never sees later ones; None where fewer than a year
    of days is known.
    """
    past = history(view).moves()
    today = {"next": path.bp.next, "m3": path.bp.m3, "m6": path.bp.m6, "m12": path.bp.m12}
    return {name: None if value is None else _rank(past[name], value) for name, value in today.items()}


def _rank(past: np.ndarray, value: float) -> float | None:
    known = past[~np.isnan(past)]
    return float(np.mean(known <= value + 1e-9)) if known.size >= SHORTEST_HISTORY else None


def history_since(view: AsOf) -> dt.date | None:
    """The first day whose expected move to the next meeting is known; the day from which percentiles count."""
    past = history(view)
    known = past.days[~np.isnan(past.moves()["next"])]
    return known[0].item() if known.size else None


@dataclass(frozen=True, slots=True)
class MeetingChange:
    """Change of the expected rate after one meeting, basis points, since a day, a week and a month ago.

    The same meeting is compared with itself in percent of rate, so a decision that was priced is no change.
    """

    date: dt.date
    rate: float
    day_bp: float | None
    week_bp: float | None
    month_bp: float | None


def changes(view: AsOf, path: FedPath) -> tuple[MeetingChange, ...]:
    """What changed by meeting since 1, 5 and 21 sessions before the path's day."""
    then = [earlier(view, path, back) for back in SESSIONS_BACK]
    return tuple(
        MeetingChange(m.date, m.end_rate, *(_moved(m.end_rate, before.rate_after(m.date)) for before in then))
        for m in path.meetings
        if m.end_rate is not None
    )


def earlier(view: AsOf, path: FedPath, sessions: int) -> FedPath:
    """The path `sessions` sessions before the path's own day."""
    day = path.as_of
    for _ in range(sessions):
        day = previous_session(day)
    return fed_path(view, path.view, day=day)


def _moved(now: float, then: float | None) -> float | None:
    return None if then is None else 100 * (now - then)
