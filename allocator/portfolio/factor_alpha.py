"""What is left of a fund's advantage after market, size, value, profitability and investment, and after luck.

    r_fund - r_benchmark = alpha + b_1 market + b_2 size + b_3 value + b_4 profitability + b_5 investment + e

A fund that holds cheaper or more profitable companies than its benchmark earns their premium: that is a tilt which
can be had from an index, not skill. Over a panel of funds some t statistics are large by luck alone. The bootstrap
draws months anew from funds whose alpha has been set to zero, all funds in the same months, so that their common
shocks stay common; Benjamini and Hochberg's rule then keeps the share of false discoveries at the level asked for.

References
----------
Fama and French (2015), "A Five-Factor Asset Pricing Model", JFE 116(1). Fama and French (2010), "Luck versus Skill in
the Cross-Section of Mutual Fund Returns", JF 65(5). Benjamini and Hochberg (1995), JRSS B 57(1).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.evidence.resampling import hac_covariance

MONTHS = 12
LAGS = 3  # months, as everywhere in METHOD
FACTORS = ("market", "size", "value", "profitability", "investment")
FEWEST = 36  # months: five slopes and an intercept want several observations each
REPETITIONS = 1_000
SEED = 20261126  # same facts, same numbers
RIDGE = 1e-9  # keeps a draw that repeats few months invertible; far below any moment in percent squared
FALSE_DISCOVERIES = 0.10  # share of wrong names accepted among those called different from zero


@dataclass(frozen=True, slots=True)
class FactorAlpha:
    """A difference of returns explained by factors.

    Attributes
    ----------
    alpha : float
        Percent per year.
    t : float
        Newey-West with three lags.
    loadings : tuple of (factor, slope, t)
    months : int
    """

    alpha: float
    t: float
    loadings: tuple[tuple[str, float, float], ...]
    months: int


@dataclass(frozen=True, slots=True)
class Luck:
    """A panel of alphas beside what luck alone would show.

    Attributes
    ----------
    p : tuple of float
        Two-sided bootstrap p-value of each alpha.
    different : tuple of bool
        Whether an alpha differs from zero at the false-discovery level, by Benjamini and Hochberg.
    sd_of_t, sd_by_luck : float
        Spread of the t statistics over the panel, and its mean over the draws without any alpha.
    largest_by_luck : float
        Mean over the draws of the largest t: what the best of so many funds shows without skill.
    """

    p: tuple[float, ...]
    different: tuple[bool, ...]
    sd_of_t: float
    sd_by_luck: float
    largest_by_luck: float


def mean_difference(difference: np.ndarray) -> tuple[float, float]:
    """Mean of a monthly difference, percent per year, and its HAC t.

    Parameters
    ----------
    difference : ndarray, shape (n,)
        Percent per month, finite.
    """
    mean = float(difference.mean())
    residual = difference - mean
    variance = hac_covariance(np.ones((difference.size, 1)), residual, lags=LAGS)[0, 0]
    return MONTHS * mean, mean / math.sqrt(variance) if variance > 0 else 0.0


def factor_alpha(difference: np.ndarray, factors: np.ndarray) -> FactorAlpha | None:
    """Alpha and loadings of one difference; None with fewer than 36 common months.

    Parameters
    ----------
    difference : ndarray, shape (n,)
        Percent per month; NaN where unknown.
    factors : ndarray, shape (n, 5)
        Percent per month, in the order of `FACTORS`; NaN where not yet published.
    """
    known = np.isfinite(difference) & np.isfinite(factors).all(axis=1)
    if known.sum() < FEWEST:
        return None
    y, design = difference[known], _design(factors[known])
    slope, *_ = np.linalg.lstsq(design, y, rcond=None)
    spread = np.sqrt(np.diag(hac_covariance(design, y - design @ slope, lags=LAGS)))
    t = np.divide(slope, spread, out=np.zeros_like(slope), where=spread > 0)
    loadings = tuple(zip(FACTORS, slope[1:].tolist(), t[1:].tolist(), strict=True))
    return FactorAlpha(MONTHS * float(slope[0]), float(t[0]), loadings, int(known.sum()))


def luck(differences: np.ndarray, factors: np.ndarray, *, repetitions: int = REPETITIONS) -> Luck | None:
    """Whether a panel of alphas shows more than luck; None without any usable fund.

    Parameters
    ----------
    differences : ndarray, shape (n months, k funds)
        Percent per month; NaN where unknown.
    factors : ndarray, shape (n, 5)
    repetitions : int

    Notes
    -----
    Statistics of draws and of the record are ordinary t statistics, so that like stands beside like. One draw counts
    how often each month comes up; every regression of the draw is then a weighted one, all solved at once.
    """
    known = np.isfinite(differences) & np.isfinite(factors).all(axis=1, keepdims=True)
    usable = known.sum(axis=0) >= FEWEST
    if not usable.any():
        return None
    inside = known[:, usable]
    y = np.where(inside, differences[:, usable], 0.0)
    design = _design(np.where(np.isfinite(factors), factors, 0.0))
    once = np.ones((1, y.shape[0]))
    slopes, t = _weighted(once, y, inside, design)
    without = y - np.where(inside, slopes[0, :, 0], 0.0)  # the same record, its alpha taken out
    draws = np.random.default_rng(SEED).multinomial(y.shape[0], np.full(y.shape[0], 1 / y.shape[0]), size=repetitions)
    _, by_luck = _weighted(draws.astype(float), without, inside, design)
    beyond = (np.abs(by_luck) >= np.abs(t)).sum(axis=0)
    p = np.full(differences.shape[1], np.nan)
    p[usable] = (beyond + 1) / (repetitions + 1)
    return Luck(
        p=tuple(p.tolist()),
        different=false_discovery(p.tolist()),
        sd_of_t=float(t.std()),
        sd_by_luck=float(by_luck.std(axis=1).mean()),
        largest_by_luck=float(by_luck.max(axis=1).mean()),
    )


def false_discovery(p: Sequence[float], *, level: float = FALSE_DISCOVERIES) -> tuple[bool, ...]:
    """Which hypotheses fall at a false-discovery rate, by Benjamini and Hochberg; NaN never does.

    >>> false_discovery([0.01, 0.04, 0.03, 0.9], level=0.05)
    (True, False, False, False)
    """
    known = sorted(value for value in p if not math.isnan(value))
    passed = [value for rank, value in enumerate(known, 1) if value <= level * rank / len(known)]
    threshold = max(passed, default=-1.0)
    return tuple(not math.isnan(value) and value <= threshold for value in p)


def _design(factors: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(factors.shape[0]), factors])


def _weighted(
    weights: np.ndarray, y: np.ndarray, inside: np.ndarray, design: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted regressions of every fund in every draw.

    Parameters
    ----------
    weights : ndarray, shape (r, n)
        How often each month counts in each draw.
    y, inside : ndarray, shape (n, k)
        Differences (0 where unknown), and where they are known.
    design : ndarray, shape (n, m)

    Returns
    -------
    slopes : ndarray, shape (r, k, m)
    t : ndarray, shape (r, k)
        Of the intercept; 0 where a draw leaves too little to estimate.
    """
    months, funds = y.shape
    size = design.shape[1]
    products = np.einsum("ti,tj->tij", design, design).reshape(months, size * size)
    moments = np.stack([(weights * inside[:, fund]) @ products for fund in range(funds)], axis=1)
    moments = moments.reshape(len(weights), funds, size, size)
    cross = np.stack([weights @ (design * y[:, [fund]]) for fund in range(funds)], axis=1)
    counts = weights @ inside
    solvable = counts >= 2 * size  # fewer observations fit anything
    inverse = np.linalg.inv(np.where(solvable[..., None, None], moments, 0.0) + RIDGE * np.eye(size))
    slopes = np.einsum("rkij,rkj->rki", inverse, cross)
    squares = weights @ np.square(y) - np.einsum("rki,rki->rk", slopes, cross)
    variance = np.maximum(squares, 0.0) / np.maximum(counts - size, 1) * inverse[..., 0, 0]
    usable = solvable & (variance > 0)
    t = np.divide(slopes[..., 0], np.sqrt(np.maximum(variance, 0.0)), out=np.zeros_like(counts), where=usable)
    return slopes, t
