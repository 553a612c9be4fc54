"""How far the forecast is followed: a declared half, moved slightly by the record (METHOD 4, method 2).

1. `realised_share` asks how much of each point forecast came true: the slope, through zero, of what small
   minus large did over the next twelve months on what was forecast for them.
2. Twelve-month sums overlap, so the standard error is the larger of Hodrick's 1B and Newey-West with 18 lags.
3. `posterior` weighs that slope against the declared prior, a half, since about half of a published predictor
   survives publication. Forty years of months carry about a tenth of the weight, and the weight is printed.

Published predictors are not shrunk before they are halved, and the forecast here already is (ridge, phase means),
so a half on top of it is on the bold side of cautious.

References
----------
Hodrick (1992), "Dividend Yields and Expected Stock Returns", RFS 5(3).
Newey and West (1987), Econometrica 55(3).
McLean and Pontiff (2016), "Does Academic Research Destroy Stock Return Predictability?", JF 71(1).
"""

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

PRIOR_MEAN = 0.5  # about half of a published predictor survives (McLean and Pontiff 2016)
PRIOR_SD = 0.25  # so that nothing and all of it lie two standard deviations away
HORIZON = 12  # months that a forecast speaks of
HAC_LAGS = 18  # months: one and a half times the overlap
SHORTEST = 60  # matured months below which the prior stands alone


@dataclass(frozen=True, slots=True)
class RealisedShare:
    """Of each point forecast, how much came true.

    Attributes
    ----------
    slope : float or None
        Points of outcome per point of forecast; None where nothing was forecast.
    hodrick_se, hac_se : float or None
        Standard errors of the slope.
    months : int
        Forecasts whose whole horizon has passed.
    """

    slope: float | None
    hodrick_se: float | None
    hac_se: float | None
    months: int

    @property
    def se(self) -> float | None:
        """The larger of the two standard errors."""
        return None if self.hodrick_se is None or self.hac_se is None else max(self.hodrick_se, self.hac_se)

    @property
    def t(self) -> float | None:
        """The slope over Hodrick's standard error."""
        return self.slope / self.hodrick_se if self.slope is not None and self.hodrick_se else None


@dataclass(frozen=True, slots=True)
class Multiplier:
    """The factor on the tilt, and what led to it.

    Attributes
    ----------
    value : float
        0 to 1.
    share : RealisedShare
        What the record says.
    data_weight : float
        Weight of the record beside the prior, 0 to 1.
    as_of : datetime.date
        The month-end whose knowledge went in.
    not_evaluated : bool
        True where fewer than 60 forecasts have matured: the declared half stands alone.
    """

    value: float
    share: RealisedShare
    data_weight: float
    as_of: dt.date
    not_evaluated: bool


def following_sums(monthly: np.ndarray, horizon: int = HORIZON) -> np.ndarray:
    """Sum of `horizon` months from each month on, percent, shape (n,); NaN where one of them is not known.

    >>> following_sums(np.array([1.0, 2, -1, 3]), 2).tolist()
    [3.0, 1.0, 2.0, nan]
    """
    padded = np.append(monthly, np.full(horizon - 1, np.nan))
    return np.lib.stride_tricks.sliding_window_view(padded, horizon).sum(axis=1)


def realised_share(
    forecast: np.ndarray, monthly: np.ndarray, *, horizon: int = HORIZON, lags: int = HAC_LAGS
) -> RealisedShare:
    """Slope through zero of the following `horizon` months on the forecast made for them.

    Parameters
    ----------
    forecast : ndarray, shape (n,)
        Percent over the horizon, one a month, oldest first; NaN where there was none.
    monthly : ndarray, shape (n,) or longer
        Small minus large in the month after each forecast, percent; NaN where it is not known yet.

    Returns
    -------
    RealisedShare
        ``sum mu y / sum mu^2`` over the forecasts whose whole horizon is known.

    Examples
    --------
    >>> share = realised_share(np.array([1.0, -1, 2]), np.array([1.0, 2, -1, 3]), horizon=2, lags=1)
    >>> share.slope, round(share.hodrick_se, 6), round(share.hac_se, 6)
    (1.0, 1.027402, 0.333333)
    """
    monthly = np.asarray(monthly, dtype=np.float64)
    outcome = following_sums(monthly, horizon)[: len(forecast)]
    outcome = np.append(outcome, np.full(len(forecast) - outcome.size, np.nan))
    matured = np.isfinite(forecast) & np.isfinite(outcome)
    x, y = np.where(matured, forecast, 0.0), np.where(matured, outcome, 0.0)
    square = float(x @ x)
    months = int(matured.sum())
    if square <= 0:
        return RealisedShare(None, None, None, months)
    slope = float(x @ y) / square
    return RealisedShare(
        slope=slope,
        hodrick_se=_hodrick(x, monthly, horizon) / square,
        hac_se=_newey_west((x * (y - slope * x))[matured], lags) / square,
        months=months,
    )


def _hodrick(x: np.ndarray, monthly: np.ndarray, horizon: int) -> float:
    """Root of ``sum_k (s_k X_k)^2``, X_k the sum of the forecasts whose horizon covers month k."""
    covering = np.convolve(x, np.ones(horizon))[: monthly.size]
    return float(np.sqrt(np.square(np.nan_to_num(monthly[: covering.size]) * covering).sum()))


def _newey_west(score: np.ndarray, lags: int) -> float:
    """Root of the Bartlett-weighted variance of a sum; no small-sample factor."""
    total = float(score @ score)
    for lag in range(1, min(lags, score.size - 1) + 1):
        total += 2 * (1 - lag / (lags + 1)) * float(score[lag:] @ score[:-lag])
    return math.sqrt(max(total, 0.0))


def posterior(slope: float, se: float) -> tuple[float, float]:
    """Posterior mean clipped to [0, 1], and the weight of the data in it.

    Parameters
    ----------
    slope, se : float
        The estimate and its standard error, positive.

    Examples
    --------
    >>> value, weight = posterior(1.94, 0.77)
    >>> round(value, 6), round(weight, 3)
    (0.637321, 0.095)
    """
    weight = PRIOR_SD**2 / (PRIOR_SD**2 + se**2)
    return min(max(PRIOR_MEAN + weight * (slope - PRIOR_MEAN), 0.0), 1.0), weight


def multiplier_of(share: RealisedShare, as_of: dt.date) -> Multiplier:
    """The multiplier that the forecasts matured by `as_of` allow."""
    if share.months < SHORTEST or share.slope is None or not share.se:
        return Multiplier(PRIOR_MEAN, share, 0.0, as_of, not_evaluated=True)
    value, weight = posterior(share.slope, share.se)
    return Multiplier(value, share, weight, as_of, not_evaluated=False)
