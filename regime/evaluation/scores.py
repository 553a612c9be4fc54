"""Scores of four-phase forecasts, with legs as the unit of evidence: eighteen phases, not five hundred months."""

import math
from dataclasses import dataclass

import numpy as np

from regime.phase import PHASES, Phase

FLOOR = 1e-3  # probabilities are clipped here before the logarithm
BINS = 10  # of equal mass, for calibration
HALF = 0.5  # probability that counts as having noticed
HOLDS_FOR = 2  # meetings for which a detection must hold, and a false alarm must last
SHORT_HOLD = 3  # meetings: a hold that ends within them is left out
INTERVAL = (2.5, 97.5)  # percentiles
_HOLDS = tuple(PHASES.index(phase) for phase in (Phase.HOLD_AFTER_HIKE, Phase.HOLD_AFTER_EASE))


def log_losses(chance: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Negative log probability of what was true, nats; shape (n,), from (n, k) and int (n,)."""
    return -np.log(np.clip(chance[np.arange(truth.size), truth], FLOOR, 1.0))


def brier_losses(chance: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Sum over the classes of the squared error, 0 to 2; shape (n,)."""
    return ((chance - np.eye(chance.shape[1])[truth]) ** 2).sum(axis=1)


def accuracy(chance: np.ndarray, truth: np.ndarray) -> float:
    """Share of rows whose likeliest class was true, 0 to 1."""
    return float((chance.argmax(axis=1) == truth).mean())


def reliability(chance: np.ndarray, truth: np.ndarray, phase: int) -> np.ndarray:
    """Mean forecast, observed share and count in each of ten bins of equal mass; shape (bins, 3)."""
    order = np.array_split(np.argsort(chance[:, phase], kind="stable"), BINS)
    rows = [(chance[one, phase].mean(), (truth[one] == phase).mean(), one.size) for one in order if one.size]
    return np.array(rows)


def calibration_error(chance: np.ndarray, truth: np.ndarray) -> float:
    """Class-wise calibration error: mean over phases and bins of |forecast - observed|, weighted by count."""
    bins = [reliability(chance, truth, phase) for phase in range(len(PHASES))]
    return float(np.mean([np.average(np.abs(one[:, 0] - one[:, 1]), weights=one[:, 2]) for one in bins]))


def blocks(truth: np.ndarray) -> np.ndarray:
    """Count of the phase each row belongs to: a run of equal labels; shape (n,)."""
    return np.concatenate([[0], np.cumsum(np.diff(truth) != 0)]) if truth.size else np.zeros(0, dtype=int)


def block_interval(losses: np.ndarray, block: np.ndarray, *, repetitions: int, seed: int) -> tuple[float, float]:
    """95 % interval of the mean loss by resampling whole phases."""
    sums, counts = np.bincount(block, weights=losses), np.bincount(block)
    drawn = np.random.default_rng(seed).integers(0, sums.size, (repetitions, sums.size))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, INTERVAL)
    return float(low), float(high)


def difference_error(losses: np.ndarray, other: np.ndarray, block: np.ndarray) -> float:
    """Clustered standard error of the mean difference of two losses, phases as clusters, nats."""
    gap = losses - other
    total = np.bincount(block, weights=gap - gap.mean())
    return float(math.sqrt((total**2).sum()) / gap.size)


def sign_test(losses: np.ndarray, other: np.ndarray, block: np.ndarray) -> tuple[int, int, float]:
    """Phases in which `losses` were the smaller, phases compared, two-sided binomial p."""
    gap = np.bincount(block, weights=losses - other)
    wins, fought = int((gap < 0).sum()), int((gap != 0).sum())
    tail = sum(math.comb(fought, k) for k in range(max(wins, fought - wins), fought + 1)) / 2**fought if fought else 1.0
    return wins, fought, min(1.0, 2 * tail)


@dataclass(frozen=True, slots=True)
class Detection:
    """How late the start of one phase was seen.

    Attributes
    ----------
    phase : Phase
    start : str
        For a hold the day of the last move before it, for a moving phase its first move.
    meetings : int or None
        1 is the first meeting after; 0 the meeting of the move itself; None if it never was.
    """

    phase: Phase
    start: str
    meetings: int | None


def detections(chance: np.ndarray, truth: np.ndarray, days: np.ndarray) -> tuple[Detection, ...]:
    """Delay of each phase that begins within the meetings given.

    The meeting of the last move belongs to the moving phase, so the first meeting of a hold counts 1 and the first
    of a moving phase 0. A phase is seen at the first of its meetings with P >= 0.5 at that and the next one.

    Parameters
    ----------
    chance : ndarray, shape (n, 4)
        Forecasts at 18:00 of each meeting day.
    truth : ndarray of int, shape (n,)
        Hindsight labels of those days.
    days : ndarray of datetime64[D], shape (n,)
    """
    run = blocks(truth)
    delays = []
    for number in range(1, int(run.max(initial=0)) + 1):
        inside = np.flatnonzero(run == number)
        phase = int(truth[inside[0]])
        hold = phase in _HOLDS
        if hold and inside.size <= SHORT_HOLD:
            continue
        likely = chance[inside, phase] >= HALF
        starts = np.flatnonzero(likely[:-1] & likely[1:]) if inside.size > 1 else np.flatnonzero(likely)
        start = days[inside[0] - 1] if hold else days[inside[0]]
        delays.append(Detection(PHASES[phase], str(start), int(starts[0]) + hold if starts.size else None))
    return tuple(delays)


def median_delay(delays: tuple[Detection, ...], phases: tuple[Phase, ...]) -> float | None:
    """Median over the detections of these phases; a phase never seen counts as infinite, so None can come out."""
    waits = [math.inf if one.meetings is None else one.meetings for one in delays if one.phase in phases]
    middle = float(np.median(waits)) if waits else math.inf
    return middle if math.isfinite(middle) else None


def false_alarms(chance: np.ndarray, truth: np.ndarray) -> int:
    """Episodes of two or more meetings whose likeliest phase is neither the true one nor the one just ended."""
    run = blocks(truth)
    first = np.searchsorted(run, run, side="left")
    before = np.where(first > 0, truth[np.maximum(first - 1, 0)], -1)
    top = chance.argmax(axis=1)
    wrong = (top != truth) & (top != before)
    episode = blocks(wrong.astype(int))
    return sum(int(wrong[episode == one][0]) for one in np.unique(episode) if (episode == one).sum() >= HOLDS_FOR)
