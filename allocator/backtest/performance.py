"""What a series of active weights earned: return, risk, drawdown, turnover, and what the market part was.

Active returns are in percent per period and arithmetic: weight times (small minus large). Everything shown
is per year, by the number of periods that the record's own schedule has in a year.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

MONTHS = 12
BP = 100.0  # basis points in a percent
BETA_YEARS = 3  # long enough for a slope, short enough to follow it
LEAST_BETA_YEARS = 2  # below it no beta is estimated and nothing is hedged
PERIODS: Mapping[str, float] = {"month": 12.0, "quarter": 4.0, "week": 365.25 / 7, "day": 252.0}  # in a year


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
        Share of periods with a tilt in which it earned more than its cost.
    periods : int
    """

    active_return_bp: float
    tracking_error_percent: float
    ir: float | None
    max_active_drawdown_percent: float
    turnover: float
    hit_rate: float | None
    periods: int


def measure(active: np.ndarray, points: np.ndarray, traded: np.ndarray, *, per_year: float = MONTHS) -> Performance:
    """Figures of active returns.

    Parameters
    ----------
    active : ndarray, shape (n,)
        Percent per period, finite.
    points, traded : ndarray, shape (n,)
        Active weight held over the period, and moved at its start, points.
    per_year : float
        Periods in a year.
    """
    n = active.size
    sd = float(active.std(ddof=1)) if n > 1 else 0.0
    mean = float(active.mean()) if n else 0.0
    tilted = np.abs(points) > 0
    return Performance(
        active_return_bp=BP * per_year * mean,
        tracking_error_percent=math.sqrt(per_year) * sd,
        ir=math.sqrt(per_year) * mean / sd if sd > 0 else None,
        max_active_drawdown_percent=float(drawdown(active).min(initial=0.0)),
        turnover=float(np.abs(traded).mean()) * per_year / 100 if n else 0.0,
        hit_rate=float((active[tilted] > 0).mean()) if tilted.any() else None,
        periods=n,
    )


def drawdown(active: np.ndarray) -> np.ndarray:
    """Fall of compounded active wealth from its peak so far, percent, shape of `active`; 0 or negative."""
    wealth = np.cumprod(1 + active / 100)
    peak = np.maximum.accumulate(np.maximum(wealth, 1.0))
    return 100 * (wealth / peak - 1)


def trailing_beta(difference: np.ndarray, market: np.ndarray, *, per_year: float = MONTHS) -> np.ndarray:
    """Beta of small minus large on the market over the three years *before* each period; 0 with less than two.

    Parameters
    ----------
    difference, market : ndarray, shape (n,)
        Percent per period; NaN where unknown.
    """
    beta = np.zeros(difference.size)
    longest, least = round(BETA_YEARS * per_year), round(LEAST_BETA_YEARS * per_year)
    for row in range(least + 1, difference.size):
        # the period that ends when this one is traded is not known at the decision: one period is left out
        window = slice(max(0, row - 1 - longest), row - 1)
        known = np.isfinite(difference[window]) & np.isfinite(market[window])
        if known.sum() < least:
            continue
        x, y = market[window][known], difference[window][known]
        spread = float(((x - x.mean()) ** 2).sum())
        beta[row] = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread > 0 else 0.0
    return beta


def ir_error(ir: float, periods: int, *, per_year: float = MONTHS) -> float:
    """Standard error of an annual information ratio, sqrt((1 + SR^2/2) / years), SR per period (Lo 2002)."""
    return math.sqrt((1 + (ir**2 / per_year) / 2) / (periods / per_year)) if periods else math.inf
