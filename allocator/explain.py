"""Why, and why not, in sentences with their numbers."""

import math

from allocator.decision import DecisionInputs
from allocator.evidence import Multiplier
from allocator.market_flip import PACE
from allocator.recommendation import ROUNDING, TIED_DIGITS
from allocator.settings import Judgement, TiltSettings
from allocator.tilt import BAND, CLIP, CONFIDENCE, MULTIPLIER, SMALLEST, STEP, Limits, Tilt, stance
from regime.phase import PHASES
from signals.signal import Gap

PACE_WORDS = "pace of the policy rate"
WORTH_SAYING = 0.05  # points below which a line is not worth a person's time


def because(inputs: DecisionInputs, sized: Tilt, limits: Limits, settings: TiltSettings) -> tuple[str, ...]:
    """The view in one sentence where it is neutral or differs from the trade, then what pulls to its side."""
    return (*_view_and_trade(sized, limits, settings), *_sentences(inputs, _side(sized)))


def despite(inputs: DecisionInputs, sized: Tilt) -> tuple[str, ...]:
    """What pulls the other way, what cut the tilt, and what could not answer."""
    against = _sentences(inputs, -_side(sized))
    cuts = _cuts(inputs, sized)
    silent = tuple(
        f"{signal.replace('_', ' ')} has no answer: {answer.reason}"
        for signal in (inputs.opinion.model.signals if inputs.opinion else ())
        if isinstance(answer := inputs.answers[signal], Gap)
    )
    return against + cuts + silent


def no_advice(inputs: DecisionInputs, judgement: Judgement) -> str:
    """Why the weight in hand stays."""
    if inputs.opinion is None:
        pair = f"{judgement.portfolio.small} less {judgement.portfolio.large}"
        return f"No new advice: fewer than 60 months of {pair}, or of French SMB before it, are known."
    return f"No new advice: data health is {inputs.health.status} ({', '.join(inputs.health.reason_codes)})."


def _side(sized: Tilt) -> int:
    """The side of the view."""
    return 1 if sized.view >= 0 else -1


def _points(value: float) -> str:
    return f"{_signed(value)} points"


def _signed(value: float) -> str:
    """One decimal with its sign; zero has none."""
    rounded = round(value, 1)
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"  # noqa: RUF001 - a minus sign, not a hyphen


def _sentences(inputs: DecisionInputs, side: int) -> tuple[str, ...]:
    """What pulls to one side, strongest first; phases and pace of the policy rate are both the rate cycle."""
    formed = inputs.opinion
    if formed is None:
        return ()
    terms = list(zip(formed.forecast.terms, formed.contributions, strict=True))
    rows = [
        (line.points, _signal(inputs, term.name, line.points))
        for term, line in terms
        if term.kind == "signal" and not isinstance(inputs.answers[term.name], Gap)
    ]
    if inputs.phases is not None:
        phases = math.fsum(line.points for term, line in terms if term.kind == "regime")
        rows.append((phases, _phases(inputs, phases)))
    shown = [row for row in rows if row[0] * side > WORTH_SAYING]
    return tuple(sentence for _, sentence in sorted(shown, key=_strongest))


def _strongest(row: tuple[float, str]) -> tuple[float, str]:
    return -round(abs(row[0]), TIED_DIGITS), row[1]


def _signal(inputs: DecisionInputs, name: str, points: float) -> str:
    answer = inputs.answers[name]
    if isinstance(answer, Gap):
        return ""
    raw = f"{answer.raw:.2f}".replace("-", "−")  # noqa: RUF001 - a minus sign
    label = f"rate cycle, {PACE_WORDS}" if name == PACE else name.replace("_", " ")
    return f"{label}: {raw} {inputs.catalogue[name].unit}, score {_signed(answer.score)}: {_points(points)}"


def _phases(inputs: DecisionInputs, points: float) -> str:
    leading = max(PHASES, key=lambda phase: inputs.regime.probabilities[phase])
    chance = inputs.regime.probabilities[leading]
    phase = leading.value.replace("_", " ").lower()
    return f"rate cycle, phases: {phase} at {chance:.0%}, by the shrunk mean of what followed each: {_points(points)}"


def _view_and_trade(sized: Tilt, limits: Limits, settings: TiltSettings) -> tuple[str, ...]:
    """View, position and trade in one sentence, where they do not all point one way."""
    trade, beyond = sized.points - limits.position, limits.position - sized.view
    word = stance(sized.view, settings)
    if word == "neutral" and abs(trade) <= ROUNDING:
        return (f"the view is neutral: {_points(sized.view)} is too little for a stance",)
    if word != "neutral" and trade * sized.view >= 0:
        return ()
    more, verb = ("more", "sell") if beyond > 0 else ("less", "buy")
    if abs(trade) <= ROUNDING:
        return ()
    view = f"the view is {word} at {_points(sized.view)}"
    return (f"{view}; you hold {abs(beyond):.1f} points {more} than that: {verb} {abs(trade):.1f}{_how_far(sized)}",)


def _how_far(sized: Tilt) -> str:
    """To what the trade goes."""
    change = {line.line: line.points for line in sized.lines}
    if abs(change.get(STEP, 0.0)) > ROUNDING:
        return ", one step of the month"
    return ", to the edge of the band" if abs(change.get(BAND, 0.0)) > ROUNDING else ""


def _cuts(inputs: DecisionInputs, sized: Tilt) -> tuple[str, ...]:
    lines = {line.line: line.points for line in sized.lines}
    factor = inputs.evidence.multiplier
    texts = {
        CONFIDENCE: f"data confidence {inputs.health.confidence:.0%}",
        MULTIPLIER: f"multiplier {factor.value:.2f} ({_why_multiplier(factor)})",
        CLIP: "largest tilt allowed",
        BAND: "no-trade band",
        STEP: "largest step in a month",
        SMALLEST: "smallest trade",
    }
    return tuple(
        f"{text}: {_points(lines[name])}" for name, text in texts.items() if abs(lines.get(name, 0.0)) > WORTH_SAYING
    )


def _why_multiplier(factor: Multiplier) -> str:
    if factor.not_evaluated or factor.share.slope is None:
        return "a declared half; fewer than 60 forecasts have matured"
    return (
        f"a declared half; of each point forecast so far {factor.share.slope:.2f} came true,"
        f" and the record weighs {factor.data_weight:.1%}"
    )
