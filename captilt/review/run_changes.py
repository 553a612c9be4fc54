"""What changed between two runs, and why: differences of two records that sum exactly to the total.

Nothing is recomputed: both runs are in the ledger, with every line of their attribution.
"""

import datetime as dt
import math
from dataclasses import dataclass
from typing import Literal

from captilt import sentences
from captilt.contract.run import Run
from captilt.formats import TINY_POINTS, signed

STILL_SCORE = 0.25  # standard deviations; a score that moved less needs no sentence
STILL_PROBABILITY = 0.05
STILL_BP = 5.0  # of the expected path
STILL_POINTS = 0.005  # prints as zero


@dataclass(frozen=True, slots=True)
class Shift:
    """One line of the attribution, then and now (points of the portfolio)."""

    line: str
    before: float
    now: float

    @property
    def points(self) -> float:
        """Change in points."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Changes:
    """From the run of `since` to this one.

    Attributes
    ----------
    since : datetime.date
    anchor : str
        review (the last advice that a person answered) or run (the run before).
    before, now : float
        Active weight in points.
    shifts : tuple of Shift
        Largest first; their sum is `total`.
    reasons : tuple of str
        What moved underneath, in plain words.
    """

    since: dt.date
    anchor: Literal["review", "run"]
    before: float
    now: float
    shifts: tuple[Shift, ...]
    reasons: tuple[str, ...]

    @property
    def total(self) -> float:
        """Change of the active weight in points."""
        return self.now - self.before

    @property
    def quiet(self) -> bool:
        """True where no line moved by what a person would call a change."""
        return all(abs(shift.points) < TINY_POINTS for shift in self.shifts)

    @property
    def moved(self) -> tuple[Shift, ...]:
        """Lines whose change can be seen in print, largest first; what is too small stands in one line at the end."""
        visible = tuple(shift for shift in self.shifts if abs(shift.points) >= STILL_POINTS)
        still = [shift for shift in self.shifts if abs(shift.points) < STILL_POINTS]
        if not still:
            return visible
        rest = Shift("unchanged lines", math.fsum(s.before for s in still), math.fsum(s.now for s in still))
        return (*visible, rest)


def changes(before: Run, now: Run, *, anchor: Literal["review", "run"]) -> Changes:
    """Every line of the attribution then and now, and the inputs that moved."""
    then_lines, now_lines = _lines(before), _lines(now)
    names = dict.fromkeys((*now_lines, *then_lines))
    shifts = [Shift(name, then_lines.get(name, 0.0), now_lines.get(name, 0.0)) for name in names]
    return Changes(
        since=before.as_of,
        anchor=anchor,
        before=before.recommendation.active_weight_points,
        now=now.recommendation.active_weight_points,
        shifts=tuple(sorted((s for s in shifts if s.before or s.now), key=lambda s: -abs(s.points))),
        reasons=(*_calls(before, now), *_scores(before, now), *_path(before, now), *_records(before, now)),
    )


def _lines(run: Run) -> dict[str, float]:
    """Points by line; two lines of one name are added up."""
    points_of: dict[str, list[float]] = {}
    for line in run.recommendation.attribution:
        points_of.setdefault(line.line, []).append(line.points)
    return {name: math.fsum(parts) for name, parts in points_of.items()}


def _calls(before: Run, now: Run) -> list[str]:
    then, call = before.regime, now.regime
    if then.phase != call.phase:
        return [f"The call moved from {sentences.PHASE_SHORT[then.phase]} to {sentences.PHASE_SHORT[call.phase]}."]
    was, likely = then.probabilities[call.phase], call.probabilities[call.phase]
    if abs(likely - was) < STILL_PROBABILITY:
        return []
    return [f"The chance of {sentences.PHASE_SHORT[call.phase]} went from {100 * was:.0f} % to {100 * likely:.0f} %."]


def _scores(before: Run, now: Run) -> list[str]:
    then = {signal.name: signal.score for signal in before.signals}
    reasons = []
    for signal in now.signals:
        old = then.get(signal.name)
        new = signal.score
        name = label(signal.name)
        if old is None and new is not None and signal.contribution_points:
            reasons.append(f"{name} can be read again.")
        elif old is not None and new is None:
            reasons.append(f"{name} cannot be read any more.")
        elif old is not None and new is not None and signal.contribution_points and abs(new - old) >= STILL_SCORE:
            reasons.append(f"{name} went from {signed(old)} to {signed(new)} standard deviations.")
    return reasons


def _path(before: Run, now: Run) -> list[str]:
    priced, priced_before = now.fed_path.bp.m12, before.fed_path.bp.m12
    if priced is None or priced_before is None or abs(priced - priced_before) < STILL_BP:
        return []
    before_bp = signed(priced_before, 0)
    return [f"Futures price {signed(priced, 0)} bp over twelve months, {before_bp} before."]


def _records(before: Run, now: Run) -> list[str]:
    reasons = []
    if before.data.status != now.data.status:
        reasons.append(f"Data went from {before.data.status} to {now.data.status}.")
    if before.method != now.method:
        reasons.append(f"The method changed from {before.method} to {now.method}.")
    multiplier_before, keeps = before.evidence.multiplier, now.evidence.multiplier
    if abs(keeps - multiplier_before) >= STILL_PROBABILITY:
        reasons.append(
            f"The track record keeps {100 * keeps:.0f} % of the tilt, {100 * multiplier_before:.0f} % before."
        )
    return reasons


def label(name: str) -> str:
    """A name of the code as a title: ``credit_level`` as Credit level, ``P(EASE)`` as Chance of easing."""
    plain = sentences.line_name(name).removeprefix("rate cycle: ")
    return plain[:1].upper() + plain[1:]
