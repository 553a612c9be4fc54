"""How much of a move of the policy rate reaches the interest that companies pay: a measured floating-rate share.

1. For each company the effective rate (interest of twelve months over average debt) less that of a year before, and the
   policy rate's average over the same twelve months less that over the twelve months before.
2. The medians of both over a group, at every third month-end, as known then.
3. Least squares of the first on the second over the last ten years. Debt at floating rates follows at once, debt at
   fixed rates only when it is renewed, so the slope is the floating share and a little more. Changes over four
   quarters of twelve-month sums overlap, so the standard error is Newey and West's with seven lags, made wider for
   so few observations: 1.96 of it hold what Kiefer and Vogelsang's critical value holds.

References
----------
Newey and West (1987), Econometrica 55(3); Kiefer and Vogelsang (2005), Econometric Theory 21(6), Bartlett kernel;
Ippolito, Ozdagli and Perez-Orive (2018), "The Transmission of Monetary
Policy Through Bank Lending: The Floating Rate Channel", JME 95.
"""

from dataclasses import dataclass

import numpy as np

WINDOW_QUARTERS, LEAST_QUARTERS = 40, 12
LAGS = 7  # four quarters of change of four quarters of interest
LEAST_SPREAD = 0.25  # percentage points, standard deviation: below it the policy rate did not move
LONGEST_DELAY = 4  # quarters
DAYS_IN_YEAR = 365
Z95 = 1.96
FIXED_B = (1.96, 2.9694, 0.4160, -0.5324)  # 97.5 % point as a cubic in (lags + 1) / observations


@dataclass(frozen=True, slots=True)
class PolicyRate:
    """The policy rate as a step function.

    Attributes
    ----------
    day : ndarray of datetime64[D], shape (n,), ascending
        First day of each rate.
    rate : ndarray of float64, shape (n,)
        Percent.
    """

    day: np.ndarray
    rate: np.ndarray

    def mean_of_year(self, ends: np.ndarray) -> np.ndarray:
        """Average over the year that ends on each of `ends` (datetime64[D]); NaN before the record begins."""
        if not self.day.size:
            return np.full(ends.shape, np.nan)
        days = self.day.astype(np.int64)
        total = np.append(0.0, np.cumsum(self.rate[:-1] * np.diff(days)))
        stops = ends.astype("datetime64[D]").astype(np.int64) + 1
        starts = stops - DAYS_IN_YEAR
        integral = self._integral(stops, days, total) - self._integral(starts, days, total)
        return np.where(starts >= days[0], integral / DAYS_IN_YEAR, np.nan)

    def _integral(self, stops: np.ndarray, days: np.ndarray, total: np.ndarray) -> np.ndarray:
        step = np.clip(np.searchsorted(days, stops, side="right") - 1, 0, days.size - 1)
        return total[step] + self.rate[step] * (stops - days[step])

    def change(self, ends: np.ndarray) -> np.ndarray:
        """Average over the year that ends on each day less that over the year before; percentage points."""
        return self.mean_of_year(ends) - self.mean_of_year(ends - DAYS_IN_YEAR)


@dataclass(frozen=True, slots=True)
class PassThrough:
    """The slope, its error, and the delay with which interest follows best.

    Attributes
    ----------
    slope, standard_error : float
        Percentage points of interest for each percentage point of the policy rate; NaN where it did not move.
    quarters : int
        Observations.
    delay_quarters : int
        Quarters by which the changes of the policy rate fit best when they are taken earlier, 0 to 4.
    """

    slope: float
    standard_error: float
    quarters: int
    delay_quarters: int

    def band(self) -> tuple[float, float]:
        """95 % interval of the slope."""
        return self.slope - Z95 * self.standard_error, self.slope + Z95 * self.standard_error


NOT_MEASURED = PassThrough(np.nan, np.nan, 0, 0)


def pass_through(rate_change: np.ndarray, policy_change: np.ndarray) -> PassThrough:
    """Slope of the change of the effective rate on that of the policy rate, up to the last observation.

    Parameters
    ----------
    rate_change, policy_change : ndarray of float64, shape (n,)
        Percentage points over four quarters, one observation a quarter, ascending; NaN where not known.
    """
    fits = {delay: _fit(rate_change, policy_change, delay) for delay in range(LONGEST_DELAY + 1)}
    now = fits[0]
    if now is None:
        return NOT_MEASURED
    explained = {delay: fit[3] for delay, fit in fits.items() if fit is not None}
    slope, error, count, _ = now
    return PassThrough(slope, error, count, max(explained, key=lambda delay: explained[delay]))


def _fit(y: np.ndarray, x: np.ndarray, delay: int) -> tuple[float, float, int, float] | None:
    """(slope, standard error, observations, R2), or None where there is too little to go by."""
    y, x = y[delay:], x[: max(x.size - delay, 0)]
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known][-WINDOW_QUARTERS:], y[known][-WINDOW_QUARTERS:]
    if x.size < LEAST_QUARTERS or x.std() < LEAST_SPREAD:
        return None
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    residual = y - y.mean() - slope * centred
    score = centred * residual
    meat = float(score @ score)
    for lag in range(1, min(LAGS, x.size - 1) + 1):
        meat += 2 * (1 - lag / (LAGS + 1)) * float(score[lag:] @ score[:-lag])
    freedom = x.size / (x.size - 2)
    wider = float(np.polyval(FIXED_B[::-1], (LAGS + 1) / x.size)) / Z95
    error = wider * float(np.sqrt(max(meat, 0.0) * freedom)) / float(centred @ centred)
    total = float((y - y.mean()) @ (y - y.mean()))
    return slope, error, x.size, 1 - float(residual @ residual) / total if total else 0.0
