"""What a small-cap tilt does to the rest of the book: correlation, beta, and the hedge.

    beta = Cov(s, r_P) / Var(r_P)

of small minus large on the book's own return. It is estimated over everything both have in common, over
the last 36 months, and over the book's own crises: the falls of more than 15 % from a peak, because a
correlation that holds only in calm months hedges nothing.
"""

import math
from dataclasses import dataclass

import numpy as np

from allocator.returns import market_between, month_ends, monthly
from allocator.settings import PortfolioSettings
from signals.asof import AsOf
from signals.errors import NoAdvice

ROLLING = 36  # months (METHOD 4)
FEWEST = 24  # months below which no beta is printed
CRISIS = 0.15  # fall from a peak that makes a crisis
FEWEST_IN_CRISIS = 3  # months: fewer have no slope
LAGS = 3  # months, as everywhere in METHOD
Z95 = 1.959963985  # two-sided 95 %
TEN_POINTS = 0.10  # of the portfolio


@dataclass(frozen=True, slots=True)
class Beta:
    """A slope with its doubt.

    Attributes
    ----------
    sample : str
    beta : float
    interval : (low, high)
        95 %, HAC with three lags.
    correlation : float
    months : int
    """

    sample: str
    beta: float
    interval: tuple[float, float]
    correlation: float
    months: int


@dataclass(frozen=True, slots=True)
class Hedge:
    """What a tilt adds to a book, and what takes it out again.

    Attributes
    ----------
    whole, recent : Beta
        Over all common months, and over the last 36.
    crises : tuple of Beta
        One for all crises together, then each that is long enough for a slope of its own.
    short_crises : tuple of (sample, months)
        Those that count in the row of all together and are too short for one of their own.
    rolling_month, rolling_beta : ndarray
        End month (datetime64[M]) and slope of every 36 months.
    tilt_points : float
    added_beta : float
        Beta to the book that the tilt adds, at the recent slope.
    added_by_ten : tuple of float
        The same for +10 points: at the recent slope, and its interval.
    hedge_share : float
        Share of the book to sell (negative: buy) in an instrument that moves with it, to take the tilt's beta out.
    """

    whole: Beta
    recent: Beta
    crises: tuple[Beta, ...]
    short_crises: tuple[tuple[str, int], ...]
    rolling_month: np.ndarray
    rolling_beta: np.ndarray
    tilt_points: float
    added_beta: float
    added_by_ten: tuple[float, float, float]
    hedge_share: float


def slope(difference: np.ndarray, book: np.ndarray, *, sample: str) -> Beta:
    """Beta of small minus large on a book, with a HAC interval.

    Parameters
    ----------
    difference, book : ndarray, shape (n,)
        Percent per month, finite, in order of time; n >= 3.

    Returns
    -------
    Beta
        Cov/Var; the standard error is Newey-West with three lags on the slope's score.
    """
    x, y = book - book.mean(), difference - difference.mean()
    spread = float(x @ x)
    beta = float(x @ y) / spread
    score = x * (y - beta * x)
    total = float(score @ score)
    for lag in range(1, min(LAGS, score.size - 1) + 1):
        total += 2 * (1 - lag / (LAGS + 1)) * float(score[lag:] @ score[:-lag])
    se = math.sqrt(max(total, 0.0)) / spread
    correlation = float(x @ y) / math.sqrt(spread * float(y @ y)) if float(y @ y) > 0 else 0.0
    return Beta(sample, beta, (beta - Z95 * se, beta + Z95 * se), correlation, int(x.size))


