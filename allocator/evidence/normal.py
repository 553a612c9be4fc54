"""The standard normal distribution for single numbers, from the standard library: the daily run loads no more."""

import math
from statistics import NormalDist

_NORMAL = NormalDist()


def normal_cdf(x: float) -> float:
    """Chance that a standard normal is at most `x`, 0 to 1; exact in the lower tail too.

    Examples
    --------
    >>> round(normal_cdf(-1.959964), 6)
    0.025
    """
    return 0.5 * math.erfc(-x / math.sqrt(2))


def normal_quantile(p: float) -> float:
    """The number that a standard normal stays below with chance `p`; infinite at 0 and 1.

    Raises
    ------
    ValueError
        Where `p` is outside 0 to 1.

    Examples
    --------
    >>> round(normal_quantile(0.975), 6), normal_quantile(1.0)
    (1.959964, inf)
    """
    if p in (0.0, 1.0):
        return math.inf if p else -math.inf
    return _NORMAL.inv_cdf(p)
