"""Rolling statistics of histories: each value is known once everything inside its window is.

Sums are cumulative, from the first observation on, so that the value at a session does not depend on
what came after it: a store cut at a moment gives the same bits.
"""

from dataclasses import dataclass

import numpy as np

from signals.asof import History

SESSIONS_A_YEAR = 252
NO_HISTORY = History.of([], [], [])


def learned(known_at: np.ndarray) -> np.ndarray:
    """When each of a chain of values can be computed: once all before it are known too."""
    return np.maximum.accumulate(known_at) if known_at.size else known_at


def change(level: History, sessions: int) -> History:
    """The level less the level `sessions` observations before; periods without one are left out.

    Parameters
    ----------
    level : History
        One version for each period (see `AsOf.latest`).
    """
    if level.period.size <= sessions:
        return NO_HISTORY
    return History(
        level.period[sessions:], learned(level.known_at)[sessions:], level.value[sessions:] - level.value[:-sessions]
    )


@dataclass(frozen=True, slots=True)
class Regression:
    """Rolling least squares of y on x with an intercept.

    Attributes
    ----------
    period, known_at : ndarray, shape (n,)
    beta : ndarray of float64, shape (n,)
        Units of y for each unit of x.
    beta_se : ndarray of float64, shape (n,)
        Standard error under independent errors.
    r2 : ndarray of float64, shape (n,)
        Share of the variance of y that x explains, 0 to 1.
    correlation : ndarray of float64, shape (n,)
    """

    period: np.ndarray
    known_at: np.ndarray
    beta: np.ndarray
    beta_se: np.ndarray
    r2: np.ndarray
    correlation: np.ndarray

    def of(self, values: np.ndarray) -> History:
        """One of the statistics as a history."""
        return History(self.period, self.known_at, values)


def regression(x: History, y: History, *, window: int) -> Regression:
    """Rolling regression over the last `window` periods that `x` and `y` share."""
    shared, in_x, in_y = np.intersect1d(x.period, y.period, assume_unique=True, return_indices=True)
    known_at = learned(np.fmax(x.known_at[in_x], y.known_at[in_y]))
    a, b = x.value[in_x], y.value[in_y]
    sums = [_window_sum(part, window) for part in (a, b, a * a, b * b, a * b)]
    mean_a, mean_b, square_a, square_b, product = (part / window for part in sums)
    var_a, var_b, cov = square_a - mean_a**2, square_b - mean_b**2, product - mean_a * mean_b
    with np.errstate(invalid="ignore", divide="ignore"):
        beta = cov / var_a
        correlation = cov / np.sqrt(var_a * var_b)
        beta_se = np.sqrt(np.maximum(var_b - beta * cov, 0.0) / var_a / (window - 2))
    ends = slice(window - 1, None)
    return Regression(shared[ends], known_at[ends], beta, beta_se, correlation**2, correlation)


def _window_sum(values: np.ndarray, window: int) -> np.ndarray:
    total = np.append(0.0, np.cumsum(values))
    return total[window:] - total[:-window] if values.size >= window else np.zeros(0)


def market_residual(level: History, market: History, *, window: int, span: int) -> History:
    """Growth over `span` sessions that the market does not explain, at a beta known the session before.

        e_t = dy_t - beta_{t-1} dx_t,   beta from the `window` sessions up to t - 1;   sum of e over `span`

    Parameters
    ----------
    level, market : History
        Log levels of a fund and of the market, one version a period.
    window, span : int
        Sessions of the regression and of the sum.

    Returns
    -------
    History
        Log growth; empty where fewer than `window` + `span` + 1 sessions are shared.
    """
    x, y = change(market, 1), change(level, 1)
    fitted = regression(x, y, window=window)
    if fitted.period.size <= span:
        return NO_HISTORY
    shared, in_x, in_y = np.intersect1d(x.period, y.period, assume_unique=True, return_indices=True)
    known_at = learned(np.fmax(x.known_at[in_x], y.known_at[in_y]))
    own = y.value[in_y][window:] - fitted.beta[:-1] * x.value[in_x][window:]
    total = np.append(0.0, np.cumsum(own))
    return History(shared[window + span - 1 :], known_at[window + span - 1 :], total[span:] - total[:-span])