def hedge(month: np.ndarray, difference: np.ndarray, book: np.ndarray, *, tilt_points: float) -> Hedge:
    """Everything a person needs to hedge a tilt.

    Parameters
    ----------
    month : ndarray of datetime64[M], shape (n,)
    difference, book : ndarray, shape (n,)
        Small minus large, and the book, percent per month; NaN where unknown.

    Raises
    ------
    NoAdvice
        With fewer than 24 common months.
    """
    known = np.isfinite(difference) & np.isfinite(book)
    month, difference, book = month[known], difference[known], book[known]
    if month.size < FEWEST or float(np.ptp(book)) == 0:
        raise NoAdvice(
            f"the book and the pair have {month.size} months in common; {FEWEST} are needed.",
            remedy="Hold instruments with a longer history, or fetch theirs.",
            code="short_history",
        )
    recent = slope(difference[-ROLLING:], book[-ROLLING:], sample=f"last {min(ROLLING, month.size)} months")
    tilt = tilt_points / 100
    crises, short_crises = _crises(month, difference, book)
    return Hedge(
        whole=slope(difference, book, sample=f"{month[0]} to {month[-1]}"),
        recent=recent,
        crises=crises,
        short_crises=short_crises,
        rolling_month=month[ROLLING - 1 :],
        rolling_beta=rolling(difference, book),
        tilt_points=tilt_points,
        added_beta=tilt * recent.beta,
        added_by_ten=(TEN_POINTS * recent.beta, TEN_POINTS * recent.interval[0], TEN_POINTS * recent.interval[1]),
        hedge_share=tilt * recent.beta,
    )


def rolling(difference: np.ndarray, book: np.ndarray, window: int = ROLLING) -> np.ndarray:
    """Slope over every `window` months, shape (n - window + 1,); empty where there are fewer."""
    if book.size < window:
        return np.zeros(0)
    x = np.lib.stride_tricks.sliding_window_view(book, window)
    y = np.lib.stride_tricks.sliding_window_view(difference, window)
    x = x - x.mean(axis=1, keepdims=True)
    spread = np.square(x).sum(axis=1)
    return np.divide((x * y).sum(axis=1), spread, out=np.zeros(len(x)), where=spread > 0)


def crisis_months(book: np.ndarray) -> list[tuple[int, int]]:
    """Falls of the book of more than 15 %: (first month of the fall, month of the trough), inclusive."""
    wealth = np.concatenate([[1.0], np.cumprod(1 + book / 100)])
    spans: list[tuple[int, int]] = []
    peak = trough = 0
    for at in range(1, wealth.size):
        if wealth[at] >= wealth[peak]:
            if wealth[trough] < (1 - CRISIS) * wealth[peak]:
                spans.append((peak, trough - 1))
            peak = trough = at
        elif wealth[at] < wealth[trough]:
            trough = at
    if wealth[trough] < (1 - CRISIS) * wealth[peak]:
        spans.append((peak, trough - 1))
    return spans


def _crises(
    month: np.ndarray, difference: np.ndarray, book: np.ndarray
) -> tuple[tuple[Beta, ...], tuple[tuple[str, int], ...]]:
    """All crises together, each that is long enough, and the names of those that are not."""
    spans = crisis_months(book)
    inside = np.zeros(month.size, dtype=bool)
    for first, last in spans:
        inside[first : last + 1] = True
    if inside.sum() < FEWEST_IN_CRISIS:
        return (), tuple((_named(month, span), span[1] - span[0] + 1) for span in spans)
    count = f"all {len(spans)} crises" if len(spans) > 1 else "the only crisis"
    rows = [slope(difference[inside], book[inside], sample=count)]
    short = []
    for first, last in spans:
        if last - first + 1 > FEWEST_IN_CRISIS:
            part = slice(first, last + 1)
            rows.append(slope(difference[part], book[part], sample=_named(month, (first, last))))
        else:
            short.append((_named(month, (first, last)), last - first + 1))
    return tuple(rows), tuple(short)


def _named(month: np.ndarray, span: tuple[int, int]) -> str:
    first, last = month[span[0]], month[span[1]]
    return str(first) if first == last else f"{first} to {last}"


def recent_beta(view: AsOf, pair: PortfolioSettings) -> float | None:
    """Beta of small minus large on the market over the last 36 months known; None with fewer than 24."""
    ends, _ = month_ends(view.moment)
    difference, market = monthly(view, pair).percent, market_between(view, pair, ends)
    known = np.isfinite(difference) & np.isfinite(market)
    if known.sum() < FEWEST:
        return None
    return slope(difference[known][-ROLLING:], market[known][-ROLLING:], sample="").beta
