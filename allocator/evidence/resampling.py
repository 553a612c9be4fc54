"""Resampling that keeps time in blocks: intervals, the reality check, and standard errors that know of it.

The stationary bootstrap draws blocks of geometric length and wraps round the end. All repetitions are
drawn at once as one index array; `arch` gives the tests of superior ability.

References
----------
Politis and Romano (1994), "The Stationary Bootstrap", JASA 89. Politis and White (2004) with Patton's
correction (2009), "Automatic Block-Length Selection", Econometric Reviews 28(4). White (2000), "A Reality
Check for Data Snooping", Econometrica 68(5). Hansen (2005), "A Test for Superior Predictive Ability", JBES
23(4). Newey and West (1987), Econometrica 55(3).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

SHORTEST_BLOCK = 6.0  # months: the tilt moves slowly, so no block may cut its spells shorter
LEVEL = 0.95  # of every interval in the product
SEED = 20261122  # of every draw that is not told otherwise: same facts, same numbers
LAGS_IN_A_ROW = 5  # insignificant autocorrelations after which the rest counts as none
BLOCK_CONSTANT = {"stationary": 2, "circular": 4 / 3}
Kind = Literal["stationary", "circular"]
ROWS = 2_000  # repetitions held at once, so that memory stays small whatever their number


@dataclass(frozen=True, slots=True)
class Superiority:
    """Hansen's test against doing nothing, with White's reality check.

    Attributes
    ----------
    lower, consistent, upper : float
        p-values, lower <= consistent <= upper; the consistent one is Hansen's.
    reality_check : float
        White's p-value (not studentised, every setting recentred).
    """

    lower: float
    consistent: float
    upper: float
    reality_check: float


def block_length(values: np.ndarray, *, kind: Kind = "stationary", shortest: float = SHORTEST_BLOCK) -> float:
    """Politis-White block length in periods, never below `shortest` nor above a third of the record."""
    x = np.asarray(values, dtype=np.float64)
    longest = x.size / 3  # with fewer than three blocks there is nothing to resample
    if longest <= shortest or np.ptp(x) == 0:
        return shortest
    best = best_block(x, kind)
    return min(max(best if math.isfinite(best) else shortest, shortest), longest)


def best_block(x: np.ndarray, kind: Kind = "stationary") -> float:
    """The block length that minimises the error of a bootstrap variance, in periods.

    With R(k) the autocovariances, lam the flat-top window over twice the lag from which on five autocorrelations in a
    row are insignificant, G = sum lam |k| R(k) and S = sum lam R(k): (2 G^2 / (c S^2))^(1/3) n^(1/3), c 2 for the
    stationary and 4/3 for the circular bootstrap. The numbers are those of `arch.bootstrap.optimal_block_length` to
    the last digit, without the seconds that importing it takes; a test compares them.

    Parameters
    ----------
    x : ndarray, shape (n,)
        In order of time, n at least 18, not constant.

    References
    ----------
    Politis and White (2004), Econometric Reviews 23(1). Patton, Politis and White (2009), ibid. 28(4).
    """
    n = x.size
    apart = x - x.mean(0)
    quiet = max(LAGS_IN_A_ROW, int(np.log10(n)))
    lags = np.arange(int(np.ceil(np.sqrt(n))) + quiet + 1)
    cross = np.array([apart[k:] @ apart[: n - k] for k in lags])
    own = [(apart[k + 1 :] @ apart[k + 1 :]) * (apart[: -(k + 1)] @ apart[: -(k + 1)]) for k in lags]
    with np.errstate(divide="ignore", invalid="ignore"):  # a record that is idle at one end
        small = np.abs(cross) / np.sqrt(own) < 2 * np.sqrt(np.log10(n) / n)
    first = next((k for k in range(lags.size - quiet) if small[k : k + quiet].all()), None)
    window = int(lags[-1]) if first is None else min(2 * max(first, 1), int(lags[-1]))
    covariance = cross / n
    slope, level = 0.0, covariance[0]
    for k in range(1, window + 1):
        lam = 1 if k / window <= 1 / 2 else 2 * (1 - k / window)
        slope += 2 * lam * k * covariance[k]
        level += 2 * lam * covariance[k]
    best = ((2 * slope**2) / (BLOCK_CONSTANT[kind] * level**2)) ** (1 / 3) * n ** (1 / 3)
    return float(min(best, np.ceil(min(3 * np.sqrt(n), n / 3))))


def stationary_indices(n: int, *, block: float, repetitions: int, generator: np.random.Generator) -> np.ndarray:
    """Index arrays of the stationary bootstrap, shape (repetitions, n), mean block length `block`."""
    fresh = generator.random((repetitions, n)) < 1 / block
    fresh[:, 0] = True
    starts = generator.integers(0, n, size=(repetitions, n))
    position = np.arange(n)
    last = np.maximum.accumulate(np.where(fresh, position, 0), axis=1)  # where the block in force began
    return (np.take_along_axis(starts, last, axis=1) + position - last) % n


def bootstrap_interval(
    values: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray] | None = None,
    *,
    repetitions: int = 10_000,
    seed: int = SEED,
    block: float | None = None,
    per_year: float = 12,
) -> tuple[float, float]:
    """Stationary-bootstrap percentile interval at 95 %.

    Parameters
    ----------
    values : ndarray, shape (n,) or (n, k)
        In order of time; rows are drawn together.
    statistic : callable, optional
        From samples of shape (repetitions, n[, k]) to shape (repetitions,). The annual information ratio where
        not given.
    block : float, optional
        Mean block length; Politis-White of the (first) column where not given.
    per_year : float
        Periods in a year, for the information ratio.

    Returns
    -------
    (low, high) : tuple of float
        In the unit of the statistic.
    """
    x = np.asarray(values, dtype=np.float64)
    column = x if x.ndim == 1 else x[:, 0]
    length = block_length(column) if block is None else block
    generator = np.random.default_rng(seed)
    measure = (lambda samples: _information_ratios(samples, per_year)) if statistic is None else statistic
    drawn = [
        measure(x[stationary_indices(len(x), block=length, repetitions=rows, generator=generator)])
        for rows in _batches(repetitions)
    ]
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(np.concatenate(drawn), [tail, 1 - tail])
    return float(low), float(high)


def superiority(
    returns: np.ndarray, *, repetitions: int = 2_000, seed: int = SEED, block: float | None = None
) -> Superiority:
    """Test whether the best of several settings beats doing nothing, given that it was picked.

    Parameters
    ----------
    returns : ndarray, shape (periods, settings)
        Net active returns; the benchmark is the policy weight, whose active return is 0.

    Returns
    -------
    Superiority
        p-values of Hansen's SPA and White's reality check, both through `arch`.
    """
    from arch.bootstrap import SPA

    x = np.asarray(returns, dtype=np.float64)
    x = x[:, np.ptp(x, axis=0) > 0] if x.ndim > 1 else x[:, None]
    if not x.size:
        return Superiority(1.0, 1.0, 1.0, 1.0)
    length = round(block_length(x.mean(axis=1)) if block is None else block)
    tests = []
    for studentize in (True, False):
        test = SPA(np.zeros(len(x)), -x, block_size=length, reps=repetitions, studentize=studentize, seed=seed)
        test.compute()
        tests.append(test.pvalues)
    hansen, white = tests
    return Superiority(
        float(hansen["lower"]), float(hansen["consistent"]), float(hansen["upper"]), float(white["upper"])
    )


def spa(returns: np.ndarray, *, repetitions: int = 2_000, seed: int = SEED) -> float:
    """Hansen's consistent p-value; see `superiority`."""
    return superiority(returns, repetitions=repetitions, seed=seed).consistent


def hac_covariance(design: np.ndarray, residual: np.ndarray, *, lags: int) -> np.ndarray:
    """Newey-West covariance of least-squares coefficients, shape (k, k); no small-sample factor.

    Parameters
    ----------
    design : ndarray, shape (n, k)
        In order of time.
    residual : ndarray, shape (n,)
    """
    score = design * residual[:, None]
    middle = score.T @ score
    for lag in range(1, min(lags, len(score) - 1) + 1):
        cross = score[lag:].T @ score[:-lag]
        middle += (1 - lag / (lags + 1)) * (cross + cross.T)
    bread = np.linalg.pinv(design.T @ design)
    return bread @ middle @ bread


def _information_ratios(samples: np.ndarray, per_year: float) -> np.ndarray:
    """Annual information ratios of samples, shape (repetitions,)."""
    sd = samples.std(axis=1, ddof=1)
    return np.sqrt(per_year) * np.divide(samples.mean(axis=1), sd, where=sd > 0, out=np.zeros(len(samples)))


def _batches(repetitions: int) -> list[int]:
    """Split a count of repetitions into batches of at most `ROWS`."""
    whole, rest = divmod(repetitions, ROWS)
    return [ROWS] * whole + ([rest] if rest else [])
