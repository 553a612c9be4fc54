"""What a series of active weights earned: return, risk, drawdown, turnover, and what the market part was.

Active returns are in percent per month and arithmetic: weight times (small minus large). Everything shown
is per year unless it says otherwise.
"""

import math
from dataclasses import dataclass

import numpy as np

MONTHS = 12
BP = 100.0  # basis points in a percent
BETA_WINDOW = 36  # months: long enough for a slope, short enough to follow it
LEAST_WINDOW = 24  # months below which no beta is estimated and nothing is hedged


@dataclass(frozen=True, slots=True)
class Performance:
    """Figures of one record.

    Attributes
    ----------
    active_return_bp : float
        Per year.
    tracking_error_percent : float
        Per year, n - 1.
    ir : float or None
        sqrt(12) mean / sd; None where nothing was ever held.
    max_active_drawdown_percent : float
        Largest fall of compounded active wealth, negative or 0.
    turnover : float
        One-way, share of the portfolio per year.
    hit_rate : float or None
        Share of months with a tilt in which it earned more than its cost.
    months : int
    """

    active_return_bp: float
    tracking_error_percent: float
    ir: float | None
    max_active_drawdown_percent: float
    turnover: float
    hit_rate: float | None
    months: int


def measure(active: np.ndarray, points: np.ndarray, traded: np.ndarray) -> Performance:
    """Figures of monthly active returns.

    Parameters
    ----------
    active : ndarray, shape (n,)
        Percent per month, finite.
    points, traded : ndarray, shape (n,)
        Active weight held over the month, and moved at its start, points.
    """
    n = active.size
    sd = float(active.std(ddof=1)) if n > 1 else 0.0
    mean = float(active.mean()) if n else 0.0
    tilted = np.abs(points) > 0
    return Performance(
        active_return_bp=BP * MONTHS * mean,
        tracking_error_percent=math.sqrt(MONTHS) * sd,
        ir=math.sqrt(MONTHS) * mean / sd if sd > 0 else None,
        max_active_drawdown_percent=float(drawdown(active).min(initial=0.0)),
        turnover=float(np.abs(traded).mean()) * MONTHS / 100 if n else 0.0,
        hit_rate=float((active[tilted] > 0).mean()) if tilted.any() else None,
        months=n,
    )


def drawdown(active: np.ndarray) -> np.ndarray:
    """Fall of compounded active wealth from its peak so far, percent, shape of `active`; 0 or negative."""
    wealth = np.cumprod(1 + active / 100)
    peak = np.maximum.accumulate(np.maximum(wealth, 1.0))
    return 100 * (wealth / peak - 1)


def trailing_beta(difference: np.ndarray, market: np.ndarray) -> np.ndarray:
    """Beta of small minus large on the market over the 36 periods *before* each one; 0 with fewer than 24.

    Parameters
    ----------
    difference, market : ndarray, shape (n,)
        Percent per period; NaN where unknown.
    """
    beta = np.zeros(difference.size)
    for place in range(LEAST_WINDOW + 1, difference.size):
        # the period that ends when this one is traded is not known at the decision: one period is left out
        window = slice(max(0, place - 1 - BETA_WINDOW), place - 1)
        known = np.isfinite(difference[window]) & np.isfinite(market[window])
        if known.sum() < LEAST_WINDOW:
            continue
        x, y = market[window][known], difference[window][known]
        spread = float(((x - x.mean()) ** 2).sum())
        beta[place] = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread > 0 else 0.0
    return beta


def ir_error(ir: float, months: int) -> float:
    """Standard error of an annual information ratio, sqrt((1 + SR^2/2) / years), SR per month (Lo 2002)."""
    return math.sqrt((1 + (ir**2 / MONTHS) / 2) / (months / MONTHS)) if months else math.inf
