"""What would change: suppose a future, and recompute everything from it.

1. A scenario says where the policy rate, the credit spread and the ten-year yield stand some months ahead.
2. Supposed facts are added to the world, all learned after today: decisions at the scheduled meetings, and
   daily yields and spreads that move in a straight line. Yields follow the policy rate as they have done.
3. The same `decide` looks at that world at its own date: phases, scores, fit, evidence, weight.

No return is supposed: what small caps do on the way is the question and not an input, so their volatility
stays as it is known today. Data health stays today's too, except where the scenario is stale data.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from allocator.backtest.walk_forward import Step
from allocator.decide import look, weigh
from allocator.decision import Decision, DecisionInputs
from allocator.settings import Judgement, ScenarioSettings
from allocator.track_record import Cache
from regime.phase import PHASES, Phase
from regime.settings import RegimeSettings
from signals.asof import AsOf, History
from signals.calendars import cut, day_of, instants, meetings, session_on_or_before, sessions_between
from signals.derived.policy_rate import DECISION, TARGET, target_path
from signals.errors import NoAdvice

LEARNED = dt.time(17, 0)  # supposed facts of a day are known at that day's cut
MEETING = dt.time(14, 0)
STEP_BP = 25.0
# How far yields moved with the policy rate over six months, 1983-2007; rounded.
FOLLOWS = {"fred:DGS3MO": 0.90, "fred:DGS6MO": 0.90, "fred:DGS1": 0.85, "fred:DGS2": 0.75, "fred:DGS10": 0.40}
TEN_YEAR, SPREAD, EFFECTIVE = "fred:DGS10", "fred:BAA10Y", "fred:DFF"
TODAY = "as things stand"

SCENARIOS: Mapping[str, ScenarioSettings] = {
    "cuts faster": ScenarioSettings(months=6, target_bp=-100),
    "no move": ScenarioSettings(months=6),
    "hikes": ScenarioSettings(months=6, target_bp=75),
    "plateau": ScenarioSettings(months=12),
    "spread widens": ScenarioSettings(months=3, spread_bp=150),
    "curve flattens": ScenarioSettings(months=3, slope_bp=-50),
    "curve steepens": ScenarioSettings(months=3, slope_bp=100),
    "recession": ScenarioSettings(months=9, target_bp=-200, spread_bp=200, slope_bp=50),
    "stale data": ScenarioSettings(months=2, stale=True),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the engine would say.

    Attributes
    ----------
    name : str
    supposed : ScenarioSettings or None
        None for today.
    day : datetime.date
        The day of the supposed decision.
    probabilities : mapping of Phase to float
    decision : Decision
    active_beta : float or None
        Market beta that the recommended tilt adds to the portfolio.
    wrong : float or None
        Probability that the recommended side loses over twelve months, 0 to 1; None when neutral.
    moved : tuple of (str, float, float)
        Signals of the forecast: name, score today, score supposed.
    """

    name: str
    supposed: ScenarioSettings | None
    day: dt.date
    probabilities: Mapping[Phase, float]
    decision: Decision
    active_beta: float | None
    wrong: float | None
    moved: tuple[tuple[str, float | None, float | None], ...] = ()


def explore(
    view: AsOf,
    held_weight: float,
    judgement: Judgement,
    regime: RegimeSettings,
    *,
    scenarios: Mapping[str, ScenarioSettings],
    cache: Cache | None = None,
    step: Step | None = None,
) -> tuple[Outcome, ...]:
    """Today first, then every scenario, from the same holding.

    Parameters
    ----------
    step : callable, optional
        Told (done, of).
    """
    now = look(view, judgement, regime, cache=cache)
    outcomes = [_outcome(TODAY, None, now, now, held_weight, judgement)]
    for place, (name, supposed) in enumerate(scenarios.items()):
        if step is not None:
            step(place + 1, len(scenarios) + 1)
        there = look(suppose(view, supposed), judgement, regime)
        if not supposed.stale:
            there = replace(there, health=now.health)
        outcomes.append(_outcome(name, supposed, now, there, held_weight, judgement))
    return tuple(outcomes)


def _outcome(
    name: str,
    supposed: ScenarioSettings | None,
    now: DecisionInputs,
    supposed_inputs: DecisionInputs,
    held_weight: float,
    judgement: Judgement,
) -> Outcome:
    decision = weigh(supposed_inputs, held_weight, judgement, step_from=held_weight)
    points = decision.recommendation.active_weight_points
    scores = zip(judgement.forecast.signals, now.scores.tolist(), supposed_inputs.scores.tolist(), strict=True)
    return Outcome(
        name=name,
        supposed=supposed,
        day=day_of(supposed_inputs.moment),
        probabilities={phase: supposed_inputs.regime.probabilities[phase] for phase in PHASES},
        decision=decision,
        active_beta=None if now.relative_beta is None else points / 100 * now.relative_beta,
        wrong=wrong(decision),
        moved=tuple((signal, _finite(before), _finite(after)) for signal, before, after in scores),
    )


