"""Simple rules that anybody could have followed instead, on the same months, at the same size and cost."""

import numpy as np

from allocator.backtest.walk_forward import Walk
from allocator.returns import monthly
from allocator.settings import Judgement
from signals.asof import AsOf
from signals.calendars import cut, day_of
from signals.derived.policy_rate import target_path

MOMENTUM_MONTHS = 12
EASING_DAYS = np.timedelta64(183, "D")  # half a year: the target is lower than it was then


def benchmarks(view: AsOf, own: Walk, judgement: Judgement) -> tuple[tuple[str, np.ndarray], ...]:
    """Active weights of each rule at the decisions of `own`, points.

    The size of the rules that take sides is the mean size of the strategy, so that costs compare.
    """
    size = float(np.abs(own.points).mean())
    days = [day.item() for day in own.decided]
    views = [view.at(cut(day)) for day in days]
    return (
        ("policy mix, always neutral", np.zeros(len(days))),
        ("static mix at the mean weight", np.full(len(days), float(own.points.mean()))),
        ("12-month relative momentum", size * np.array([_momentum(then, judgement) for then in views])),
        ("overweight while easing", size * np.array([_easing(then) for then in views])),
    )


def earned(points: np.ndarray, own: Walk, cost_bp: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Net active return, weights and trades of a rule over the periods of `own`; the first weight is there already."""
    traded = np.diff(points, prepend=points[:1])
    return points / 100 * own.difference - np.abs(traded) / 100 * cost_bp / 100, points, traded


def _momentum(view: AsOf, judgement: Judgement) -> float:
    """+1 where small has led over the last twelve months known, -1 where it has lagged."""
    known = monthly(view, judgement.portfolio).known()[-MOMENTUM_MONTHS:]
    return float(np.sign(known.sum())) if known.size == MOMENTUM_MONTHS else 0.0


def _easing(view: AsOf) -> float:
    """1 where the target is lower than half a year ago, else 0: cutting, as anybody could see it."""
    days, target = target_path(view)
    now = np.datetime64(day_of(view.moment), "D")
    before = int(np.searchsorted(days, now - EASING_DAYS, side="right")) - 1
    return float(before >= 0 and target[-1] < target[before])
