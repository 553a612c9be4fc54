"""From a forecast to a weight: risk budget, limits, no-trade band, step; and what each did (METHOD 4).

1. Raw wish: each term of the forecast times ``100 TE / (IR_ref sigma^2)``, in points.
2. Data confidence and the evidence multiplier scale it. This is the *view*: what the engine would hold with
   nothing in hand. It does not depend on what is held.
3. The clip cuts at the largest tilt and at a target weight of 0 or 1. Its bounds shrink with the data
   confidence, so that half the confidence is never more than half the tilt.
4. Inside the no-trade band nothing is done; outside it the trade goes to the band's edge.
5. A trade moves at most one step from the weight held at the previous month's last session.
6. A trade too small to be worth an order is not made.

Every rule is a line of the attribution; the lines sum to the recommended weight exactly. Days that were recorded
under method 1 are computed again by `allocator.method_1`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.recommendation import Line, Stance
from allocator.settings import TiltSettings

MONTHS = 12
PERCENT = 100.0
BP = 10_000.0
CONFIDENCE, MULTIPLIER, CLIP = "data confidence", "multiplier", "clip"
BAND, STEP, SMALLEST = "band", "step", "smallest trade"
RULES = (CONFIDENCE, MULTIPLIER, CLIP, BAND, STEP, SMALLEST)


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds the tilt on one day; all in points of the portfolio, relative to policy.

    Attributes
    ----------
    position, step_from : float
        Active weight held now, and at the previous month's last session.
    low, high : float
        Active weights at which the target weight is 0 and 1.
    confidence, multiplier : float
        0 to 1, from the degradation ladder and from the evidence.
    sigma_annual_percent : float
        Volatility of small minus large.
    """

    position: float
    step_from: float
    low: float
    high: float
    confidence: float
    multiplier: float
    sigma_annual_percent: float

    @classmethod
    def long_only(
        cls,
        policy_weight: float,
        position: float,
        sigma_annual_percent: float,
        multiplier: float,
        *,
        step_from: float | None = None,
        confidence: float = 1.0,
    ) -> "Limits":
        """Limits of a portfolio without shorts; the step counts from `position` where nothing else is given."""
        return cls(
            position=float(position),
            step_from=float(position if step_from is None else step_from),
            low=-100 * policy_weight,
            high=100 * (1 - policy_weight),
            confidence=float(confidence),
            multiplier=float(multiplier),
            sigma_annual_percent=float(sigma_annual_percent),
        )


@dataclass(frozen=True, slots=True)
class Tilt:
    """The recommended active weight and where it comes from.

    Attributes
    ----------
    points : float
        Recommended active weight.
    view : float
        The raw wish after confidence and multiplier, whatever is held.
    wanted : float
        The view within its limits, before band, step and smallest trade.
    lines : tuple of Line
        Sum to `points` to 1e-12.
    """

    points: float
    view: float
    wanted: float
    lines: tuple[Line, ...]


def sigma_annual_percent(monthly: np.ndarray, settings: TiltSettings) -> float:
    """Volatility from a zero-mean exponentially weighted average of squares, floored.

    Parameters
    ----------
    monthly : ndarray, shape (n,)
        Small minus large in percent per month, oldest first, finite; n >= 1.

    Returns
    -------
    float
        Percent per year.
    """
    age = np.arange(monthly.size)[::-1]
    weight = 0.5 ** (age / settings.sigma_half_life_months)
    variance = float(weight @ np.square(monthly) / weight.sum())
    return max(math.sqrt(MONTHS * variance), settings.sigma_floor_percent)


def points_per_percent(sigma: float, settings: TiltSettings) -> float:
    """Points of tilt per percent per year of forecast: 100 TE / (IR_ref sigma^2).

    >>> round(-1.6 * points_per_percent(10.3, TiltSettings()), 2)
    -4.52
    """
    return PERCENT * settings.tracking_error_percent / (settings.ir_reference * sigma**2)


