"""The Fed path as features: expected moves at many moments, each exactly as it was known then.

For every moment the strip is that of the newest session with prices, at most `MAX_AGE_SESSIONS` old, and
nothing is said where a decision has come in between: the same rule as `fed_path`, which a test holds it to.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from signals import new_york
from signals.asof import AsOf
from signals.calendars import later_by_months, sessions
from signals.derived.policy_rate import POLICY_INPUTS
from signals.fedpath.history import changes, path_table
from signals.fedpath.meetings import FIRST_DAY, scheduled, unscheduled
from signals.fedpath.path import MAX_AGE_SESSIONS, fed_path
from signals.fedpath.records import FedPath
from signals.fedpath.strip import STRIP_INPUTS
from signals.lookup import NOT_A_DAY, NOT_A_MOMENT

FEATURE_INPUTS = (*POLICY_INPUTS, *STRIP_INPUTS)
MOVES = "fed moves"  # what views keep under
NAMES = ("next", "m3", "m6", "m12", "terminal")
Row = tuple[np.ndarray, np.datetime64, np.datetime64]


@dataclass(frozen=True, slots=True)
class ExpectedMovesAt:
    """Expected moves of the policy rate at n moments.

    Attributes
    ----------
    bp : dict of str to ndarray of float64, shape (n,)
        ``next``, ``m3``, ``m6``, ``m12`` and ``terminal``: basis points from the start of the next meeting; NaN
        where there was no usable strip.
    day : ndarray of datetime64[D], shape (n,)
        Session of the strip; NaT where there was none.
    known_at : ndarray of datetime64[us], shape (n,)
        UTC instant at which the last of that session's prices was known; NaT where there was none.
    """

    bp: dict[str, np.ndarray]
    day: np.ndarray
    known_at: np.ndarray


def moves_at(view: AsOf, moments: np.ndarray) -> ExpectedMovesAt:
    """Expected moves at each of `moments` (UTC datetime64[us]), none after the view's own.

    An answer depends on its own moment alone, so all views of the same facts share what was once computed.
    """
    unique, back = np.unique(moments, return_inverse=True)
    known = view.recall(unique, MOVES)
    fresh = np.array([moment for moment in unique if moment not in known], dtype="datetime64[us]")
    if fresh.size:
        computed = dict(zip(fresh, _compute(view, fresh).rows(), strict=True))
        view.keep(MOVES, computed.items())
        known |= computed
    rows = [known[moment] for moment in unique]
    bp = {name: np.array([row[0][k] for row in rows], dtype=float)[back] for k, name in enumerate(NAMES)}
    day = np.array([row[1] for row in rows], dtype="datetime64[D]")[back]
    return ExpectedMovesAt(bp, day, np.array([row[2] for row in rows], dtype="datetime64[us]")[back])


def _compute(view: AsOf, moments: np.ndarray) -> "_Rows":
    today = new_york.days(moments)
    rows = _Rows.blank(moments.size)
    left = np.flatnonzero(today >= np.datetime64(FIRST_DAY, "D"))
    for age in range(MAX_AGE_SESSIONS + 1):
        session = np.searchsorted(sessions(), today[left], side="right") - 1 - age
        left = left[~rows.fill(view, left, sessions()[session], moments[left])]
    rows.silence(_decided_between(rows.day, today))
    return rows


@dataclass(frozen=True, slots=True)
class _Rows:
    """The answer while it is being filled in."""

    bp: dict[str, np.ndarray]
    day: np.ndarray
    known_at: np.ndarray

    @classmethod
    def blank(cls, size: int) -> "_Rows":
        nothing = {name: np.full(size, np.nan) for name in NAMES}
        return cls(nothing, np.full(size, NOT_A_DAY), np.full(size, NOT_A_MOMENT))

    def fill(self, view: AsOf, rows: np.ndarray, days: np.ndarray, moments: np.ndarray) -> np.ndarray:
        """Answer `rows` from the strips of `days`; True where that day had any price at all."""
        priced = np.zeros(rows.size, dtype=bool)
        for layer in _layers(days):
            table = path_table(view, days[layer], moments=moments[layer])
            moves = table.moves() | {"terminal": 100 * (table.terminal() - table.start[:, 0])}
            answered = ~np.isnat(table.known_at)
            priced[layer] = answered
            hit = rows[layer][answered]
            for name in NAMES:
                self.bp[name][hit] = moves[name][answered]
            self.day[hit], self.known_at[hit] = days[layer][answered], table.known_at[answered]
        return priced

    def rows(self) -> Iterator[Row]:
        """One tuple a moment: moves in the order of `NAMES`, day, known-at."""
        return zip(np.column_stack([self.bp[name] for name in NAMES]), self.day, self.known_at, strict=True)

    def silence(self, rows: np.ndarray) -> None:
        """Take back what was said on `rows`."""
        for value in self.bp.values():
            value[rows] = np.nan


def _layers(days: np.ndarray) -> list[np.ndarray]:
    """Row numbers in groups without a repeated day: two moments of one day each get a strip of their own."""
    if not days.size:
        return []
    fresh = np.append(True, days[1:] != days[:-1])
    nth = np.arange(days.size) - np.maximum.accumulate(np.where(fresh, np.arange(days.size), 0))
    return [np.flatnonzero(nth == k) for k in range(int(nth.max()) + 1)]


def _decided_between(priced: np.ndarray, today: np.ndarray) -> np.ndarray:
    """True where a decision came after the strip's day, up to and including `today`."""
    known = np.union1d(scheduled(), unscheduled())
    after = np.searchsorted(known, today, side="right") > np.searchsorted(known, priced, side="right")
    return after & ~np.isnat(priced)


def describe_path(view: AsOf) -> tuple[str, ...]:
    """The path in lines for a person: expected moves, the terminal rate, and what changed."""
    path = fed_path(view)
    if path.status != "ok":
        return (f"futures: not available: {path.reason}",)
    moves = {"next meeting": path.bp.next, "3 months": path.bp.m3, "6 months": path.bp.m6, "12 months": path.bp.m12}
    lines = ["futures, bp: " + ", ".join(f"{name} {bp:+.1f}" for name, bp in moves.items() if bp is not None)]
    if path.terminal.rate is not None:
        lines.append(f"farthest from here: {path.terminal.rate:.2f} % after {path.terminal.date}")
    return (*lines, *_changed(view, path), path.price_source)


def _changed(view: AsOf, path: FedPath) -> tuple[str, ...]:
    """How the expected rate after the last meeting within six months has moved."""
    limit = later_by_months(path.as_of, 6)
    last = [change for change in changes(view, path) if change.date <= limit][-1:]
    if not last:
        return ()
    parts = {"a day": last[0].day_bp, "a week": last[0].week_bp, "a month": last[0].month_bp}
    known = ", ".join(f"{bp:+.1f} over {name}" for name, bp in parts.items() if bp is not None)
    return (f"rate after {last[0].date}, bp: {known}",) if known else ()
