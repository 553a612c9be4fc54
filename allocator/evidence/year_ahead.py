"""The twelve-month sentence judged as what it says: "small beats large over the next year with so many percent".

Forecast and probability of each month-end meet the sum of the twelve months that followed. Those sums overlap, so
the slope has Hodrick's standard error, and the hit rate counts years that do not overlap. The probability is judged
by its log score beside a coin, and by its reliability: of the months in which it was about 40 %, in how many did
small win? The multiplier has no part in the sentence.

References
----------
Hodrick (1992), RFS 5(3). Campbell and Thompson (2008), RFS 21(4), for R2 out of sample against zero.
"""

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from allocator.evidence.multiplier import HORIZON, SHORTEST, following_sums, realised_share

BINS = 5  # fifths of the months, by probability
COIN = math.log(2)  # log score of equal chances
LEAST = 1e-3  # a probability of 0 that came true costs 6.9 nats, not infinity


@dataclass(frozen=True, slots=True)
class Reliability:
    """A fifth of the months: mean probability that was given, share that came true, and their number."""

    given: float
    came_true: float
    months: int


@dataclass(frozen=True, slots=True)
class YearAhead:
    """The twelve-month sentence over one span.

    Attributes
    ----------
    name : str
    first, last : datetime.date
        Month-ends of the first and last sentence whose year has passed.
    months : int
    slope, t : float or None
        Outcome per point of forecast, and Hodrick's t.
    r2_against_zero : float
        1 - sum (y - mu)^2 / sum y^2, out of sample.
    hit_rate : float
        Right side, over years that do not overlap; the mean over the twelve ways to begin.
    separate_years : int
    log_score, log_score_minus_coin : float
        Nats, lower is better.
    reliability : tuple of Reliability
        By rising probability.
    """

    name: str
    first: dt.date
    last: dt.date
    months: int
    slope: float | None
    t: float | None
    r2_against_zero: float
    hit_rate: float
    separate_years: int
    log_score: float
    log_score_minus_coin: float
    reliability: tuple[Reliability, ...]


def year_ahead(
    name: str, decided: np.ndarray, forecast: np.ndarray, probability: np.ndarray, following: np.ndarray
) -> YearAhead | None:
    """Judge the sentences of one span; None where fewer than 60 have a whole year behind them.

    Parameters
    ----------
    decided : ndarray of datetime64[D], shape (n,)
        Month-ends, one a month.
    forecast, probability : ndarray, shape (n,)
        Percent over the year, and the chance that small beats large.
    following : ndarray, shape (n,) or longer
        Small minus large in the month after each, percent; beyond `n` the months after the last sentence.
    """
    outcome = following_sums(following)[: decided.size]
    outcome = np.append(outcome, np.full(decided.size - outcome.size, np.nan))
    matured = np.isfinite(forecast) & np.isfinite(probability) & np.isfinite(outcome)
    if matured.sum() < SHORTEST:
        return None
    share = realised_share(forecast, following)
    mu, p, y = forecast[matured], probability[matured], outcome[matured]
    won = y > 0
    score = float(-np.log(np.maximum(np.where(won, p, 1 - p), LEAST)).mean())
    right = (mu > 0) == won
    days = decided[matured]
    return YearAhead(
        name=name,
        first=days[0].astype(dt.date),
        last=days[-1].astype(dt.date),
        months=int(matured.sum()),
        slope=share.slope,
        t=share.t,
        r2_against_zero=float(1 - np.square(y - mu).sum() / np.square(y).sum()),
        hit_rate=float(np.mean([right[start::HORIZON].mean() for start in range(HORIZON)])),
        separate_years=int(matured.sum()) // HORIZON,
        log_score=score,
        log_score_minus_coin=score - COIN,
        reliability=_reliability(p, won),
    )


def _reliability(probability: np.ndarray, won: np.ndarray) -> tuple[Reliability, ...]:
    order = np.argsort(probability, kind="stable")
    return tuple(
        Reliability(float(probability[part].mean()), float(won[part].mean()), int(part.size))
        for part in np.array_split(order, BINS)
    )
