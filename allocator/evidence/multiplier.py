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
    if not len(monthly):
        return np.zeros(0)
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
    return realised_shares(np.asarray(forecast)[:, None], monthly, horizon=horizon, lags=lags)[0]


def realised_shares(
    forecasts: np.ndarray, monthly: np.ndarray, *, horizon: int = HORIZON, lags: int = HAC_LAGS
) -> tuple[RealisedShare, ...]:
    """`realised_share` of many rules at once, `forecasts` of shape (n, rules)."""
    size = len(forecasts)
    monthly = np.asarray(monthly, dtype=np.float64)
    outcome = np.append(following_sums(monthly, horizon)[:size], np.full(max(size - monthly.size, 0), np.nan))
    matured = np.isfinite(forecasts) & np.isfinite(outcome)[:, None]
    x = np.where(matured, forecasts, 0.0)
    y = np.where(matured, outcome[:, None], 0.0)
    square, months = np.square(x).sum(axis=0), matured.sum(axis=0)
    slope = np.divide((x * y).sum(axis=0), square, where=square > 0, out=np.zeros(square.size))
    last = int(np.flatnonzero(matured.any(axis=1)).max(initial=-1)) + 1
    hodrick = _hodrick(x[:last], monthly, horizon)
    hac = _newey_west((x * (y - slope * x))[:last], lags)
    return tuple(
        RealisedShare(float(slope[m]), float(hodrick[m] / square[m]), float(hac[m] / square[m]), int(months[m]))
        if square[m] > 0
        else RealisedShare(None, None, None, int(months[m]))
        for m in range(square.size)
    )


def _hodrick(x: np.ndarray, monthly: np.ndarray, horizon: int) -> np.ndarray:
    """Root of ``sum_k (s_k X_k)^2`` by column, X_k the sum of the forecasts whose horizon covers month k."""
    total = np.cumsum(np.vstack([x, np.zeros((horizon - 1, x.shape[1]))]), axis=0)
    total[horizon:] -= total[:-horizon].copy()
    total = total[: monthly.size]
    return np.sqrt(np.square(np.nan_to_num(monthly[: len(total)])[:, None] * total).sum(axis=0))


def _newey_west(score: np.ndarray, lags: int) -> np.ndarray:
    """Root of the Bartlett-weighted variance of a sum, by column; no small-sample factor."""
    total = np.square(score).sum(axis=0)
    for lag in range(1, min(lags, len(score) - 1) + 1):
        total = total + 2 * (1 - lag / (lags + 1)) * (score[lag:] * score[:-lag]).sum(axis=0)
    return np.sqrt(np.maximum(total, 0.0))


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
