"""Why, and why not, in sentences with their numbers."""

from typing import TYPE_CHECKING

from allocator.settings import Judgement, TiltSettings
from allocator.tilt import BAND, CLIP, CONFIDENCE, MULTIPLIER, STEP, Tilt, stance
from regime.phase import PHASES
from signals.catalog import BY_NAME
from signals.signal import Gap

if TYPE_CHECKING:
    from allocator.decide import World

WORTH_SAYING = 0.05  # points below which a line is not worth a person's time


def because(world: "World", sized: Tilt, settings: TiltSettings) -> tuple[str, ...]:
    """What pulls the tilt to the side on which it is, strongest first."""
    return _why_neutral(sized, settings) + _sentences(world, _side(sized))


def despite(world: "World", sized: Tilt) -> tuple[str, ...]:
    """What pulls the other way, what cut the tilt, and what could not answer."""
    against = _sentences(world, -_side(sized))
    cuts = _cuts(world, sized)
    silent = tuple(
        f"{signal.replace('_', ' ')} has no answer: {answer.reason}"
        for signal in (world.opinion.model.signals if world.opinion else ())
        if isinstance(answer := world.answers[signal], Gap)
    )
    return against + cuts + silent


def code(sized: Tilt, settings: TiltSettings) -> str:
    """MODEL, NEUTRAL_BY_MODEL (nothing worth a word is wanted) or NEUTRAL_BY_BAND (it is, but not worth its cost)."""
    if stance(sized.points, settings) != "neutral":
        return "MODEL"
    return "NEUTRAL_BY_MODEL" if stance(sized.wanted, settings) == "neutral" else "NEUTRAL_BY_BAND"


def no_advice(world: "World", judgement: Judgement) -> str:
    """Why the weight in hand stays."""
    if world.opinion is None:
        pair = f"{judgement.portfolio.small} less {judgement.portfolio.large}"
        return f"No new advice: fewer than 60 months of {pair}, or of French SMB before it, are known."
    return f"No new advice: data health is {world.health.status} ({', '.join(world.health.reason_codes)})."


def _side(sized: Tilt) -> int:
    """The side of the weight, or of what is wanted where the weight is zero."""
    leading = sized.points or sized.wanted
    return 1 if leading >= 0 else -1


def _points(value: float) -> str:
    return f"{value:+.1f} points".replace("-", "−")  # noqa: RUF001 - a minus sign, not a hyphen


def _sentences(world: "World", side: int) -> tuple[str, ...]:
    said = world.opinion
    if said is None:
        return ()
    rows = [
        (line.points, _signal(world, term.name, line.points))
        for term, line in zip(said.forecast.terms, said.contributions, strict=True)
        if term.kind == "signal" and not isinstance(world.answers[term.name], Gap)
    ]
    cycle = sum(
        line.points for term, line in zip(said.forecast.terms, said.contributions, strict=True) if term.kind == "regime"
    )
    if world.phases is not None:
        rows.append((cycle, _cycle(world, cycle)))
    kept = [row for row in rows if row[0] * side > WORTH_SAYING]
    return tuple(sentence for _, sentence in sorted(kept, key=lambda row: -abs(row[0])))


def _signal(world: "World", name: str, points: float) -> str:
    answer = world.answers[name]
    if isinstance(answer, Gap):
        return ""
    score = f"{answer.score:+.1f}".replace("-", "−")  # noqa: RUF001 - a minus sign
    raw = f"{answer.raw:.2f}".replace("-", "−")  # noqa: RUF001 - a minus sign
    return f"{name.replace('_', ' ')}: {raw} {BY_NAME[name].unit}, score {score}: {_points(points)}"


def _cycle(world: "World", points: float) -> str:
    leading = max(PHASES, key=lambda phase: world.call.probabilities[phase])
    chance = world.call.probabilities[leading]
    phase = leading.value.replace("_", " ").lower()
    return f"rate cycle: {phase} at {chance:.0%}, by the shrunk mean of what followed each phase: {_points(points)}"


def _why_neutral(sized: Tilt, settings: TiltSettings) -> tuple[str, ...]:
    match code(sized, settings):
        case "NEUTRAL_BY_MODEL":
            return (f"the model wants {_points(sized.wanted)}, too little for a stance",)
        case "NEUTRAL_BY_BAND":
            return (f"the model wants {_points(sized.wanted)}, but the move is not worth its cost (band and step)",)
        case _:
            return ()


def _cuts(world: "World", sized: Tilt) -> tuple[str, ...]:
    lines = {line.line: line.points for line in sized.lines}
    factor = world.evidence.multiplier
    why = "record too short to judge" if factor.dsr is None else f"deflated Sharpe ratio {factor.dsr:.2f}"
    texts = {
        CONFIDENCE: f"data confidence {world.health.confidence:.0%}",
        MULTIPLIER: f"evidence multiplier {factor.value:.2f} ({why})",
        CLIP: "largest tilt allowed",
        BAND: "no-trade band",
        STEP: "largest step in a month",
    }
    return tuple(f"{text}: {_points(lines[name])}" for name, text in texts.items() if abs(lines[name]) > WORTH_SAYING)
