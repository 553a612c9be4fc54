"""Before 1982 there is no target: ends of tightenings from the monthly effective rate, after Adrian and Estrella.

A month t ends a tightening if its rate is at least every earlier and above every later value of [t-12, t+9] and has
risen by half a point in twelve months; or the same over [t-6, t+6] where it stands 1.5 points above the mean of the
window's two ends. Provenance is *effective*, not *target*: these dates only lengthen return samples, never a score.

References
----------
Adrian and Estrella (2008), "Monetary tightening cycles and the predictability of economic activity", Economics
Letters 99(2).
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from signals.asof import AsOf

FEDFUNDS = "fred:FEDFUNDS"  # percent, month average
BACK, ON, RISE = 12, 9, 0.50  # months, months, percentage points in twelve months
NEAR, STAND = 6, 1.50  # months to either side, percentage points above their mean
TARGET_FROM = np.datetime64("1982-09")  # where the target record starts
PROVENANCE = "effective"


@dataclass(frozen=True, slots=True)
class Peak:
    """The end of a tightening before the target record.

    Attributes
    ----------
    month : datetime.date
        First of the month.
    rate : float
        Effective rate, percent, month average.
    provenance : str
        Always ``effective``.
    """

    month: dt.date
    rate: float
    provenance: str = PROVENANCE


def peaks(view: AsOf) -> tuple[Peak, ...]:
    """Peaks that ended tightenings before the target record, as far as the view knows monthly rates."""
    funds_rate = view.latest(FEDFUNDS)
    months = funds_rate.period.astype("datetime64[M]")
    return tuple(
        Peak(months[month].astype("datetime64[D]").item(), float(funds_rate.value[month]))
        for month in range(months.size)
        if months[month] < TARGET_FROM and is_peak(funds_rate.value, month)
    )


def is_peak(rate: np.ndarray, month: int) -> bool:
    """Whether month number `month` ends a tightening; `rate` is monthly and without gaps, percent."""
    return (_tops(rate, month, BACK, ON) and rate[month] - rate[month - BACK] >= RISE) or (
        _tops(rate, month, NEAR, NEAR) and rate[month] - (rate[month - NEAR] + rate[month + NEAR]) / 2 >= STAND
    )


def _tops(rate: np.ndarray, month: int, back: int, on: int) -> bool:
    """At least every earlier value of the window, above every later one; False where the window is cut off."""
    if month < back or month + on >= rate.size:
        return False
    earlier, later = rate[month - back : month], rate[month + 1 : month + on + 1]
    return bool((rate[month] >= earlier).all() and (rate[month] > later).all())
