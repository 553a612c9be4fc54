"""Method 1, in force from 2026-11-22 to 2026-11-25, kept for the days that were recorded under it.

It differs from the method in force in four places; everything else is shared:

1. The clip came before data confidence and multiplier.
2. The multiplier was the deflated Sharpe ratio of the record, counted against 120 specifications.
3. The stance named the recommended weight, not the view, and there was no smallest trade.
4. The record behind the ratio was the one before any multiplier.

The calendar of that time knew no holiday of the exchange before 1970, so some month-ends of 1963 to 1969 were read
on days on which nobody traded. The scores of the policy rate that came of it, which reach to 1979 through their
ten-year window, are kept in `method_1_scores.csv` and used where the same federal funds rates are at hand.

Nothing here may change: a replay compares it with what was recorded.
"""

import csv
import datetime as dt
import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

import numpy as np

from allocator.evidence.multiplier import PRIOR_MEAN, SHORTEST, Multiplier, RealisedShare
from allocator.recommendation import Line, Stance
from allocator.settings import EvidenceSettings, ForecastSettings, Judgement, PortfolioSettings, TiltSettings
from allocator.tilt import BAND, CLIP, CONFIDENCE, STEP, Limits, Tilt, banded, stance, stepped
from signals.asof import AsOf

TRIALS = 120  # specifications counted on the day of registration, whatever they had been judged by
SIGNALS = ("policy_change", "credit_level", "curve_slope")
MULTIPLIER = "verdict multiplier"
PACE = "policy_change"
EFFECTIVE = "fred:DFF"  # percent, daily
EARLY_RATES = (
    "e5a9dbe1b5c69e735ff628f171ca49806c5e3855080f7beff472269e5230c621"  # of the rates to which the kept scores belong
)


def with_settings(
    portfolio: PortfolioSettings, forecast: ForecastSettings, tilt: TiltSettings, evidence: EvidenceSettings
) -> Judgement:
    """The judgement of a day recorded under method 1, without the settings that did not exist then."""
    return Judgement(portfolio, forecast, replace(tilt, smallest_trade_points=0.0), evidence, method=1)


def defaults(portfolio: PortfolioSettings | None = None) -> Judgement:
    """Method 1 as it was registered, on a pair."""
    return with_settings(
        portfolio or PortfolioSettings(),
        ForecastSettings(signals=SIGNALS),
        TiltSettings(horizon_years=0.5),
        EvidenceSettings(multiplier="dsr"),
    )


def with_scores_of_then(view: AsOf, days: Sequence[dt.date], signals: Sequence[str], scores: np.ndarray) -> np.ndarray:
    """The panel's scores with those of the policy rate as they were read before the calendar was mended.

    Parameters
    ----------
    days : sequence of datetime.date, n
        Month-ends of the panel.
    signals : sequence of str
        Names of its columns.
    scores : ndarray, shape (n, signals)
    """
    if PACE not in signals or _early_rates(view) != EARLY_RATES:
        return scores
    scores_of_then = dict(_scores_of_then())
    mended = scores.copy()
    column = list(signals).index(PACE)
    for row, day in enumerate(days):
        mended[row, column] = scores_of_then.get(f"{day:%Y-%m}", mended[row, column])
    return mended


@cache
def _scores_of_then() -> tuple[tuple[str, float], ...]:
    with resources.files("allocator").joinpath("method_1_scores.csv").open(encoding="utf-8") as file:
        return tuple((row["month"], float(row[PACE])) for row in csv.DictReader(file))


def _early_rates(view: AsOf) -> str:
    """Hash of the effective federal funds rate before May 1979."""
    rates = view.latest(EFFECTIVE)
    early = rates.period < np.datetime64("1979-05-01")
    return hashlib.sha256(rates.period[early].astype("<M8[D]").tobytes() + rates.value[early].tobytes()).hexdigest()


def trials(listed: Sequence[str]) -> int:
    """N of the deflated Sharpe ratio: the registered count and one more for each signal not declared."""
    return TRIALS + len(set(listed) - set(SIGNALS))


def multiplier(dsr: float | None, months: int, as_of: dt.date, *, setting: str) -> Multiplier:
    """The deflated Sharpe ratio itself, a half under 60 months, 1 where it is switched off."""
    short = dsr is None or months < SHORTEST
    value = 1.0 if setting == "none" else PRIOR_MEAN if short else dsr
    return Multiplier(float(value or 0.0), RealisedShare(None, None, None, months), 0.0, as_of, not_evaluated=short)


def wanted_points(raw: float, limits: Limits, settings: TiltSettings) -> float:
    """The weight before band and step: both multipliers times the clipped tilt."""
    low, high = max(-settings.max_active_points, limits.low), min(settings.max_active_points, limits.high)
    return limits.confidence * limits.multiplier * min(max(raw, low), high)


def settle(raw: float, limits: Limits, settings: TiltSettings) -> float:
    """The recommended active weight for a raw tilt."""
    return stepped(banded(wanted_points(raw, limits, settings), limits, settings), limits, settings)


def size(contributions: Sequence[Line], limits: Limits, settings: TiltSettings) -> Tilt:
    """The recommended weight with its exact attribution."""
    raw = math.fsum(line.points for line in contributions)
    wanted = wanted_points(raw, limits, settings)
    inside = banded(wanted, limits, settings)
    points = stepped(inside, limits, settings)
    trusted = limits.confidence * raw
    lines = (
        Line(CONFIDENCE, trusted - raw),
        Line(MULTIPLIER, limits.multiplier * trusted - trusted),
        Line(CLIP, wanted - limits.multiplier * trusted),
        Line(BAND, inside - wanted),
        Line(STEP, points - inside),
    )
    return Tilt(points, wanted, wanted, (*contributions, *lines))


def stance_of(raw: float, limits: Limits, settings: TiltSettings) -> Stance:
    """The word for the recommended weight."""
    return stance(settle(raw, limits, settings), settings)


def reason_code(sized: Tilt, settings: TiltSettings) -> str:
    """MODEL, NEUTRAL_BY_MODEL or NEUTRAL_BY_BAND."""
    if stance(sized.points, settings) != "neutral":
        return "MODEL"
    return "NEUTRAL_BY_MODEL" if stance(sized.wanted, settings) == "neutral" else "NEUTRAL_BY_BAND"
