"""Distance to flip in what can be looked up: a spread in percent, a rate, a decision of the Fed on its day.

1. `market_scales` keeps, for each signal of the forecast, its raw value and the scale that makes it a score.
2. `in_market_units` turns the score at which the stance changes back into that raw value, exactly.
3. `next_decision` asks what each outcome of the Fed's next meeting would make of the score of `policy_change` on that
   evening, when the month a year before has moved on too, and of the view. All else stays as it is today, the
   probabilities of the phases included.
"""

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from allocator.recommendation import DecisionOutcome, Flip, NextDecision, Stance
from signals.asof import AsOf
from signals.calendars import cut, meetings_known
from signals.derived.policy_rate import target_path
from signals.signal import ScoreScale, Signal

KNIFE_EDGE_SD = 0.1  # nearer than this a flip is said at the top (METHOD 4)
PACE = "policy_change"  # the signal that is the pace of the rate cycle
MOVE_BP, MOST_MOVES = 25, 3  # the Fed moves in quarter points; 75 bp is the most at a scheduled meeting since 1994
LOWEST_TARGET = 0.25  # percent, upper bound of the lowest range there has been


@dataclass(frozen=True, slots=True)
class MarketScales:
    """Raw values behind the scores of the forecast.

    Attributes
    ----------
    now : mapping of str to (Signal, float, ScoreScale)
        By signal, with its raw value; only signals that have a scale and an answer.
    meeting : datetime.date or None
        The next scheduled decision; None where `policy_change` has no answer or none is known.
    outcomes : tuple of (int, float, float)
        Its possible moves in bp, with the raw value and the score of `policy_change` on that evening.
    """

    now: Mapping[str, tuple[Signal, float, ScoreScale]]
    meeting: dt.date | None
    outcomes: tuple[tuple[int, float, float], ...]


NO_SCALES = MarketScales({}, None, ())  # in a supposed world flips are said in standard deviations


def market_scales(view: AsOf, signals: Sequence[Signal]) -> MarketScales:
    """The raw values of signals that answer at the view's moment, and of `policy_change` after the next decision."""
    now = {
        signal.name: (signal, raw, scale)
        for signal in signals
        if signal.scale is not None
        for raw, scale in [signal.scale(view.only(signal.inputs), view.moment)]
        if math.isfinite(raw)
    }
    known = meetings_known(view.moment)
    ahead = [meeting.date for meeting in known if meeting.scheduled and meeting.announced > view.moment]
    if PACE not in now or not ahead:
        return MarketScales(now, None, ())
    return MarketScales(now, ahead[0], _outcomes(view, now[PACE][0], ahead[0]))


def _outcomes(view: AsOf, pace: Signal, meeting: dt.date) -> tuple[tuple[int, float, float], ...]:
    """Moves of the target that leave it at or above its lowest range, and what each would make of the score."""
    narrowed = view.only(pace.inputs)
    targets = target_path(narrowed)[1]
    if pace.scale is None or not targets.size:
        return ()
    unchanged, scale = pace.scale(narrowed, cut(meeting))
    moves = (MOVE_BP * step for step in range(-MOST_MOVES, MOST_MOVES + 1))
    possible = [move for move in moves if move >= 0 or targets[-1] + move / 100 >= LOWEST_TARGET]
    rows = [(move, unchanged + move / 100, scale.score(unchanged + move / 100)) for move in possible]
    return tuple(row for row in rows if math.isfinite(row[2]))


def in_market_units(flips: Sequence[Flip], scales: MarketScales) -> tuple[Flip, ...]:
    """The flips with their raw values, distances and knife edges."""
    return tuple(_with_raw(flip, scales) for flip in flips)


def _with_raw(flip: Flip, scales: MarketScales) -> Flip:
    away = abs(flip.flips_at - flip.now) if flip.flips_at is not None and flip.unit == "sd" else None
    measured = replace(flip, sd_away=away, knife_edge=away is not None and away < KNIFE_EDGE_SD)
    if flip.input not in scales.now:
        return measured
    signal, raw, scale = scales.now[flip.input]
    at = None if flip.flips_at is None else scale.raw(flip.flips_at)
    return replace(measured, raw_name=signal.raw_name, raw_unit=signal.unit, raw_now=raw, raw_flips_at=at)


def next_decision(
    scales: MarketScales, *, score: float, slope: float, raw: float, view_of: Callable[[float], tuple[float, Stance]]
) -> NextDecision | None:
    """The view after each outcome of the next decision.

    Parameters
    ----------
    score, slope : float
        Of `policy_change` now, and points of raw wish per standard deviation of it.
    raw : float
        The raw wish now, points.
    view_of : callable
        From a raw wish to the view in points and its stance.
    """
    if scales.meeting is None:
        return None
    rows = []
    for move, value, after in scales.outcomes:
        points, stance = view_of(raw + slope * (after - score))
        rows.append(DecisionOutcome(move, value, after, points, stance))
    return NextDecision(scales.meeting, tuple(rows)) if rows else None
