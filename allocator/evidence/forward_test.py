"""A test that may be looked at every month without cheating: the e-process from the day of registration.

A gambler who starts with 1 and bets a small fraction, lambda, of his wealth each month on the tilt beating its
cost has no winning system if the tilt has no edge: his expected wealth never exceeds 1, so wealth of 20 at any
time, however often one looks, has a chance of at most 5 % (Ville's inequality). The mean over two fractions is
again such a wealth.

1. Each month's net active return over the risk taken for it is ``q = x / s``.
2. The wealth of a fraction lambda is ``prod(1 + lambda q)``.

References
----------
Ville (1939). Ramdas, Grunwald, Vovk and Shafer (2023), "Game-Theoretic Statistics and Safe Anytime-Valid
Inference", Statistical Science 38(4).
"""

import math
from dataclasses import dataclass

import numpy as np

from allocator.evidence.normal import normal_cdf

FRACTIONS = (0.05, 0.10)  # lambda
SUPPORTED_AT = 20.0  # wealth at which an edge is supported: a chance of at most 1 in 20 without one
LOWEST = -10.0  # q below which the factor of lambda 0.10 would be negative; the worst of 41 years was -7.1
ROUND_TRIP_PERCENT = 0.20  # cost of moving the whole portfolio from one leg to the other and back
MONTHS = 12
HALF = 0.5


@dataclass(frozen=True, slots=True)
class ForwardTest:
    """The e-process of a registered rule.

    Attributes
    ----------
    wealth : ndarray, shape (n,)
        E after each month.
    q : ndarray, shape (n,)
        Net active return over the risk taken.
    broken : ndarray of bool, shape (n,)
        True where q fell below -10, so that the larger fraction lost everything.
    """

    wealth: np.ndarray
    q: np.ndarray
    broken: np.ndarray

    @property
    def p_value(self) -> float:
        """min(1, 1 / max E): valid at any time."""
        return min(1.0, 1.0 / float(self.wealth.max(initial=1.0)))

    @property
    def supported(self) -> bool:
        """True once the wealth has reached 20."""
        return bool(self.wealth.max(initial=1.0) >= SUPPORTED_AT)


def forward_test(
    points: np.ndarray,
    small_minus_large: np.ndarray,
    sigma_annual_percent: np.ndarray,
    traded: np.ndarray,
    *,
    round_trip_percent: float = ROUND_TRIP_PERCENT,
) -> ForwardTest:
    """The wealth of the gambler after each month.

    Parameters
    ----------
    points : ndarray, shape (n,)
        Active weight held over the month, points of the portfolio.
    small_minus_large : ndarray, shape (n,)
        Percent over the month.
    sigma_annual_percent : ndarray, shape (n,)
        Volatility of small minus large known at the decision.
    traded : ndarray, shape (n,)
        Points moved at the start of the month, positive.
    round_trip_percent : float
        Cost of 100 points.

    Returns
    -------
    ForwardTest
    """
    share = points / 100
    cost = traded / 100 * round_trip_percent
    earned = share * small_minus_large - cost
    risk = np.abs(share) * sigma_annual_percent / math.sqrt(MONTHS) + cost
    q = np.divide(earned, risk, where=risk > 0, out=np.zeros(len(earned)))
    factors = np.maximum(1 + np.outer(q, FRACTIONS), 0.0)
    return ForwardTest(np.cumprod(factors, axis=0).mean(axis=1), q, q < LOWEST)


def years_to_support(annual_ir: float) -> float:
    """Years by which half of all rules with this true information ratio have reached a wealth of 20.

    The log wealth of a fraction walks with drift ``lambda m - lambda^2 (1 + m^2) / 2`` and step ``lambda`` a month,
    m the monthly ratio, so its first passage has an inverse Gaussian distribution; what the other fraction has
    made by then, at its median, is counted in.

    Examples
    --------
    >>> round(years_to_support(0.4))
    37
    """
    monthly = annual_ir / math.sqrt(MONTHS)
    if monthly <= 0:
        return math.inf
    low, high = 1.0, 1e6  # months
    if _chance_supported(high, monthly) < HALF:
        return math.inf
    while high - low > 0.1:  # noqa: PLR2004 - a tenth of a month
        middle = (low + high) / 2
        low, high = (low, middle) if _chance_supported(middle, monthly) >= HALF else (middle, high)
    return high / MONTHS


def _chance_supported(months: float, monthly: float) -> float:
    """Chance that the wealth has reached 20 within some months."""
    from scipy.special import log_ndtr

    drift = [fraction * monthly - fraction**2 / 2 * (1 + monthly**2) for fraction in FRACTIONS]
    total = len(FRACTIONS) * SUPPORTED_AT
    chances = []
    for number, fraction in enumerate(FRACTIONS):
        others = sum(math.exp(min(d * months, 700.0)) for other, d in enumerate(drift) if other != number)
        if others >= total:
            return 1.0
        barrier, growth, spread = math.log(total - others), drift[number] * months, fraction * math.sqrt(months)
        reflected = 2 * drift[number] * barrier / fraction**2 + float(log_ndtr((-growth - barrier) / spread))
        chances.append(normal_cdf((growth - barrier) / spread) + math.exp(min(reflected, 0.0)))
    return max(chances)
