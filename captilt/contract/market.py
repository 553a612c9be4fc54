"""The market in one line: what a person looks at before any model, as it was known at the cut."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from allocator.returns import between
from signals.calendars import day_of, meetings_known, session_on_or_before
from signals.derived.policy_rate import target_path
from signals.fedpath.path import RANGE_SINCE

if TYPE_CHECKING:
    from allocator.settings import PortfolioSettings
    from signals.asof import AsOf

SPREAD = "fred:BAA10Y"  # Moody's Baa minus ten-year Treasury; percent, daily
SPREAD_YEARS = 10  # of the percentile: a whole credit cycle
RANGE_PERCENT = 0.25  # width of the target range
MONTHS = {"m1": 1, "m3": 3, "m12": 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeReturns:
    """Small minus large to the cut's close, percent, over 1, 3 and 12 months; None where a price is not known."""

    m1: float | None = None
    m3: float | None = None
    m12: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What markets and the Fed say before any model.

    Attributes
    ----------
    target_low_percent, target_high_percent : float or None
        Target range in force; equal before 2008-12-16.
    next_meeting : datetime.date or None
        The next scheduled decision.
    projections : bool
        Economic projections come with it.
    small_minus_large_percent : RelativeReturns
    spread_percent : float or None
        Baa less ten-year Treasury, of `spread_day`.
    spread_percentile : float or None
        Share (0 to 1) of the days of ten years whose spread was lower or equal.
    """

    target_low_percent: float | None = None
    target_high_percent: float | None = None
    next_meeting: dt.date | None = None
    projections: bool = False
    small_minus_large_percent: RelativeReturns = RelativeReturns()
    spread_percent: float | None = None
    spread_day: dt.date | None = None
    spread_percentile: float | None = None


def market_record(view: "AsOf", pair: "PortfolioSettings") -> Market:
    """The market as known at the view's moment."""
    low, high = _target(view)
    ahead = next((m for m in meetings_known(view.moment) if m.scheduled and m.announced > view.moment), None)
    spread, day, percentile = _spread(view)
    return Market(
        target_low_percent=low,
        target_high_percent=high,
        next_meeting=ahead and ahead.date,
        projections=ahead is not None and ahead.projections,
        small_minus_large_percent=_relative_returns(view, pair),
        spread_percent=spread,
        spread_day=day,
        spread_percentile=percentile,
    )


def _target(view: "AsOf") -> tuple[float | None, float | None]:
    days, target = target_path(view)
    if not days.size:
        return None, None
    upper = float(target[-1])
    return (upper - RANGE_PERCENT if day_of(view.moment) >= RANGE_SINCE else upper), upper


def _spread(view: "AsOf") -> tuple[float | None, dt.date | None, float | None]:
    known = view.latest(SPREAD)
    if not known.period.size:
        return None, None, None
    newest = known.period[-1]
    recent = known.value[known.period > newest - np.timedelta64(SPREAD_YEARS * 365, "D")]
    return float(known.value[-1]), newest.astype(dt.date), float(np.mean(recent <= known.value[-1]))


def _relative_returns(view: "AsOf", pair: "PortfolioSettings") -> RelativeReturns:
    today = day_of(view.moment)
    returns = {name: _since(view, pair, today, months) for name, months in MONTHS.items()}
    return RelativeReturns(**returns)


def _since(view: "AsOf", pair: "PortfolioSettings", today: dt.date, months: int) -> float | None:
    month = np.datetime64(today, "M") - months
    last = (month + 1).astype("datetime64[D]") - 1
    start = min(month.astype("datetime64[D]") + (today.day - 1), last).astype(dt.date)
    days = np.array([session_on_or_before(start), today], dtype="datetime64[D]")
    value = float(between(view, pair, days)[0])
    return value if np.isfinite(value) else None
