"""A record taken apart: stances, calendar years, worst spells, and what hung on the day of the month.

1. Stances name the view, so their shares do not depend on what was held.
2. A year's active return is summed over the periods that began in it; a first or last year may be short.
3. A spell is a fall of compounded active wealth from a peak to its recovery; the deepest come first.
4. Timing luck: the same rule decided on each of 21 sessions after a month-end, with the fit, the phase
   probabilities and the multiplier of that month-end and the scores of the day. What separates the 21 is luck.
"""

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from allocator import tilt
from allocator.backtest.performance import MONTHS, drawdown, measure
from allocator.forecast import forecast
from allocator.settings import Judgement, TiltSettings
from allocator.tilt import points_per_percent
from allocator.track_record import (
    FIRST_DECISION,
    Record,
    month_end_panel,
    named_signals,
    opinion_at,
    realised,
    walk_forward_record,
)
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.calendars import CUT as CUT_TIME
from signals.calendars import cut, instants, sessions
from signals.signal import scores

OFFSETS = 21  # sessions of a month
WORST_SPELLS = 5
UNDER = 1.0  # points: a position below it is hardly one
ROLLING_YEARS = 3  # of a rolling ratio: short enough to move, long enough to say something
BP = 100.0  # basis points in a percent


@dataclass(frozen=True, slots=True)
class Stances:
    """Shares of decisions, 0 to 1.

    Attributes
    ----------
    overweight, neutral, underweight : float
        By view, of the decisions that had one.
    under_one_point : float
        Recommended position smaller than one point.
    """

    overweight: float
    neutral: float
    underweight: float
    under_one_point: float


@dataclass(frozen=True, slots=True)
class Year:
    """One calendar year: net active return and cost in basis points, mean tilt and one-way turnover in points."""

    year: int
    active_return_bp: float
    cost_bp: float
    mean_tilt_points: float
    turnover_points: float


