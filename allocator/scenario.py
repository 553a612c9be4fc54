"""What would change: suppose a future, and recompute everything from it.

1. A scenario says where the policy rate, the credit spread and the ten-year yield stand some months ahead.
2. Supposed facts are added to the world, all learned after today: decisions at the scheduled meetings, and
   daily yields and spreads that move in a straight line. Yields up to two years carry the scenario's own path of
   the policy rate, the ten-year yield follows it in part.
3. Phases and scores are read again in that world at its own date, and weighed as today: no return is supposed, so
   the fitted model, its evidence and the volatility are today's. Data health is too, but for stale data.
4. On the way there, the position gains or loses what small caps have done in months of a widening spread.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from allocator.backtest.walk_forward import Step
from allocator.claims.claim import Finding
from allocator.claims.predictors import same_month_widening
from allocator.decide import look, weigh
from allocator.decision import Decision, DecisionInputs
from allocator.market_flip import NO_SCALES
from allocator.settings import Judgement, ScenarioSettings
from allocator.track_record import Cache, form_opinion, named_signals
from regime.features import rows
from regime.models import named
from regime.phase import PHASES, Phase
from regime.settings import RegimeSettings
from regime.walk_forward import checked, learned
from signals.asof import AsOf, History
from signals.calendars import cut, day_of, instants, later_by_months, meetings, session_on_or_before, sessions_between
from signals.derived.policy_rate import DECISION, TARGET, target_path
from signals.errors import NoAdvice
from signals.health.health import Health, health
from signals.signal import Reading, read

LEARNED = dt.time(17, 0)  # supposed facts of a day are known at that day's cut
MEETING = dt.time(14, 0)
STEP_BP, DAYS_A_YEAR = 25.0, 365.25
OWN_PATH = {"fred:DGS3MO": 0.25, "fred:DGS6MO": 0.5, "fred:DGS1": 1.0, "fred:DGS2": 2.0}  # years that a yield averages
GOES_ON = 0.5  # of a scenario's length: a market that has just seen its moves prices that many more at their pace
BELOW_UPPER, RANGE_SINCE = 0.125, dt.date(2008, 12, 16)  # the rate stands in the middle of its range, percent
TEN_YEAR_FOLLOWS = 0.40  # of the policy rate's move over six months, 1983-2007; rounded
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
class OnTheWay:
    """What happens before the supposed day, from the same-month sensitivity of the pair to the credit spread.

    Attributes
    ----------
    small_minus_large_percent : float
        Over the whole move of the spread; negative where small caps lag.
    interval : tuple of float
        95 %.
    position_bp : float
        The same in basis points of the portfolio, at the tilt recommended today.
    months : int
        Behind the sensitivity.
    """

    small_minus_large_percent: float
    interval: tuple[float, float]
    position_bp: float
    months: int


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
    on_the_way : OnTheWay or None
        None where the spread does not move, or its sensitivity is not known.
    """

    name: str
    supposed: ScenarioSettings | None
    day: dt.date
    probabilities: Mapping[Phase, float]
    decision: Decision
    active_beta: float | None
    wrong: float | None
    moved: tuple[tuple[str, float | None, float | None], ...] = ()
    on_the_way: OnTheWay | None = None


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
    now = look(view, judgement, regime, cache=cache, catalogue=named_signals(judgement))
    today = _outcome(TODAY, None, now, now, held_weight, judgement)
    tilt = today.decision.recommendation.active_weight_points
    outcomes = [today]
    for number, (name, supposed) in enumerate(scenarios.items()):
        if step is not None:
            step(number + 1, len(scenarios) + 1)
        there = suppose(view, supposed)
        inputs = suppose_inputs(now, view, there, judgement, regime)
        if supposed.stale:
            inputs = replace(inputs, health=_health(there, judgement))
        outcome = _outcome(name, supposed, now, inputs, held_weight, judgement)
        outcomes.append(replace(outcome, on_the_way=on_the_way(view, supposed, tilt)))
    return tuple(outcomes)


