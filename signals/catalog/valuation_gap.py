"""How cheap small caps are against large ones.

Two legs. Book value over market value of the smallest fifth of companies against the largest (Ken French's
portfolios; market value of December): a high ratio says that small is cheap. And what small has returned over
large in five years: what has lagged for so long has become cheap, which also covers the months that the file is
late. Slow, and weak over short horizons.

References
----------
Fama and French (1992), "The Cross-Section of Expected Stock Returns", JF 47(2).
De Bondt and Thaler (1985), "Does the Stock Market Overreact?", JF 40(3).
Asness, Moskowitz and Pedersen (2013), "Value and Momentum Everywhere", JF 68(3).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.derived.small_minus_large import PAIR_INPUTS, fresh, relative
from signals.scoring.composite import Blend
from signals.scoring.points import Points, combine, newest
from signals.scoring.rolling import SESSIONS_A_YEAR, change
from signals.scoring.zscore import Trailing
from signals.signal import Signal

SMALLEST, LARGEST = (f"french:FF_SIZE_BEME_DEC:{fifth}" for fifth in ("ME1", "ME5"))  # book over market equity
FIVE_YEARS = 5 * SESSIONS_A_YEAR
MAX_AGE_BOOK = 130  # calendar days: the wait for a release and two months of grace


def book_to_market(view: AsOf, moments: np.ndarray) -> Points:
    """Log of book to market of the smallest fifth over that of the largest, as known then."""
    ratio = combine(_log_ratio, view.latest(SMALLEST), view.latest(LARGEST))
    return newest(ratio, moments).fresh(moments, max_age_days=MAX_AGE_BOOK)


def _log_ratio(small: np.ndarray, large: np.ndarray) -> np.ndarray:
    """NaN, which withdraws the month, where a book value is not positive."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((small > 0) & (large > 0), np.log(small / large), np.nan)


def five_years(view: AsOf, moments: np.ndarray) -> Points:
    """Percent by which small led large over five years, total return, as known then."""
    led = change(relative(view), FIVE_YEARS)
    return fresh(newest(History(led.period, led.known_at, 100 * np.expm1(led.value)), moments), moments)


SCORE = Blend(
    "valuation_gap",
    (
        Trailing("book to market", book_to_market, sign=+1, source=SMALLEST),
        Trailing("five-year return", five_years, sign=-1, source="yahoo:IWM and yahoo:SPY"),
    ),
    led=False,
)


SIGNAL = Signal(
    name="valuation_gap",
    family="structure",
    asks="Have small caps become cheap against large ones?",
    inputs=(SMALLEST, LARGEST, *PAIR_INPUTS),
    unit="standard deviations, mean of legs",
    prior="positive: cheap has come before gains; slow",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
)