@dataclass(frozen=True, slots=True)
class Spell:
    """A fall of compounded active wealth and its recovery.

    Attributes
    ----------
    start, trough : datetime.date
        Trade closes: at the peak, and at the lowest point.
    end : datetime.date or None
        Back at the peak; None where it has not recovered.
    depth_bp : float
        Negative.
    """

    start: dt.date
    trough: dt.date
    end: dt.date | None
    depth_bp: float


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch of periods on one side of policy by a point or more.

    Attributes
    ----------
    start, end : datetime.date
        First and last trade close of the stretch.
    mean_points, net_bp : float
        Mean active weight, and the net active return summed over the stretch.
    months : int
        Periods.
    """

    start: dt.date
    end: dt.date
    mean_points: float
    net_bp: float
    months: int


@dataclass(frozen=True, slots=True)
class TimingLuck:
    """The rule on every session of the month.

    Attributes
    ----------
    irs : tuple of float or None
        Annual, net, by sessions after the month-end, 0 to 20.
    """

    irs: tuple[float | None, ...]

    @property
    def spread(self) -> tuple[float, float, float]:
        """Worst, median and best."""
        known = sorted(ir for ir in self.irs if ir is not None)
        return (known[0], float(np.median(known)), known[-1]) if known else (0.0, 0.0, 0.0)


def stances(views: np.ndarray, points: np.ndarray, settings: TiltSettings) -> Stances:
    """Shares of each stance and of positions under one point.

    Parameters
    ----------
    views, points : ndarray, shape (n,)
        Points; a view is NaN where there was no new advice.
    """
    words = [tilt.stance(float(view), settings) for view in views[np.isfinite(views)]]
    shares = {word: words.count(word) / max(len(words), 1) for word in ("overweight", "neutral", "underweight")}
    return Stances(**shares, under_one_point=float(np.mean(np.abs(points) < UNDER)) if points.size else 0.0)


def calendar_years(closes: np.ndarray, net: np.ndarray, gross: np.ndarray, points: np.ndarray) -> tuple[Year, ...]:
    """Sums by the calendar year in which each period began."""
    year = closes.astype("datetime64[Y]").astype(int) + 1970
    traded = np.abs(np.diff(points, prepend=0.0))
    return tuple(
        Year(
            year=int(calendar_year),
            active_return_bp=float(BP * net[year == calendar_year].sum()),
            cost_bp=float(BP * (gross - net)[year == calendar_year].sum()),
            mean_tilt_points=float(points[year == calendar_year].mean()),
            turnover_points=float(traded[year == calendar_year].sum()),
        )
        for calendar_year in np.unique(year)
    )


def worst_spells(closes: np.ndarray, net: np.ndarray, *, count: int = WORST_SPELLS) -> tuple[Spell, ...]:
    """The deepest falls of compounded active wealth, deepest first.

    Parameters
    ----------
    closes : ndarray of datetime64[D], shape (n,)
        At which each period began.
    net : ndarray, shape (n,)
        Percent over each period.
    """
    fall = np.append(0.0, drawdown(net))  # before each period, and after the last
    days = closes.astype(dt.date).tolist()
    spells: list[Spell] = []
    row = 1
    while row < fall.size:
        if fall[row] >= 0:
            row += 1
            continue
        after = np.flatnonzero(fall[row:] >= 0)
        end = row + int(after[0]) if after.size else fall.size
        trough = row + int(np.argmin(fall[row:end]))
        back = days[end] if end < len(days) else None
        spells.append(Spell(days[row - 1], days[min(trough, len(days) - 1)], back, float(BP * fall[trough])))
        row = end
    return tuple(sorted(spells, key=lambda spell: spell.depth_bp)[:count])


def positions_taken(closes: np.ndarray, points: np.ndarray, net: np.ndarray) -> tuple[Taken, ...]:
    """Stretches of a position of a point or more on one side of policy: as many independent bets were made.

    Parameters
    ----------
    closes : ndarray of datetime64[D], shape (n,)
    points, net : ndarray, shape (n,)
        Active weight in points, and net active return over the period in percent.

    Examples
    --------
    >>> days = np.array(["2020-01-31", "2020-02-28", "2020-03-31"], "datetime64[D]")
    >>> [one.months for one in positions_taken(days, np.array([2.0, 2.0, -1.5]), np.zeros(3))]
    [2, 1]
    """
    side = np.where(np.abs(points) >= UNDER, np.sign(points), 0.0)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(side)) + 1, [side.size]]).astype(int)
    return tuple(
        Taken(
            start=closes[first].item(),
            end=closes[last - 1].item(),
            mean_points=float(points[first:last].mean()),
            net_bp=float(BP * net[first:last].sum()),
            months=last - first,
        )
        for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        if last > first and side[first]
    )


def rolling_ratio(net: np.ndarray, *, per_year: float = MONTHS, years: int = ROLLING_YEARS) -> np.ndarray:
    """Information ratio of the `years` that end with each period, shape of `net`; NaN before there are as many.

    Parameters
    ----------
    net : ndarray, shape (n,)
        Percent per period.
    """
    window = round(per_year * years)
    ratio = np.full(net.size, np.nan)
    if net.size < window:
        return ratio
    spans = np.lib.stride_tricks.sliding_window_view(net, window)
    sd = spans.std(axis=1, ddof=1)
    ratio[window - 1 :] = np.divide(
        math.sqrt(per_year) * spans.mean(axis=1), sd, out=np.full(sd.size, np.nan), where=sd > 0
    )
    return ratio


def timing_luck(
    view: AsOf, judgement: Judgement, regime: RegimeSettings, *, first: np.datetime64, last: np.datetime64
) -> TimingLuck:
    """Net information ratio of the rule on each of 21 sessions after a month-end.

    Parameters
    ----------
    first, last : datetime64[D]
        Month-ends of the sample.
    """
    past = month_end_panel(view, judgement, regime)
    record = walk_forward_record(view, judgement, regime)
    start = next((row for row, day in enumerate(past.days) if day >= FIRST_DECISION), len(past.days))
    opened = sessions()
    months = np.array(past.days[start:], dtype="datetime64[D]")
    base = np.searchsorted(opened, months)
    limit = int(np.searchsorted(opened, np.datetime64(view.moment.date(), "D"), side="left")) - 1
    irs: list[float | None] = []
    for offset in range(OFFSETS):
        rows = np.flatnonzero((base + offset <= limit) & np.isfinite(record.forecast))
        days = opened[base[rows] + offset]
        points = _offset_points(view, judgement, regime, record, rows=rows, start=start, days=days)
        _, net = realised(view, days.astype(dt.date).tolist(), points, judgement)
        inside = np.isfinite(net) & (months[rows] >= first) & (months[rows] <= last)
        traded = np.diff(points, prepend=0.0)
        irs.append(measure(net[inside], points[inside], traded[inside]).ir)
    return TimingLuck(tuple(irs))


def _offset_points(
    view: AsOf,
    judgement: Judgement,
    regime: RegimeSettings,
    record: Record,
    *,
    rows: np.ndarray,
    start: int,
    days: np.ndarray,
) -> np.ndarray:
    """Active weights of a desk that decides some sessions after each month-end."""
    past = month_end_panel(view, judgement, regime)
    moments = instants(days, CUT_TIME)
    columns = [scores(signal, view.at(cut(days[-1].item())), moments) for signal in named_signals(judgement)]
    now = np.column_stack(columns) if columns else np.zeros((days.size, 0))
    policy = judgement.portfolio.policy_weight
    points, position = np.zeros(days.size), 0.0
    for number, row in enumerate(rows):
        formed = opinion_at(view, past, start + int(row), judgement)
        if formed is not None:
            phases = past.phases[start + row]
            called = phases if judgement.forecast.regime and np.isfinite(phases).all() else None
            expected = forecast(formed.model, called, now[number])
            raw = points_per_percent(formed.sigma_annual_percent, judgement.tilt) * expected.annual_percent
            limits = tilt.Limits.long_only(policy, position, formed.sigma_annual_percent, float(record.multiplier[row]))
            position = tilt.settle(raw, limits, judgement.tilt)
        points[number] = position
    return points
