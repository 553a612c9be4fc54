"""The few tests that claims share: a mean, a slope, episodes, and whether phases differ at all."""

import numpy as np
import scipy

from allocator.claims.claim import Finding, Question
from allocator.claims.samples import Sample, day
from allocator.evidence import hac_covariance

HAC_LAGS = 3  # months, as everywhere in METHOD
NORMAL_95 = 1.959963984540054  # two-sided
TAIL = 0.975
FEWEST = 5  # observations below which a standard error says nothing
FEWEST_MONTHS = 60  # for a slope: five years


def mean(question: Question, sample: Sample, chosen: np.ndarray) -> Finding | None:
    """Mean of the chosen months with a HAC standard error over the calendar; None below five months.

    Parameters
    ----------
    chosen : ndarray of bool, shape (n,)
        Months that count. The others stay in the calendar with weight zero, so that the lags are months.
    """
    if chosen.sum() < FEWEST:
        return None
    weight = chosen.astype(np.float64)
    average = float(sample.percent[chosen].mean())
    covariance = hac_covariance(weight[:, None], (sample.percent - average) * weight, lags=HAC_LAGS)
    return _normal(question, sample.month[chosen], average, float(covariance[0, 0] ** 0.5))


def episodes(question: Question, values: np.ndarray, months: np.ndarray, *, fewest: int = FEWEST) -> Finding | None:
    """Mean of values that lie a year or more apart: Student's t, no lags; None below `fewest` (five)."""
    n = values.size
    if n < fewest:
        return None
    average, se = float(values.mean()), float(values.std(ddof=1) / n**0.5)
    reach = float(scipy.special.stdtrit(n - 1, TAIL)) * se
    return _finding(
        question, months, average, reach, t=average / se, p=float(2 * scipy.special.stdtr(n - 1, -abs(average / se)))
    )


def slope(question: Question, sample: Sample, rows: np.ndarray, predictor: np.ndarray) -> Finding | None:
    """Least-squares slope of small minus large on a predictor, with intercept and HAC standard error.

    Parameters
    ----------
    rows : ndarray of int, shape (k,)
        Where in the sample each outcome stands.
    predictor : ndarray of float, shape (k,)
        NaN where nothing was known.
    """
    known = np.isfinite(predictor)
    x, y, months = predictor[known], sample.percent[rows[known]], sample.month[rows[known]]
    if x.size < FEWEST_MONTHS:
        return None
    design = np.column_stack([np.ones_like(x), x])
    beta = np.linalg.lstsq(design, y, rcond=None)[0]
    covariance = hac_covariance(design, y - design @ beta, lags=HAC_LAGS)
    return _normal(question, months, float(beta[1]), float(covariance[1, 1] ** 0.5))


def equality(question: Question, sample: Sample, groups: np.ndarray, count: int) -> Finding | None:
    """Wald test, HAC, that the means of `count` groups are equal; None where one has under five months."""
    design = (groups[:, None] == np.arange(count)).astype(np.float64)
    if (design.sum(axis=0) < FEWEST).any():
        return None
    means = design.T @ sample.percent / design.sum(axis=0)
    covariance = hac_covariance(design, sample.percent - design @ means, lags=HAC_LAGS)
    contrast = np.eye(count)[1:] - np.eye(count)[0]
    gap = contrast @ means
    wald = float(gap @ np.linalg.solve(contrast @ covariance @ contrast.T, gap))
    return _finding(question, sample.month, wald, None, t=None, p=float(scipy.special.chdtrc(count - 1, wald)))


def _normal(question: Question, months: np.ndarray, estimate: float, se: float) -> Finding:
    t = estimate / se
    return _finding(question, months, estimate, NORMAL_95 * se, t=t, p=float(2 * scipy.special.ndtr(-abs(t))))


def _finding(
    question: Question, months: np.ndarray, estimate: float, reach: float | None, **tests: float | None
) -> Finding:
    return Finding(
        question=question,
        first=day(months[0]),
        last=day(months[-1]),
        n=int(months.size),
        estimate=estimate,
        interval=None if reach is None else (estimate - reach, estimate + reach),
        supported=reach is not None and bool(question.sign * estimate - reach > 0),
        **tests,
    )
