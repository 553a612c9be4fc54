"""How far small caps have fallen behind, or run ahead, over five years.

Five-year reversal stands in for a valuation gap, whose inputs (book to market by size) have no free daily
source: what has lagged for five years has become cheap against the other. Slow, and weak over short horizons.

References
----------
De Bondt and Thaler (1985), "Does the Stock Market Overreact?", JF 40(3).
Asness, Moskowitz and Pedersen (2013), "Value and Momentum Everywhere", JF 68(3).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.derived.small_minus_large import PAIR_INPUTS, fresh, relative
from signals.scoring.points import Points, newest
from signals.scoring.rolling import SESSIONS_A_YEAR, change
from signals.scoring.zscore import Trailing
from signals.signal import Signal

FIVE_YEARS = 5 * SESSIONS_A_YEAR


def five_years(view: AsOf, moments: np.ndarray) -> Points:
    """Percent by which small led large over five years, total return, as known then."""
    led = change(relative(view), FIVE_YEARS)
    return fresh(newest(History(led.period, led.known_at, 100 * np.expm1(led.value)), moments), moments)


SCORE = Trailing("valuation_gap", five_years, sign=-1, source="yahoo:IWM and yahoo:SPY")
SIGNAL = Signal(
    name="valuation_gap",
    family="structure",
    asks="Have small caps become cheap against large ones?",
    inputs=PAIR_INPUTS,
    unit="percent over 5 years",
    prior="reversal: what has lagged for years is cheap; slow",
    answer=SCORE.answer,
    panel=SCORE.panel,
)
