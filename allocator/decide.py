"""The whole judgement, pure: the world at a moment and a holding, to a recommendation.

1. Read every signal; call the regime; take the health of the data.
2. Take the panel of past month-ends and the track record known at the last month-end.
3. Fit the forecast, scale the wish by data confidence and multiplier to the view, and apply limits and trading rules.
4. Say why, why not, and what would change it.

The daily run, the scenarios and the back-test all come through here.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from allocator import explain, method_1, tilt
from allocator.decision import Decision, DecisionInputs, Evidence
from allocator.evidence import Trials, multiplier_of, sharpe_test, trials_at, verdict
from allocator.flip import Lever, StanceOf, flips, pair_distance, phase_lever, signal_lever
from allocator.forecast import MONTHS
from allocator.market_flip import PACE, in_market_units, market_scales, next_decision
from allocator.portfolio.hedge import recent_beta
from allocator.recommendation import HOLD, KEPT, TIED_DIGITS, Line, NextDecision, Recommendation, Stance
from allocator.returns import pair_name
from allocator.settings import Judgement, TiltSettings
from allocator.track_record import FIRST_DECISION, Cache, Record, known_record, named_signals, opinion
from regime.call import call_regime
from regime.phase import PHASES
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.calendars import cut, day_of, meetings_known, month_end_sessions, next_session
from signals.health.health import health
from signals.signal import Gap, Reading, Signal, read

MONTH_AHEAD = dt.timedelta(days=35)  # reaches the next month-end session from any day


def decide(
    view: AsOf,
    held_weight: float,
    judgement: Judgement,
    regime: RegimeSettings,
    *,
    step_from: float | None = None,
    cache: Cache | None = None,
    complete: bool = False,
    catalogue: Sequence[Signal] | None = None,
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
    catalogue : sequence of Signal
        Signals that are read, all by default; those of the forecast must be among them.

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
    inputs = look(view, judgement, regime, cache=cache, complete=complete, catalogue=catalogue)
    return weigh(inputs, held_weight, judgement, step_from=held_weight if step_from is None else step_from)


def look(
    view: AsOf,
    judgement: Judgement,
    regime: RegimeSettings,
    *,
    cache: Cache | None = None,
    complete: bool = False,
    catalogue: Sequence[Signal] | None = None,
) -> DecisionInputs:
    """Read, call, fit and take the evidence; nothing here depends on what is held."""
    chosen = named_signals(judgement)
    catalogue = judgement.catalogue if catalogue is None else catalogue
    answers = {signal.name: read(signal, view) for signal in catalogue}
    regime_call = call_regime(view, regime)
    past, record, as_of = known_record(view, judgement, regime, cache)
    phases = np.array([regime_call.probabilities[phase] for phase in PHASES]) if judgement.forecast.regime else None
    scores = np.array([_score(answers[signal.name]) for signal in chosen])
    return DecisionInputs(
        moment=view.moment,
        regime=regime_call,
        answers=answers,
        opinion=opinion(view, past, judgement, phases=phases, now=scores),
        evidence=weigh_evidence(record, view.moment, as_of, judgement),
        health=health(
            view,
            judgement.forecast.signals,
            small=judgement.portfolio.small,
            large=judgement.portfolio.large,
            complete=complete,
            own=judgement.own,
        ),
        catalogue={signal.name: signal for signal in catalogue},
        phases=phases,
        scores=scores,
        scales=market_scales(view, [signal for signal in chosen if isinstance(answers[signal.name], Reading)]),
        relative_beta=recent_beta(view, judgement.portfolio),
    )


def weigh_evidence(record: Record, moment: dt.datetime, as_of: dt.date, judgement: Judgement) -> Evidence:
    """The multiplier and the verdict that the record known at `as_of` allows at `moment`."""
    setting, listed = judgement.evidence.multiplier, judgement.forecast.signals
    counted = Trials(method_1.trials(listed)) if judgement.method == 1 else trials_at(moment, listed=listed)
    test = sharpe_test(record.evidence(as_of, judgement.method), moment, counted)
    if judgement.method == 1:
        factor = method_1.multiplier(test.dsr, test.months, as_of, setting=setting)
    else:
        factor = multiplier_of(record.share(), as_of)
        factor = replace(factor, value=1.0) if setting == "none" else factor
    unfit = None if judgement.method == 1 else test.unfit
    done = record.decided[np.isfinite(record.net)].astype(dt.date)
    return Evidence(
        multiplier=factor,
        verdict=verdict(months=test.months, dsr=test.dsr, unfit=unfit),
        sharpe=test,
        record=record_name(judgement),
        first=done[0] if done.size else None,
        last=done[-1] if done.size else None,
    )


def record_name(judgement: Judgement) -> str:
    """Which record is judged: the tilt that it is of, and its pair."""
    tilted = "tilt before any multiplier" if judgement.method == 1 else "recommended tilt"
    return f"{tilted}, {pair_name(judgement.portfolio)}, every month-end since {FIRST_DECISION:%Y-%m}, net of cost"


def _score(answer: Reading | Gap) -> float:
    return answer.score if isinstance(answer, Reading) else float("nan")


def weigh(inputs: DecisionInputs, held_weight: float, judgement: Judgement, *, step_from: float) -> Decision:
    """From what is known to a weight, with its reasons."""
    policy = judgement.portfolio.policy_weight
    if inputs.opinion is None or inputs.health.status == HOLD:
        return _no_advice(inputs, held_weight, judgement)
    formed, settings = inputs.opinion, judgement.tilt
    rules = method_1 if judgement.method == 1 else tilt
    limits = tilt.Limits.long_only(
        policy,
        100 * (held_weight - policy),
        formed.sigma_annual_percent,
        inputs.evidence.multiplier.value,
        step_from=100 * (step_from - policy),
        confidence=inputs.health.confidence,
    )
    sized = rules.size(formed.contributions, limits, settings)
    levers = _levers(inputs, judgement)
    target = policy + sized.points / 100
    stance_of = partial(rules.stance_of, limits=limits, settings=settings)
    recommendation = Recommendation(
        stance=stance_of(formed.raw_points),
        action="trade" if abs(100 * (target - held_weight)) > 1e-9 else "hold",  # noqa: PLR2004 - the contract
        active_weight_points=sized.points,
        policy_weight=policy,
        target_weight=target,
        held_weight=held_weight,
        trade_points=100 * (target - held_weight),
        forecast_annual_percent=formed.forecast.annual_percent,
        forecast_sd_percent=formed.forecast.annual_sd_percent,
        probability_outperform=formed.probability_outperform,
        attribution=sized.lines,
        valid_until=_valid_until(inputs.moment),
        next_review=next_review(inputs.moment),
        view_points=sized.view,
        because=explain.because(inputs, sized, limits, settings),
        despite=explain.despite(inputs, sized),
        flip=in_market_units(flips(levers, formed.raw_points, stance_of), inputs.scales),
        next_decision=None if judgement.method == 1 else _next_decision(inputs, levers, limits, settings),
        reason_code=rules.reason_code(sized, settings),
    )
    return _decision(
        inputs,
        recommendation=recommendation,
        band_points=tilt.band_points(limits.sigma_annual_percent, settings),
        wanted_points=sized.wanted,
        pair_flip=_pair_flip(levers, formed.raw_points, stance_of),
    )


def _no_advice(inputs: DecisionInputs, held_weight: float, judgement: Judgement) -> Decision:
    """No new advice and no view: the weight in hand stays, and the reason is given."""
    policy = judgement.portfolio.policy_weight
    points = 100 * (held_weight - policy)
    formed = inputs.opinion
    recommendation = Recommendation(
        stance=tilt.stance(points, judgement.tilt) if judgement.method == 1 else "neutral",
        action="hold",
        active_weight_points=points,
        policy_weight=policy,
        target_weight=held_weight,
        held_weight=held_weight,
        trade_points=0.0,
        forecast_annual_percent=None if formed is None else formed.forecast.annual_percent,
        forecast_sd_percent=None if formed is None else formed.forecast.annual_sd_percent,
        probability_outperform=None if formed is None else formed.probability_outperform,
        attribution=(Line(KEPT, points),),
        valid_until=_valid_until(inputs.moment),
        next_review=next_review(inputs.moment),
        because=(explain.no_advice(inputs, judgement),),
        reason_code="HOLD_NO_RETURNS" if formed is None else "HOLD_DATA",
    )
    return _decision(inputs, recommendation=recommendation, band_points=None, wanted_points=None, pair_flip=None)


def _decision(
    inputs: DecisionInputs,
    *,
    recommendation: Recommendation,
    band_points: float | None,
    wanted_points: float | None,
    pair_flip: tuple[str, str, float, Stance] | None,
) -> Decision:
    terms = (
        () if inputs.opinion is None else zip(inputs.opinion.forecast.terms, inputs.opinion.contributions, strict=True)
    )
    return Decision(
        moment=inputs.moment,
        recommendation=recommendation,
        call=inputs.regime,
        answers=inputs.answers,
        contributions={term.name: line.points for term, line in terms if term.kind == "signal"},
        opinion=inputs.opinion,
        evidence=inputs.evidence,
        health=inputs.health,
        band_points=band_points,
        wanted_points=wanted_points,
        relative_beta=inputs.relative_beta,
        pair_flip=pair_flip,
        catalogue=inputs.catalogue,
    )


def _levers(inputs: DecisionInputs, judgement: Judgement) -> tuple[Lever, ...]:
    """Every input of the forecast, as a straight line of the raw wish."""
    formed = inputs.opinion
    if formed is None:
        return ()
    scale = MONTHS * tilt.points_per_percent(formed.sigma_annual_percent, judgement.tilt)
    parts = [
        signal_lever(name, score, scale * slope)
        for name, score, slope in zip(formed.model.signals, inputs.scores, formed.model.slopes, strict=True)
    ]
    if inputs.phases is not None:
        points = scale * formed.model.phases.mean
        parts += [phase_lever(phase.value, row, inputs.phases, points) for row, phase in enumerate(PHASES)]
    return tuple(parts)


def _pair_flip(levers: tuple[Lever, ...], raw: float, stance_of: StanceOf) -> tuple[str, str, float, Stance] | None:
    """The two strongest signals together."""
    scores = (lever for lever in levers if lever.unit == "sd")
    strongest = sorted(scores, key=lambda lever: (-round(abs(lever.slope), TIED_DIGITS), lever.name))[:2]
    if len(strongest) < 2:  # noqa: PLR2004 - a pair
        return None
    one, other = strongest
    flip = pair_distance(one, other, raw=raw, stance_of=stance_of)
    return None if flip is None else (one.name, other.name, *flip)


def _next_decision(
    inputs: DecisionInputs, levers: tuple[Lever, ...], limits: tilt.Limits, settings: TiltSettings
) -> NextDecision | None:
    """The view after each outcome of the Fed's next meeting, where the pace of its rate is in the forecast."""
    pace = next((lever for lever in levers if lever.name == PACE), None)
    if inputs.opinion is None or pace is None:
        return None

    def view_of(raw: float) -> tuple[float, Stance]:
        return tilt.view_points(raw, limits), tilt.stance_of(raw, limits, settings)

    return next_decision(
        inputs.scales, score=pace.now, slope=pace.slope, raw=inputs.opinion.raw_points, view_of=view_of
    )


def _valid_until(moment: dt.datetime) -> dt.datetime:
    return cut(next_session(day_of(moment)))


def next_review(moment: dt.datetime) -> dt.date:
    """The next month-end (new fit, new evidence, new step) or scheduled meeting, whichever is first."""
    today = day_of(moment)
    ends = month_end_sessions(today + dt.timedelta(days=1), today + MONTH_AHEAD)
    ahead = [m.date for m in meetings_known(moment) if m.scheduled and m.date > today]
    return min([ends[0], *ahead[:1]])
