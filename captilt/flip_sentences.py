"""What would change the view, in units that can be looked up: a spread in percent, a rate in basis points, a decision.

The same sentences stand on the terminal, the page, in the report, in mails and posts.
"""

from dataclasses import dataclass

from captilt.contract.run import DecisionOutcome, Flip, Run
from captilt.formats import day, number, percent, signed
from captilt.sentences import line_name

RATE_UNIT = "percentage points"  # of a change of a rate: people say basis points
BP = 100.0  # basis points in a percentage point


@dataclass(frozen=True, slots=True)
class FlipLine:
    """One input with a value at which the stance changes: its name, value now, the other stance and where it begins."""

    name: str
    now: str
    to: str
    away: str
    knife_edge: bool

    @property
    def sentence(self) -> str:
        """All of it: ``Baa spread 1.86 %: underweight below 1.70 %``."""
        return f"{self.name} {self.now}: {self.to}"


def flip_lines(run: Run) -> tuple[FlipLine, ...]:
    """Inputs that can change the stance, nearest first; probabilities last, since nobody can look them up."""
    reachable = [flip for flip in run.recommendation.flip if flip.flips_at is not None]
    reachable.sort(key=lambda flip: (flip.unit == "probability", flip.sd_away if flip.sd_away is not None else 0.0))
    return tuple(_line(flip) for flip in reachable)


def changers(run: Run, most: int | None = None) -> tuple[str, ...]:
    """What would change the view, nearest first and at `most` so many, then the Fed's next decision."""
    lines = (*(line.sentence for line in flip_lines(run)[:most]), decision_sentence(run))
    return tuple(f"{line[:1].upper()}{line[1:]}" for line in lines if line)


def knife_edges(run: Run) -> tuple[str, ...]:
    """Sentences for the top: inputs so near to their flip that tomorrow may see another stance."""
    return tuple(f"Knife edge: {line.sentence}." for line in flip_lines(run) if line.knife_edge)


def decision_sentence(run: Run) -> str:
    """What the Fed's next decision would make of the view; empty where nothing is known of it."""
    ahead, stance = run.recommendation.next_decision, run.recommendation.stance
    if ahead is None or not ahead.outcomes:
        return ""
    changing = [outcome for outcome in ahead.outcomes if outcome.stance != stance]
    nearest = {
        (outcome.stance, outcome.move_bp > 0): outcome
        for outcome in sorted(changing, key=lambda outcome: -abs(outcome.move_bp))
    }
    when = f"Fed decision of {day(ahead.date)}"
    if nearest:
        parts = sorted(nearest.values(), key=lambda outcome: outcome.move_bp)
        return f"{when}: {'; '.join(f'{_move(one)} makes it {one.stance} ({_view(one)})' for one in parts)}"
    first, last = ahead.outcomes[0], ahead.outcomes[-1]
    return (
        f"{when}: no move of up to {max(abs(first.move_bp), abs(last.move_bp))} bp changes the stance"
        f" ({_move(first)} {_view(first)}, {_move(last)} {_view(last)})"
    )


def _line(flip: Flip) -> FlipLine:
    at = flip.flips_at if flip.flips_at is not None else flip.now
    if flip.raw_now is not None and flip.raw_flips_at is not None:
        name, now, edge = flip.raw_name or line_name(flip.input), flip.raw_now, flip.raw_flips_at
        shown, limit = _value(now, flip.raw_unit), _value(edge, flip.raw_unit, short=True)
    elif flip.unit == "probability":
        name, now, edge = line_name(flip.input), flip.now, at
        shown, limit = percent(now, 0), percent(edge, 0)
    else:
        name, now, edge = line_name(flip.input), flip.now, at
        shown, limit = f"at {signed(now, 2)} sd", f"{signed(edge, 2)} sd"
    away = "" if flip.sd_away is None else f"{number(flip.sd_away, 2)} sd"
    return FlipLine(name, shown, f"{flip.to} {'above' if edge > now else 'below'} {limit}", away, flip.knife_edge)


def _value(value: float, unit: str, *, short: bool = False) -> str:
    """A market value with its unit; `short` leaves out over which time it is counted."""
    if unit == "percent":
        return f"{number(value)} %"
    if unit.startswith(RATE_UNIT):
        span = "" if short else unit.removeprefix(RATE_UNIT)
        return f"{signed(BP * value, 0)} bp{span}"
    return f"{number(value)} {unit}".strip()


def _move(outcome: DecisionOutcome) -> str:
    if outcome.move_bp == 0:
        return "no change"
    return f"a {'hike' if outcome.move_bp > 0 else 'cut'} of {abs(outcome.move_bp)} bp"


def _view(outcome: DecisionOutcome) -> str:
    return f"{signed(outcome.view_points)} points"
