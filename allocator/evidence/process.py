"""The whole process, resampled: how often the verdict would find an edge that is there, and one that is not.

A formula for the power of a deflated Sharpe ratio takes the record as given. Here every resample is a history of its
own, and the method lives through it as it lived through the real one:

1. Whole legs of the rate cycle (with the hold after each) are drawn with replacement and laid end to end, and the
   legs are numbered anew. Scores and published phase probabilities come from one draw, returns from another, so that
   no signal knows anything of what follows.
2. An edge is put in: ``slope * g`` is added to each month's return, where g is the standardised sum of the scores
   that the method uses, and the slope is such that somebody who knew it would have the stated information ratio.
3. Month by month the forecast is fitted on what had happened, the multiplier takes what had matured, and the tilt
   trades under every rule and cost.
4. The record of the months after the first sixty is judged as the verdict judges it: does its deflated Sharpe ratio
   reach 0.95 after the stated number of tries, and is it a series that such a ratio may judge at all?

A resample depends on its seed and its inputs alone, so it can be computed anywhere and in any order. The regime model
itself is not fitted again: its published probabilities travel with their leg. Overfitting and superiority over the
declared family are not part of it, so the true power of the whole verdict is a little lower still.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator import tilt
from allocator.evidence.effective_trials import unfit_for_dsr
from allocator.evidence.multiplier import HORIZON, PRIOR_MEAN, SHORTEST, posterior, realised_share
from allocator.evidence.power import DSR_AT_LEAST
from allocator.evidence.sharpe import Moments, dsr
from allocator.forecast import MONTHS, Sample, fit, forecast
from allocator.settings import Judgement

WARM_UP = 60  # months of outcome before the first forecast
WORLDS = (0.0, 0.3, 0.4, 0.5)  # true information ratios; the first is the world without an edge


@dataclass(frozen=True, slots=True)
class History:
    """What the method lives through, one row per month-end.

    Attributes
    ----------
    scores : ndarray, shape (n, signals)
        NaN for a gap.
    phases : ndarray, shape (n, 4)
        Probabilities as published; NaN before the record.
    legs : ndarray of int, shape (n,)
    following : ndarray, shape (n,)
        Small minus large in the month after, percent.
    """

    scores: np.ndarray
    phases: np.ndarray
    legs: np.ndarray
    following: np.ndarray

    def __post_init__(self) -> None:
        if not np.isfinite(self.following).all():
            raise ValueError("a history to resample has every outcome")


def resampled(history: History, rng: np.random.Generator) -> History:
    """A history of the same length from whole legs, predictors and outcomes drawn apart."""
    predictors, legs = _whole_legs(history.legs, rng)
    outcomes, _ = _whole_legs(history.legs, rng)
    return History(history.scores[predictors], history.phases[predictors], legs, history.following[outcomes])


def _whole_legs(legs: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows of legs drawn with replacement until the length is reached, and their new numbers."""
    rows_of = [np.flatnonzero(legs == leg) for leg in np.unique(legs)]
    rows, numbers, size = [], [], 0
    while size < legs.size:
        drawn = rows_of[int(rng.integers(len(rows_of)))]
        rows.append(drawn)
        numbers.append(np.full(drawn.size, len(numbers)))
        size += drawn.size
    return np.concatenate(rows)[: legs.size], np.concatenate(numbers)[: legs.size]


def with_edge(history: History, ir: float) -> History:
    """The same history in a world where the scores are worth an information ratio of `ir` to whoever knows it."""
    total = np.nan_to_num(history.scores).sum(axis=1)
    spread = float(total.std())
    if not ir or spread == 0:
        return history
    signal = (total - total.mean()) / spread
    slope = ir * float(history.following.std()) / math.sqrt(MONTHS)
    return History(history.scores, history.phases, history.legs, history.following + slope * signal)


def live_through(history: History, judgement: Judgement) -> np.ndarray:
    """Net active return of every month after the warm-up, percent, under the rules of the method."""
    size, settings = history.following.size, judgement.tilt
    annual = np.full(size, np.nan)
    net = np.zeros(size - WARM_UP)
    policy, position = judgement.portfolio.policy_weight, 0.0
    everything = judgement.evidence.multiplier == "none"
    for row in range(WARM_UP, size):
        known = np.where(np.arange(row + 1) < row, history.following[: row + 1], np.nan)
        so_far = slice(row + 1)
        model = fit(
            Sample(history.scores[so_far], history.phases[so_far], history.legs[so_far], known), judgement.forecast
        )
        published = np.isfinite(history.phases[row]).all()
        phases = history.phases[row] if judgement.forecast.regime and published else None
        annual[row] = forecast(model, phases, history.scores[row]).annual_percent
        sigma = tilt.sigma_annual_percent(history.following[:row], settings)
        factor = 1.0 if everything else _multiplier(annual[:row], history.following[: row - 1])
        limits = tilt.Limits.long_only(policy, position, sigma, factor)
        before, position = (
            position,
            tilt.settle(annual[row] * tilt.points_per_percent(sigma, settings), limits, settings),
        )
        cost = abs(position - before) / 100 * settings.cost_bp / 100
        net[row - WARM_UP] = position / 100 * history.following[row] - cost
    return net


def _multiplier(annual: np.ndarray, following: np.ndarray) -> float:
    """What the forecasts allow that had matured by the month-end before; the declared half until then."""
    if annual.size < WARM_UP + SHORTEST + HORIZON:
        return PRIOR_MEAN
    share = realised_share(annual, following)
    if share.months < SHORTEST or share.slope is None or not share.se:
        return PRIOR_MEAN
    return posterior(share.slope, share.se)[0]


def passes(net: np.ndarray, trials: float) -> bool:
    """Whether the verdict's own test would call this record more than luck."""
    if not np.ptp(net) > 0 or unfit_for_dsr(net) is not None:
        return False
    return dsr(Moments.of(net), trials=trials) >= DSR_AT_LEAST


def resample(
    history: History, judgement: Judgement, *, seed: int, trials: float, worlds: Sequence[float] = WORLDS
) -> np.ndarray:
    """One resample in every world: whether it passes (1 or 0), and its net information ratio.

    Returns
    -------
    ndarray of float64, shape (worlds, 2)
    """
    drawn = resampled(history, np.random.default_rng(seed))
    out = np.empty((len(worlds), 2))
    for row, ir in enumerate(worlds):
        net = live_through(with_edge(drawn, ir), judgement)
        spread = float(net.std(ddof=1))
        out[row] = passes(net, trials), math.sqrt(MONTHS) * float(net.mean()) / spread if spread > 0 else 0.0
    return out
