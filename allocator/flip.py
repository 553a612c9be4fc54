"""Distance to flip: how far one input, or two together, would have to go to change the stance.

The raw wish is linear in every score and in every probability, and the stance never falls as the wish rises, so
along any input it changes at one place on each side. That place is located by bisection through the very rule that
names the stance, the other inputs as they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.recommendation import TIED_DIGITS, Flip, Stance
from signals.signal import CLIP

HALVINGS = 60  # more than the digits of a float over any range used here
NEAR_ZERO = 1e-12  # a slope below this moves nothing

StanceOf = Callable[[float], Stance]  # from a raw wish in points to the word for it


@dataclass(frozen=True, slots=True)
class Lever:
    """One input along which the raw tilt is a straight line.

    Attributes
    ----------
    name, unit : str
    now, low, high : float
        Its value and the range in which it can lie.
    slope : float
        Points of raw tilt per unit.
    """

    name: str
    unit: str
    now: float
    low: float
    high: float
    slope: float


def signal_lever(name: str, score: float, slope: float) -> Lever:
    """A signal's score, in standard deviations."""
    return Lever(name, "sd", 0.0 if np.isnan(score) else float(score), -CLIP, CLIP, float(slope))


def phase_lever(name: str, index: int, phases: np.ndarray, points: np.ndarray) -> Lever:
    """The probability of one phase, the others keeping their proportions.

    Parameters
    ----------
    index : int
        Of the phase in the order of `PHASES`.
    phases, points : ndarray, shape (4,)
        Probabilities now, and points of raw tilt per unit of each.
    """
    now = float(phases[index])
    rest = np.delete(phases, index)
    others = np.delete(points, index)
    elsewhere = float(rest @ others / rest.sum()) if rest.sum() > 0 else float(others.mean())
    return Lever(f"P({name})", "probability", now, 0.0, 1.0, float(points[index]) - elsewhere)


def flips(levers: Sequence[Lever], raw: float, stance_of: StanceOf) -> tuple[Flip, ...]:
    """For each lever the nearest value at which the stance changes; nearest first, ties by name, never last.

    Parameters
    ----------
    levers : sequence of Lever
    raw : float
        The raw wish now, points.
    stance_of : callable
        The stance of any raw wish on this day.
    """
    nearest_flips = [_flip(lever, raw, stance_of) for lever in levers]
    span = {lever.name: lever.high - lever.low for lever in levers}
    far = len(nearest_flips) + 1.0

    def nearest(flip: Flip) -> tuple[float, str]:
        if flip.flips_at is None:
            return far, ""
        return round(abs(flip.flips_at - flip.now) / span[flip.input], TIED_DIGITS), flip.input

    return tuple(sorted(nearest_flips, key=nearest))


def _flip(lever: Lever, raw: float, stance_of: StanceOf) -> Flip:
    def word(value: float) -> Stance:
        return stance_of(raw + lever.slope * (value - lever.now))

    ends = [crossing(word, lever.now, end) for end in (lever.low, lever.high)] if abs(lever.slope) > NEAR_ZERO else []
    reached = [end for end in ends if end is not None]
    if not reached:
        return Flip(lever.name, lever.now, None, word(lever.now), lever.unit)
    at, to = min(reached, key=lambda end: abs(end[0] - lever.now))
    return Flip(lever.name, lever.now, at, to, lever.unit)


def pair_distance(one: Lever, other: Lever, *, raw: float, stance_of: StanceOf) -> tuple[float, Stance] | None:
    """How far both scores must move together, each in its own harmful (or helpful) direction, for a flip.

    Returns
    -------
    (distance, stance) or None
        Standard deviations that each of the two moves; None where their whole range is not enough.
    """
    strength = abs(one.slope) + abs(other.slope)

    def word(distance: float) -> Stance:
        return stance_of(raw + strength * distance)

    reached = [end for end in (crossing(word, 0.0, far) for far in (-2 * CLIP, 2 * CLIP)) if end is not None]
    if not reached:
        return None
    distance, to = min(reached, key=lambda end: abs(end[0]))
    return abs(distance), to


def crossing(word: Callable[[float], Stance], start: float, end: float) -> tuple[float, Stance] | None:
    """First place from `start` towards `end` where `word` changes, and what it becomes; None if it never does."""
    here = word(start)
    if word(end) == here:
        return None
    near, far = start, end
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        near, far = (middle, far) if word(middle) == here else (near, middle)
    return far, word(far)
