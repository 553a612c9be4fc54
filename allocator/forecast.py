"""From phases and signals to next month's small-minus-large return, with its uncertainty (METHOD 4).

1. Each phase has a mean of what followed, weighted by the probability that was published at the time,
   never by the label that hindsight gave. It is shrunk to zero by its own standard error.
2. What the phases leave unexplained is regressed on the signals' scores, without an intercept and with
   a prior that no slope matters; the posterior covariance is kept.
3. The forecast is the sum of both at today's probabilities and scores. A signal that cannot answer
   counts as its own average, zero, and its ignorance is added to the variance.

Returns are in percent per month throughout; `Forecast` gives years as well.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from allocator.settings import ForecastSettings
from regime.phase import PHASES

MONTHS = 12  # in a year
HAC_LAGS = 3  # months: METHOD 4
FEWEST_LEGS = 2  # one leg cannot tell the phase from the accident of that leg
LEAST_WEIGHT = 1.0  # months of probability below which a leg does not speak for a phase


@dataclass(frozen=True, slots=True)
class Sample:
    """What a model may be fitted on at one moment: one row per month-end, oldest first.

    Attributes
    ----------
    scores : ndarray, shape (n, signals)
        Read at the month-end; NaN where the signal had no answer.
    phases : ndarray, shape (n, 4)
        Probabilities published at the month-end, in the order of `PHASES`; NaN before the record.
    legs : ndarray of int, shape (n,)
        Which leg of the rate cycle (with the hold after it) the month belongs to.
    outcome : ndarray, shape (n,)
        Small minus large in the following month, percent; NaN where it is not known yet.
    """

    scores: np.ndarray
    phases: np.ndarray
    legs: np.ndarray
    outcome: np.ndarray


@dataclass(frozen=True, slots=True)
class PhaseMeans:
    """What followed each phase, before and after shrinkage; every array has the order of `PHASES`.

    Attributes
    ----------
    raw, se, shrinkage, mean, variance : ndarray, shape (4,)
        Percent per month (variance: squared); `shrinkage` is B, 0 to 1.
    months, legs : ndarray, shape (4,)
        Months of probability and distinct legs behind each mean.
    """

    raw: np.ndarray
    se: np.ndarray
    shrinkage: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    months: np.ndarray
    legs: np.ndarray


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted forecast.

    Attributes
    ----------
    signals : tuple of str
    slopes : ndarray, shape (signals,)
        Percent per month, per standard deviation of the score.
    covariance : ndarray, shape (signals, signals)
        Posterior covariance of the slopes.
    phases : PhaseMeans
    months : int
        Months with a known outcome behind the slopes.
    """

    signals: tuple[str, ...]
    slopes: np.ndarray
    covariance: np.ndarray
    phases: PhaseMeans
    months: int


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of the forecast: a phase (weighted) or a signal, percent per year."""

    name: str
    kind: str
    annual_percent: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The model's opinion of small minus large, before any multiplier.

    Attributes
    ----------
    annual_percent, annual_sd_percent : float
        Twelve times the monthly mean and twelve times the monthly sd *of the mean*.
    terms : tuple of Term
        Sum to `annual_percent`.
    """

    annual_percent: float
    annual_sd_percent: float
    terms: tuple[Term, ...]

    def probability_outperform(self, sigma_annual_percent: float) -> float:
        """Phi(mu / sqrt(sd^2 + sigma^2)): chance that small beats large over twelve months."""
        return NormalDist().cdf(self.annual_percent / math.hypot(self.annual_sd_percent, sigma_annual_percent))


def shrinkage(se: float | np.ndarray, prior_sd: float) -> np.ndarray:
    """B = tau^2 / (tau^2 + se^2): the weight of what was seen against the belief in zero.

    >>> round(float(shrinkage(0.294, 0.15)), 4)
    0.2065
    """
    return np.divide(prior_sd**2, prior_sd**2 + np.square(se))


def phase_means(sample: Sample, prior_sd: float) -> PhaseMeans:
    """Mean outcome by phase, shrunk to zero by the larger of a HAC and a leg-clustered standard error.

    Parameters
    ----------
    sample : Sample
    prior_sd : float
        tau, percent per month.
    """
    known = np.isfinite(sample.outcome) & np.isfinite(sample.phases).all(axis=1)
    weight, outcome = sample.phases[known], sample.outcome[known]
    months = weight.sum(axis=0)
    safe = np.where(months > 0, months, 1.0)
    raw = weight.T @ outcome / safe
    error = weight * (outcome[:, None] - raw)
    clustered, legs = _clustered(error, weight, sample.legs[known])
    variance = np.where(legs < FEWEST_LEGS, np.inf, np.maximum(_hac(error), clustered) / safe**2)
    se = np.sqrt(variance)
    share = shrinkage(se, prior_sd)
    spread = np.where(np.isfinite(se), share * np.where(np.isfinite(variance), variance, 0.0), prior_sd**2)
    return PhaseMeans(raw, se, share, share * raw, spread, months, legs)


