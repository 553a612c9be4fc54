"""The whole judgement, pure: the world at a moment and a holding, to a recommendation.

1. Read every signal; call the regime; take the health of the data.
2. Take the panel of past month-ends and the track record known at the last month-end.
3. Fit the forecast, size the tilt, scale it by data confidence and by the evidence, and apply the limits.
4. Say why, why not, and what would change it.

The daily run, the scenarios and the back-test all come through here.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from allocator import explain, tilt
from allocator.evidence import Multiplier, Verdict, multiplier, trials_at, verdict
from allocator.flip import Lever, flips, pair_distance, phase_lever, signal_lever
from allocator.forecast import MONTHS
from allocator.portfolio.exposure import recent_beta
from allocator.recommendation import HOLD, KEPT, Line, Recommendation, Stance
from allocator.settings import Judgement
from allocator.track_record import Cache, Opinion, Record, named_signals, opinion, standing
from regime.phase import PHASES
from regime.regime_call import RegimeCall, call
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.calendars import cut, day_of, meetings_known, month_end_sessions, next_session
from signals.catalog import SIGNALS
from signals.health.health import Health, health
from signals.signal import Gap, Reading, read

MONTH_AHEAD = dt.timedelta(days=35)  # reaches the next month-end session from any day


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the evidence allowed on this day.

    Attributes
    ----------
    verdict : Verdict
        With its reasons.
    multiplier : Multiplier
        The factor on the tilt, with the numbers behind it.
    """

    verdict: Verdict
    multiplier: Multiplier


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that was judged at one moment.

    Attributes
    ----------
    moment : datetime.datetime
    recommendation : Recommendation
    call : RegimeCall
    answers : mapping of str to Reading or Gap
        Of every signal in the catalogue, in its order.
    contributions : mapping of str to float
        Points that each signal adds to the raw tilt, by name; only signals in the forecast.
    opinion : Opinion or None
        The fitted model and its forecast; None where too few returns are known.
    evidence : Evidence
    health : Health
    band_points : float or None
        Half-width of the no-trade band.
    wanted_points : float or None
        The tilt before band and step.
    relative_beta : float or None
        Of small minus large on the market over the last 36 months known.
    pair_flip : tuple or None
        (first input, second input, standard deviations each, stance it becomes).
    """

    moment: dt.datetime
    recommendation: Recommendation
    call: RegimeCall
    answers: Mapping[str, Reading | Gap]
    contributions: Mapping[str, float]
    opinion: Opinion | None
    evidence: Evidence
    health: Health
    band_points: float | None
    wanted_points: float | None
    relative_beta: float | None
    pair_flip: tuple[str, str, float, Stance] | None


@dataclass(frozen=True, slots=True)
class World:
    """What is seen at the moment of a decision, before any weight is set."""

    moment: dt.datetime
    call: RegimeCall
    answers: Mapping[str, Reading | Gap]
    opinion: Opinion | None
    evidence: Evidence
    health: Health
    phases: np.ndarray | None
    scores: np.ndarray
    relative_beta: float | None


def decide(
    view: AsOf,
    held_weight: float,
    judgement: Judgement,
    regime: RegimeSettings,
    *,
    step_from: float | None = None,
    cache: Cache | None = None,
    complete: bool = False,
) -> Decision:
    """How much to hold, and why.

    Parameters
    ----------
    view : AsOf
        The world at the moment of the decision.
    held_weight : float
        Small caps held now, 0 to 1.
    step_from : float, optional
        Weight held at the previous month's last session, from which the largest step counts; `held_weight`
        where not given.
    cache : mapping of str to bytes, optional
        Where panels and track records may be kept between processes; never changes the answer.
    complete : bool
        Give no new advice where an input of the forecast or of its record was never held (a first evening with
        a provider down): the model that could be fitted then is another one.

    Returns
    -------
    Decision

    Raises
    ------
    UsageError
        For settings that no data can satisfy.
    NoAdvice
        Where the rate cycle itself cannot be called.
    """
    world = look(view, judgement, regime, cache=cache, complete=complete)
    return weigh(world, held_weight, judgement, step_from=held_weight if step_from is None else step_from)


def look(
    view: AsOf,
    judgement: Judgement,
    regime: RegimeSettings,
    *,
    cache: Cache | None = None,
    complete: bool = False,
) -> World:
    """Read, call, fit and take the evidence; nothing here depends on what is held."""
    chosen = named_signals(judgement)
    answers = {signal.name: read(signal, view) for signal in SIGNALS}
    said = call(view, regime)
    past, record, as_of = standing(view, judgement, regime, cache)
    phases = np.array([said.probabilities[phase] for phase in PHASES]) if judgement.forecast.regime else None
    scores = np.array([_score(answers[signal.name]) for signal in chosen])
    return World(
        moment=view.moment,
        call=said,
        answers=answers,
        opinion=opinion(view, past, judgement, phases=phases, now=scores),
        evidence=judge(record, view.moment, as_of, judgement),
        health=health(
            view,
            judgement.forecast.signals,
            small=judgement.portfolio.small,
            large=judgement.portfolio.large,
            complete=complete,
        ),
        phases=phases,
        scores=scores,
        relative_beta=recent_beta(view, judgement.portfolio),
    )


def judge(record: Record, moment: dt.datetime, as_of: dt.date, judgement: Judgement) -> Evidence:
    """The multiplier and the verdict that the record known at `as_of` allows at `moment`."""
    counted = trials_at(moment, listed=judgement.forecast.signals)
    factor = multiplier(record.evidence(as_of), moment, counted, setting=judgement.evidence.multiplier)
    return Evidence(verdict(months=factor.months, dsr=factor.dsr), factor)


def _score(answer: Reading | Gap) -> float:
    return answer.score if isinstance(answer, Reading) else float("nan")


def weigh(world: World, held_weight: float, judgement: Judgement, *, step_from: float) -> Decision:
    """From what is seen to a weight, with its reasons."""
    policy = judgement.portfolio.policy_weight
    if world.opinion is None or world.health.status == HOLD:
        return _held(world, held_weight, judgement)
    said, settings = world.opinion, judgement.tilt
    limits = tilt.Limits(
        held=100 * (held_weight - policy),
        step_from=100 * (step_from - policy),
        low=-100 * policy,
        high=100 * (1 - policy),
        confidence=world.health.confidence,
        multiplier=world.evidence.multiplier.value,
        sigma_annual_percent=said.sigma_annual_percent,
    )
    sized = tilt.size(said.contributions, limits, settings)
    raw = float(sum(line.points for line in said.contributions))
    levers = _levers(world, judgement)
    target = policy + sized.points / 100
    recommendation = Recommendation(
        stance=tilt.stance(sized.points, settings),
        action="trade" if abs(100 * (target - held_weight)) > 1e-9 else "hold",  # noqa: PLR2004 - the contract
        active_weight_points=sized.points,
        policy_weight=policy,
        target_weight=target,
        held_weight=held_weight,
        trade_points=100 * (target - held_weight),
        forecast_annual_percent=said.forecast.annual_percent,
        forecast_sd_percent=said.forecast.annual_sd_percent,
        probability_outperform=said.forecast.probability_outperform(said.sigma_annual_percent),
        attribution=sized.lines,
        valid_until=_valid_until(world.moment),
        next_review=next_review(world.moment),
        because=explain.because(world, sized, settings),
        despite=explain.despite(world, sized),
        flip=flips(levers, raw, limits, settings),
        reason_code=explain.code(sized, settings),
    )
    return _decision(
        world, recommendation=recommendation, judgement=judgement, sized=sized, limits=limits, levers=levers
    )


def _held(world: World, held_weight: float, judgement: Judgement) -> Decision:
    """No new advice: the weight in hand stays, and the reason is said."""
    policy = judgement.portfolio.policy_weight
    points = 100 * (held_weight - policy)
    short = world.opinion is None
    said = None if world.opinion is None else world.opinion.forecast
    recommendation = Recommendation(
        stance=tilt.stance(points, judgement.tilt),
        action="hold",
        active_weight_points=points,
        policy_weight=policy,
        target_weight=held_weight,
        held_weight=held_weight,
        trade_points=0.0,
        forecast_annual_percent=None if said is None else said.annual_percent,
        forecast_sd_percent=None if said is None else said.annual_sd_percent,
        probability_outperform=None
        if world.opinion is None
        else world.opinion.forecast.probability_outperform(world.opinion.sigma_annual_percent),
        attribution=(Line(KEPT, points),),
        valid_until=_valid_until(world.moment),
        next_review=next_review(world.moment),
        because=(explain.no_advice(world, judgement),),
        reason_code="HOLD_NO_RETURNS" if short else "HOLD_DATA",
    )
    return _decision(world, recommendation=recommendation, judgement=judgement, sized=None, limits=None, levers=())


def _decision(
    world: World,
    *,
    recommendation: Recommendation,
    judgement: Judgement,
    sized: tilt.Tilt | None,
    limits: tilt.Limits | None,
    levers: tuple[Lever, ...],
) -> Decision:
    terms = () if world.opinion is None else zip(world.opinion.forecast.terms, world.opinion.contributions, strict=True)
    return Decision(
        moment=world.moment,
        recommendation=recommendation,
        call=world.call,
        answers=world.answers,
        contributions={term.name: line.points for term, line in terms if term.kind == "signal"},
        opinion=world.opinion,
        evidence=world.evidence,
        health=world.health,
        band_points=None if limits is None else tilt.band_points(limits.sigma_annual_percent, judgement.tilt),
        wanted_points=None if sized is None else sized.wanted,
        relative_beta=world.relative_beta,
        pair_flip=None if limits is None else _pair(world, levers, limits, judgement),
    )


def _levers(world: World, judgement: Judgement) -> tuple[Lever, ...]:
    """Every input of the forecast, as a straight line of the raw tilt."""
    said = world.opinion
    if said is None:
        return ()
    scale = MONTHS * tilt.points_per_percent(said.sigma_annual_percent, judgement.tilt)
    parts = [
        signal_lever(name, score, scale * slope)
        for name, score, slope in zip(said.model.signals, world.scores, said.model.slopes, strict=True)
    ]
    if world.phases is not None:
        points = scale * said.model.phases.mean
        parts += [phase_lever(phase.value, place, world.phases, points) for place, phase in enumerate(PHASES)]
    return tuple(parts)


def _pair(
    world: World, levers: tuple[Lever, ...], limits: tilt.Limits, judgement: Judgement
) -> tuple[str, str, float, Stance] | None:
    """The two strongest signals together."""
    strongest = sorted((lever for lever in levers if lever.unit == "sd"), key=lambda lever: -abs(lever.slope))[:2]
    if len(strongest) < 2 or world.opinion is None:  # noqa: PLR2004 - a pair
        return None
    raw = float(sum(line.points for line in world.opinion.contributions))
    one, other = strongest
    found = pair_distance(one, other, raw=raw, limits=limits, settings=judgement.tilt)
    return None if found is None else (one.name, other.name, *found)


def _valid_until(moment: dt.datetime) -> dt.datetime:
    return cut(next_session(day_of(moment)))


def next_review(moment: dt.datetime) -> dt.date:
    """The next month-end (new fit, new evidence, new step) or scheduled meeting, whichever is first."""
    today = day_of(moment)
    ends = month_end_sessions(today + dt.timedelta(days=1), today + MONTH_AHEAD)
    held = [m.date for m in meetings_known(moment) if m.scheduled and m.date > today]
    return min([ends[0], *held[:1]])