def band_points(sigma: float, settings: TiltSettings) -> float:
    """Half-width of the no-trade band, 2c / (lambda sigma^2 H), in points.

    The gain from moving a tilt by d is lambda sigma^2 d^2 H / 2 over the horizon; it pays for the cost c d
    only beyond this distance.
    """
    aversion = settings.ir_reference / (settings.tracking_error_percent / PERCENT)
    variance = (sigma / PERCENT) ** 2
    return PERCENT * 2 * (settings.cost_bp / BP) / (aversion * variance * settings.horizon_years)


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def view_points(raw: float, limits: Limits) -> float:
    """The raw wish after confidence and multiplier: what would be held with nothing in hand."""
    return limits.confidence * limits.multiplier * raw


def wanted_points(raw: float, limits: Limits, settings: TiltSettings) -> float:
    """The view within the largest tilt and a target weight of 0 to 1, both scaled by the confidence."""
    low, high = max(-settings.max_active_points, limits.low), min(settings.max_active_points, limits.high)
    return _clamp(view_points(raw, limits), limits.confidence * low, limits.confidence * high)


def banded(wanted: float, limits: Limits, settings: TiltSettings) -> float:
    """Stay inside the no-trade band around the wanted weight; otherwise go to its edge."""
    half = band_points(limits.sigma_annual_percent, settings)
    if not limits.low <= limits.position <= limits.high:
        return wanted
    return _clamp(limits.position, wanted - half, wanted + half)


def stepped(weight: float, limits: Limits, settings: TiltSettings) -> float:
    """No further than one step from `step_from`; never a trade against its own direction."""
    if weight >= limits.position:
        return max(limits.position, min(weight, limits.step_from + settings.max_step_points))
    return min(limits.position, max(weight, limits.step_from - settings.max_step_points))


def worth_an_order(weight: float, limits: Limits, settings: TiltSettings) -> float:
    """The weight in hand where the trade to `weight` would be smaller than the smallest one."""
    return limits.position if abs(weight - limits.position) < settings.smallest_trade_points else weight


def settle(raw: float, limits: Limits, settings: TiltSettings) -> float:
    """The recommended active weight for a raw wish: every rule in order. Never falls as `raw` rises."""
    inside = banded(wanted_points(raw, limits, settings), limits, settings)
    return worth_an_order(stepped(inside, limits, settings), limits, settings)


def size(contributions: Sequence[Line], limits: Limits, settings: TiltSettings) -> Tilt:
    """The recommended weight with its exact attribution.

    Parameters
    ----------
    contributions : sequence of Line
        Points before any rule, one line per term of the forecast.
    """
    raw = math.fsum(line.points for line in contributions)
    trusted = limits.confidence * raw
    view = view_points(raw, limits)
    wanted = wanted_points(raw, limits, settings)
    inside = banded(wanted, limits, settings)
    reached = stepped(inside, limits, settings)
    points = worth_an_order(reached, limits, settings)
    changes = (trusted - raw, view - trusted, wanted - view, inside - wanted, reached - inside, points - reached)
    rules = tuple(Line(name, change) for name, change in zip(RULES, changes, strict=True))
    return Tilt(points, view, wanted, (*contributions, *rules))


def stance(points: float, settings: TiltSettings) -> Stance:
    """The word for a view in points: neutral below the smallest one worth a word."""
    if abs(points) < settings.stance_min_points:
        return "neutral"
    return "overweight" if points > 0 else "underweight"


def stance_of(raw: float, limits: Limits, settings: TiltSettings) -> Stance:
    """The word for the view that a raw wish gives; what is held plays no part."""
    return stance(view_points(raw, limits), settings)


def reason_code(sized: Tilt, settings: TiltSettings) -> str:
    """MODEL, or NEUTRAL_BY_MODEL where the view is too small for a word."""
    return "NEUTRAL_BY_MODEL" if stance(sized.view, settings) == "neutral" else "MODEL"