def _hac(error: np.ndarray) -> np.ndarray:
    """Newey-West variance of a sum, by column, with Bartlett weights."""
    total = np.square(error).sum(axis=0)
    for lag in range(1, min(HAC_LAGS, len(error) - 1) + 1):
        total = total + 2 * (1 - lag / (HAC_LAGS + 1)) * (error[lag:] * error[:-lag]).sum(axis=0)
    return np.maximum(total, 0.0)


def _clustered(error: np.ndarray, weight: np.ndarray, legs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variance of a sum with legs as clusters (small-sample factor G/(G-1)), and G, by column."""
    _, leg = np.unique(legs, return_inverse=True)
    sums = np.zeros((leg.max(initial=-1) + 1, error.shape[1]))
    weights = np.zeros_like(sums)
    np.add.at(sums, leg, error)
    np.add.at(weights, leg, weight)
    count = (weights >= LEAST_WEIGHT).sum(axis=0)
    factor = np.where(count >= FEWEST_LEGS, count / np.maximum(count - 1, 1), 1.0)
    return factor * np.square(sums).sum(axis=0), count


def ridge(scores: np.ndarray, outcome: np.ndarray, prior_sd: float) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean and covariance of slopes with prior N(0, prior_sd^2) and no intercept.

    The noise variance is the mean square of the outcome: with R^2 near zero it is nearly the residual
    variance, and a little on the cautious side.

    Parameters
    ----------
    scores : ndarray, shape (n, signals)
        NaN counts as 0.
    outcome : ndarray, shape (n,)
        Percent per month, finite.
    """
    design = np.nan_to_num(scores)
    width = design.shape[1]
    noise = float(np.mean(np.square(outcome))) if outcome.size else 1.0
    noise = noise if noise > 0 else 1.0
    covariance = np.linalg.inv(design.T @ design / noise + np.eye(width) / prior_sd**2)
    return covariance @ (design.T @ outcome) / noise, covariance


def pooled_ridge(scores: np.ndarray, outcome: np.ndarray, prior_sd: float) -> tuple[np.ndarray, np.ndarray]:
    """`ridge` with one slope for the sum of all scores over the root of their number, shared out among them."""
    width = scores.shape[1]
    share = 1 / math.sqrt(max(width, 1))
    slope, variance = ridge(share * np.nan_to_num(scores).sum(axis=1, keepdims=True), outcome, prior_sd)
    return np.full(width, share * slope[0]), np.full((width, width), share**2 * variance[0, 0])


def fit(sample: Sample, settings: ForecastSettings) -> Model:
    """Estimate phase means and slopes on `sample`; look-ahead is impossible because the sample has none."""
    means = phase_means(sample, settings.regime_prior_sd)
    explained = np.nan_to_num(sample.phases) @ means.mean if settings.regime else 0.0
    used = np.isfinite(sample.outcome) & np.isfinite(sample.scores).any(axis=1)
    estimate = pooled_ridge if settings.pooled else ridge
    slopes, covariance = estimate(sample.scores[used], (sample.outcome - explained)[used], settings.slope_prior_sd)
    return Model(settings.signals, slopes, covariance, means, int(used.sum()))


def forecast(model: Model, phases: np.ndarray | None, scores: np.ndarray) -> Forecast:
    """The expected return at today's probabilities and scores.

    Parameters
    ----------
    model : Model
    phases : ndarray, shape (4,), or None
        None leaves the regime part out.
    scores : ndarray, shape (signals,)
        NaN where a signal has no answer: mean 0, variance 1.
    """
    terms: list[Term] = []
    variance = 0.0
    if phases is not None:
        parts = MONTHS * phases * model.phases.mean
        terms += [Term(phase.value, "regime", float(part)) for phase, part in zip(PHASES, parts, strict=True)]
        variance += float(np.square(phases) @ model.phases.variance)
    filled = np.nan_to_num(scores)
    terms += [
        Term(name, "signal", float(MONTHS * slope * score))
        for name, slope, score in zip(model.signals, model.slopes, filled, strict=True)
    ]
    unknown = np.isnan(scores)
    variance += float(filled @ model.covariance @ filled)
    variance += float((np.square(model.slopes) + np.diag(model.covariance))[unknown].sum())
    return Forecast(math.fsum(term.annual_percent for term in terms), MONTHS * math.sqrt(variance), tuple(terms))
