"""What a model may see at one moment: the state of the policy path, and market yields beside it.

Everything is computed from one view, so a past row is what a person knew then. Rows are cheap and remembered by
the view, which makes an expanding-window walk a matter of stacking them.
"""

import bisect
import datetime as dt
import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from regime.dating import EPSILON, MATERIAL, date_cycle
from signals.asof import AsOf
from signals.calendars import cut, day_of, in_utc, meetings, month_end_sessions
from signals.derived.policy_rate import POLICY_INPUTS, target_path
from signals.growing import code_of, growing_table

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKET = {"1y": "fred:DGS1", "2y": "fred:DGS2", "6m": "fred:DGS6MO", "3m": "fred:DGS3MO", "10y": "fred:DGS10"}
MARKET_INPUTS = tuple(MARKET.values())
INPUTS = (*POLICY_INPUTS, *MARKET_INPUTS)
FIRST_MONTH = dt.date(1982, 12, 1)  # the expanding window starts here (METHOD 1.3)
DAYS_PER_MONTH = 365.25 / 12
STALE = np.timedelta64(10, "D")  # a yield older than this says nothing of today
QUARTER = 3  # months over which market changes are measured
CHANGES = tuple(range(1, 13))  # months over which target changes are kept

ROW = "regime row"  # what views keep rows under
WORTH_A_TABLE = 12  # rows: fewer are computed before a table is read

COLUMNS = (
    "direction",  # +1 or -1: of the last confirmed leg
    "sign",  # +1 or -1: of the last material move; against `direction` a new leg may have begun
    "since",  # months since the last material move
    "since_leg",  # months since the leg's last material move (equal to `since` unless sign != direction)
    "moves",  # material moves of this sign in a row
    "meetings",  # scheduled meetings held since the last material move
    "target",  # percent
    *(f"change_{months}m" for months in CHANGES),  # target change, percentage points
    *(f"gap_{name}" for name in MARKET),  # yield minus target, percentage points; NaN where unknown
    *(f"gap_change_{name}" for name in MARKET),  # 3-month change of the yield, percentage points
)


@dataclass(frozen=True, slots=True)
class Rows:
    """Feature rows, one per moment.

    Attributes
    ----------
    days : ndarray of datetime64[D], shape (n,)
    values : ndarray of float64, shape (n, len(COLUMNS))
        Units as listed at `COLUMNS`; NaN where a market yield is not known.
    """

    days: np.ndarray
    values: np.ndarray

    def __getitem__(self, column: str) -> np.ndarray:
        return self.values[:, COLUMNS.index(column)]

    def take(self, which: np.ndarray) -> "Rows":
        """Rows that `which` selects."""
        return Rows(self.days[which], self.values[which])

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.days.size


def month_ends(last: dt.date) -> tuple[dt.date, ...]:
    """Month-end sessions of the expanding window up to `last`."""
    return month_end_sessions(FIRST_MONTH, last)


def rows(view: AsOf, moments: "Sequence[dt.datetime]") -> Rows:
    """Feature rows at several moments, each as it was then."""
    if moments:
        view.at(max(moments))  # none may be later than the view's own
    instants = in_utc(moments)
    known = view.recall(instants, ROW)
    if fresh := {at: moment for at, moment in zip(instants, moments, strict=True) if at not in known}:
        known |= (computed := _computed(view, fresh))
        view.keep(ROW, computed.items())
    days = np.array([day_of(moment) for moment in moments], dtype="datetime64[D]")
    values = np.array([known[at] for at in instants])
    return Rows(days, values.reshape(len(moments), len(COLUMNS)))


def _computed(view: AsOf, fresh: "dict[np.datetime64, dt.datetime]") -> dict[np.datetime64, np.ndarray]:
    """Rows by instant; many at once come from the table of an earlier process where it has them."""
    if len(fresh) < WORTH_A_TABLE:
        return {at: _row(view.at(moment)) for at, moment in fresh.items()}

    def compute(missing: np.ndarray) -> np.ndarray:
        return np.array([_row(view.at(fresh[at])) for at in missing])

    at = np.array(list(fresh), dtype="datetime64[us]")
    name = f"{ROW} {code_of('signals', 'regime')}"
    return dict(zip(at, growing_table(view, name, INPUTS, at, compute, width=len(COLUMNS)), strict=True))