def suppose_inputs(
    now: DecisionInputs, view: AsOf, there: AsOf, judgement: Judgement, regime: RegimeSettings
) -> DecisionInputs:
    """What would be known in a supposed world: phases and scores read again, everything learned from the past kept.

    Of the regime call only the probabilities and the likeliest phase are supposed.
    """
    fitted = learned(view, named(regime.model)).fitted
    chance = checked(fitted.probabilities(rows(there, [there.moment])))[0]
    answers = {signal.name: read(signal, there) for signal in named_signals(judgement)}
    scores = np.array([answer.score if isinstance(answer, Reading) else np.nan for answer in answers.values()])
    phases = chance if judgement.forecast.regime else None
    formed = now.opinion and form_opinion(
        now.opinion.model, now.opinion.sigma_annual_percent, judgement, phases=phases, scores=scores
    )
    call = replace(
        now.regime,
        phase=PHASES[int(chance.argmax())],
        probabilities=dict(zip(PHASES, (chance / chance.sum()).tolist(), strict=True)),
    )
    return replace(
        now,
        moment=there.moment,
        regime=call,
        answers=answers,
        opinion=formed,
        phases=phases,
        scores=scores,
        scales=NO_SCALES,
    )


def _health(view: AsOf, judgement: Judgement) -> Health:
    pair = judgement.portfolio
    return health(view, judgement.forecast.signals, small=pair.small, large=pair.large, own=judgement.own)


def on_the_way(view: AsOf, scenario: ScenarioSettings, tilt_points: float) -> OnTheWay | None:
    """What the move of the spread itself does to a tilt of `tilt_points`, as known at the view's moment."""
    finding = same_month_widening(view) if scenario.spread_bp else None
    if not isinstance(finding, Finding) or finding.interval is None:
        return None
    points = scenario.spread_bp / 100
    low, high = sorted(points * bound for bound in finding.interval)
    return OnTheWay(points * finding.estimate, (low, high), tilt_points * points * finding.estimate, finding.n)


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
    day = session_on_or_before(later_by_months(today, scenario.months))
    if scenario.stale:
        return view.suppose(cut(day), {})
    ahead = sessions_between(today + dt.timedelta(days=1), day)
    decided = _decisions(view, scenario, today, day)
    moved = _target_change(decided, view, ahead)
    ramp = np.arange(1, ahead.size + 1) / ahead.size
    changes = {EFFECTIVE: moved, TEN_YEAR: TEN_YEAR_FOLLOWS * moved + scenario.slope_bp / 100 * ramp}
    changes[SPREAD] = scenario.spread_bp / 100 * ramp
    facts = {name: part for name, path in changes.items() if (part := _ahead(view, name, ahead, path)) is not None}
    if scenario.target_bp or not (scenario.spread_bp or scenario.slope_bp):
        facts |= _repriced(view, ahead, decided)
    met = _met(view, decided, today, day)
    facts |= {name: part for name, part in ((TARGET, decided), (DECISION, met)) if part.period.size}
    return view.suppose(cut(day), facts)


def _repriced(view: AsOf, ahead: np.ndarray, decided: History) -> dict[str, History]:
    """Short yields that move in a straight line to the mean of the scenario's own path over their life."""
    days = np.arange(ahead[0], ahead[-1] + round(DAYS_A_YEAR * max(OWN_PATH.values())) + 1)
    target = target_path(view)[1][-1]
    path = target + _target_change(decided, view, days)
    length = max((ahead[-1] - np.datetime64(day_of(view.moment), "D")).astype(int), 1)
    after = np.clip((days - ahead[-1]).astype(int) / length, 0.0, GOES_ON)
    path = np.maximum(path + after * (path[-1] - target), 0.0)
    rate = path - (BELOW_UPPER if day_of(view.moment) >= RANGE_SINCE else 0.0)
    total = np.append(0.0, np.cumsum(rate))
    start = (ahead - days[0]).astype(int)
    ramp = np.arange(1, ahead.size + 1) / ahead.size
    facts = {}
    for name, years in OWN_PATH.items():
        known = view.latest(name)
        if known.period.size:
            life = round(DAYS_A_YEAR * years)
            own = (total[start + life] - total[start]) / life
            yields = known.value[-1] + ramp * (own - known.value[-1])
            facts[name] = History.of(ahead, instants(ahead, LEARNED), np.maximum(yields, 0.0))
    return facts


def _met(view: AsOf, decided: History, today: dt.date, last: dt.date) -> History:
    """What every scheduled meeting ahead decides, changed or not: a supposed decision is a known one."""
    days = np.array([m.date for m in meetings() if m.scheduled and today < m.date <= last], dtype="datetime64[D]")
    now = target_path(view)[1][-1]
    return History.of(days, instants(days, MEETING), now + _target_change(decided, view, days))


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
    steps_at = [steps // len(days) + (number < steps % len(days)) for number in range(len(days))]
    direction = np.sign(scenario.target_bp) * STEP_BP / 100
    path = np.maximum(target[-1] + direction * np.cumsum(steps_at), 0.0)
    moved = np.array(steps_at) > 0
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
