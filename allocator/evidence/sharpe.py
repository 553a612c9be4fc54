"""How far a Sharpe ratio can be believed: probabilistic, deflated, and how long a record it takes.

All Sharpe ratios here are per period (monthly for monthly returns) unless a name says ``annual``. They are
closed forms, so every past moment can be given its own number.

References
----------
Bailey and Lopez de Prado (2012), "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2).
Bailey and Lopez de Prado (2014), "The Deflated Sharpe Ratio", Journal of Portfolio Management 40(5).
"""

import math
from dataclasses import dataclass

import numpy as np

from allocator.evidence.normal import normal_cdf, normal_quantile

EULER_GAMMA = 0.5772156649  # of the expected maximum of N draws
MONTHS = 12  # per year
NORMAL_KURTOSIS = 3.0  # kurtosis here is never excess


@dataclass(frozen=True, slots=True)
class Moments:
    """What the formulas need of a return record.

    Attributes
    ----------
    sharpe : float
        Mean over standard deviation (n - 1), per period; 0 where nothing varies.
    n : int
        Periods.
    skew, kurtosis : float
        Population moments; the kurtosis of a normal is 3.
    """

    sharpe: float
    n: int
    skew: float = 0.0
    kurtosis: float = NORMAL_KURTOSIS

    @classmethod
    def of(cls, returns: np.ndarray) -> "Moments":
        """Moments of a one-dimensional record of returns, shape (n,), any unit."""
        x = np.asarray(returns, dtype=np.float64)
        if x.size < 2 or np.ptp(x) == 0:  # noqa: PLR2004 - a standard deviation needs two values
            return cls(0.0, int(x.size))
        centred = x - x.mean()
        sd = math.sqrt(float(np.mean(centred**2)))
        skew, kurtosis = float(np.mean(centred**3)) / sd**3, float(np.mean(centred**4)) / sd**4
        return cls(float(x.mean() / x.std(ddof=1)), int(x.size), skew, kurtosis)


def information_ratio(returns: np.ndarray) -> float:
    """Annual information ratio of monthly active returns, sqrt(12) mean/sd; 0 where nothing varies."""
    return math.sqrt(MONTHS) * Moments.of(returns).sharpe


def _spread(moments: Moments) -> float:
    """Standard deviation of the estimated Sharpe ratio times sqrt(n - 1): sqrt(1 - g3 SR + (g4-1)/4 SR^2)."""
    sr = moments.sharpe
    return math.sqrt(max(1 - moments.skew * sr + (moments.kurtosis - 1) / 4 * sr**2, np.finfo(float).tiny))


def psr(moments: Moments, benchmark: float = 0.0) -> float:
    """Probabilistic Sharpe ratio: the chance that the true ratio is above `benchmark`.

    Parameters
    ----------
    moments : Moments
    benchmark : float
        Per period.

    Returns
    -------
    float
        Phi((SR - SR*) sqrt(n - 1) / sqrt(1 - g3 SR + (g4 - 1)/4 SR^2)), 0 to 1.

    Examples
    --------
    >>> round(psr(Moments(sharpe=0.458, n=24, skew=-2.448, kurtosis=10.164)), 3)
    0.913
    """
    return normal_cdf((moments.sharpe - benchmark) * math.sqrt(max(moments.n - 1, 0)) / _spread(moments))


def expected_maximum(trials: float) -> float:
    """Expected largest of `trials` standard normals, in the DSR's approximation.

    (1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e)); a single trial is no search, so 0.

    Examples
    --------
    >>> round(expected_maximum(45), 4)
    2.2356
    """
    if trials <= 1:
        return 0.0
    return float(
        (1 - EULER_GAMMA) * normal_quantile(1 - 1 / trials) + EULER_GAMMA * normal_quantile(1 - 1 / (trials * math.e))
    )


def luckiest(trials: float, variance: float) -> float:
    """Sharpe ratio that the best of `trials` worthless tries would show: SR0 = sqrt(V) E[max], per period."""
    return math.sqrt(variance) * expected_maximum(trials)


def dsr(moments: Moments, *, trials: float, variance: float | None = None) -> float:
    """Deflated Sharpe ratio: the chance that the record is more than the best of lucky tries.

    Parameters
    ----------
    moments : Moments
    trials : float
        Effective number of specifications tried.
    variance : float, optional
        V, of the per-period Sharpe ratios of the trials. Never taken below 1/(n - 1), the variance of
        an estimated ratio when all trials are worthless; that floor where it is not given.

    Returns
    -------
    float
        PSR(SR0), 0 to 1.

    Examples
    --------
    >>> round(dsr(Moments(2.5 / 250**0.5, 1250, -3, 10), trials=100, variance=0.5 / 250), 6)
    0.900397
    """
    floor = 1 / max(moments.n - 1, 1)
    return psr(moments, luckiest(trials, max(variance or 0.0, floor)))


def min_trl(moments: Moments, benchmark: float = 0.0, *, confidence: float = 0.95) -> float:
    """Minimum track record length, in periods, at which PSR(`benchmark`) reaches `confidence`.

    Returns
    -------
    float
        1 + (1 - g3 SR + (g4 - 1)/4 SR^2) (z / (SR - SR*))^2; infinite where SR <= SR*.
    """
    lead = moments.sharpe - benchmark
    if lead <= 0:
        return math.inf
    return 1 + (_spread(moments) * normal_quantile(confidence) / lead) ** 2