def monthly(view: AsOf) -> Rows:
    """Feature rows at every month-end cut up to the view's moment."""
    ends = [cut(day) for day in month_ends(day_of(view.moment))]
    return rows(view, [moment for moment in ends if moment <= view.moment])


def _row(view: AsOf) -> np.ndarray:
    days, target = target_path(view)
    today = np.datetime64(day_of(view.moment), "D")
    direction = _direction(days.tobytes(), target.tobytes())
    if not direction:
        return np.full(len(COLUMNS), math.nan)
    policy = _policy(days, target, today=today, direction=direction)
    moved = today - np.timedelta64(round(policy["since"] * DAYS_PER_MONTH), "D")
    dates, announced = _scheduled()
    announced_so_far = bisect.bisect_right(announced, view.moment)
    policy["meetings"] = float(max(0, announced_so_far - int(np.searchsorted(dates, moved, side="right"))))
    return np.array([*_ordered(policy), *_market(view, today=today, target=policy["target"])])


@lru_cache(maxsize=1024)
def _direction(days: bytes, target: bytes) -> int:
    """Direction of the last confirmed leg, 0 before the first; a path lasts for weeks, so it is dated once."""
    phases = date_cycle(np.frombuffer(days, dtype="datetime64[D]"), np.frombuffer(target)).phases
    return phases[-1].direction if phases else 0


@cache
def _scheduled() -> tuple[np.ndarray, list[dt.datetime]]:
    """Days and announcements of the scheduled meetings."""
    scheduled = [meeting for meeting in meetings() if meeting.scheduled]
    return np.array([meeting.date for meeting in scheduled], dtype="datetime64[D]"), [
        meeting.announced for meeting in scheduled
    ]


def _ordered(policy: dict[str, float]) -> list[float]:
    return [policy[name] for name in COLUMNS if name in policy]


def _policy(days: np.ndarray, target: np.ndarray, *, today: np.datetime64, direction: int) -> dict[str, float]:
    move = np.diff(target, prepend=target[0])
    material = np.flatnonzero(np.abs(move) >= MATERIAL - EPSILON)
    signs = np.sign(move[material])
    with_leg = material[signs == direction]
    turned = np.flatnonzero(signs[::-1] != signs[-1])
    months_ago = _months_before(today, CHANGES)
    then = target[np.maximum(np.searchsorted(days, months_ago, side="right") - 1, 0)]
    return {
        "direction": float(direction),
        "sign": float(signs[-1]),
        "since": _months(days[material[-1]], today),
        "since_leg": _months(days[with_leg[-1]], today),
        "moves": float(turned[0] if turned.size else signs.size),
        "meetings": 0.0,
        "target": float(target[-1]),
        **{f"change_{months}m": float(target[-1] - was) for months, was in zip(CHANGES, then, strict=True)},
    }


def _months(first: Any, last: np.datetime64) -> float:
    return float((last - first) / np.timedelta64(1, "D")) / DAYS_PER_MONTH


def _months_before(day: np.datetime64, months: tuple[int, ...]) -> np.ndarray:
    """Day of the month some months earlier, the month's last day where it is missing."""
    month = day.astype("datetime64[M]") - np.array(months)
    into = day - day.astype("datetime64[M]").astype("datetime64[D]")
    return np.minimum(month.astype("datetime64[D]") + into, (month + 1).astype("datetime64[D]") - 1)


def _market(view: AsOf, *, today: np.datetime64, target: float) -> list[float]:
    before = _months_before(today, (QUARTER,))[0]
    now, then = [], []
    for series in MARKET.values():
        yields = view.latest(series)
        now.append(_last(yields.period, yields.value, day=today))
        then.append(_last(yields.period, yields.value, day=before))
    level, past = np.array(now), np.array(then)
    return [*(level - target), *(level - past)]


def _last(period: np.ndarray, value: np.ndarray, *, day: np.datetime64) -> float:
    row = int(np.searchsorted(period, day, side="right")) - 1
    if row < 0 or day - period[row] > STALE:
        return math.nan
    return float(value[row])