def _finite(value: float) -> float | None:
    return None if np.isnan(value) else value


def wrong(decision: Decision) -> float | None:
    """Probability that the recommended side loses to the other over twelve months; None when neutral."""
    advice = decision.recommendation
    if advice.probability_outperform is None or advice.stance == "neutral":
        return None
    return 1 - advice.probability_outperform if advice.stance == "overweight" else advice.probability_outperform


def suppose(view: AsOf, scenario: ScenarioSettings) -> AsOf:
    """The supposed world at its own cut.

    Raises
    ------
    NoAdvice
        Where no policy rate is known today.
    """
    today = day_of(view.moment)
    day = session_on_or_before(_months_later(today, scenario.months))
    if scenario.stale:
        return view.suppose(cut(day), {})
    ahead = sessions_between(today + dt.timedelta(days=1), day)
    decided = _decisions(view, scenario, today, day)
    moved = _target_change(decided, view, ahead)
    ramp = np.arange(1, ahead.size + 1) / ahead.size
    paths = {name: moved * share for name, share in FOLLOWS.items()}
    paths[EFFECTIVE] = moved
    paths[TEN_YEAR] = paths[TEN_YEAR] + scenario.slope_bp / 100 * ramp
    paths[SPREAD] = scenario.spread_bp / 100 * ramp
    facts = {name: part for name, path in paths.items() if (part := _ahead(view, name, ahead, path)) is not None}
    met = _met(view, decided, today, day)
    facts |= {name: part for name, part in ((TARGET, decided), (DECISION, met)) if part.period.size}
    return view.suppose(cut(day), facts)


def _met(view: AsOf, decided: History, today: dt.date, last: dt.date) -> History:
    """What every scheduled meeting ahead decides, changed or not: a supposed decision is a known one."""
    days = np.array([m.date for m in meetings() if m.scheduled and today < m.date <= last], dtype="datetime64[D]")
    now = target_path(view)[1][-1]
    return History.of(days, instants(days, MEETING), now + _target_change(decided, view, days))


def _months_later(day: dt.date, months: int) -> dt.date:
    month = np.datetime64(day, "M") + months
    return min(month.astype("datetime64[D]").item() + dt.timedelta(days=day.day - 1), _last(month))


def _last(month: np.datetime64) -> dt.date:
    return (month + 1).astype("datetime64[D]").item() - dt.timedelta(days=1)


def _decisions(view: AsOf, scenario: ScenarioSettings, today: dt.date, last: dt.date) -> History:
    """The moves at the scheduled meetings ahead, as even as steps of 25 bp allow, the larger ones first."""
    _, target = target_path(view)
    if not target.size:
        raise NoAdvice(
            "no policy rate is known, so nothing can be supposed about it.", remedy="Import or fetch data first."
        )
    days = [m.date for m in meetings() if m.scheduled and today < m.date <= last]
    steps = round(abs(scenario.target_bp) / STEP_BP)
    if not steps:
        return History.of([], [], [])
    if not days:
        days = [session_on_or_before(last)]
    each = [steps // len(days) + (place < steps % len(days)) for place in range(len(days))]
    direction = np.sign(scenario.target_bp) * STEP_BP / 100
    path = np.maximum(target[-1] + direction * np.cumsum(each), 0.0)
    moved = np.array(each) > 0
    at = np.array(days, dtype="datetime64[D]")[moved]
    return History.of(at, instants(at, MEETING), path[moved])


def _target_change(decided: History, view: AsOf, ahead: np.ndarray) -> np.ndarray:
    """Change of the target from today on each day ahead, percentage points."""
    now = target_path(view)[1][-1]
    path = np.concatenate([[now], decided.value])
    return path[np.searchsorted(decided.period, ahead, side="right")] - now


def _ahead(view: AsOf, name: str, days: np.ndarray, change: np.ndarray) -> History | None:
    """Daily values from the last one known; None where nothing is held. A yield does not fall below zero."""
    known = view.latest(name)
    if not known.period.size:
        return None
    return History.of(days, instants(days, LEARNED), np.maximum(known.value[-1] + change, 0.0))
