"""Twelve-month momentum of small over large.

Momentum is found in most markets; in the size spread it has been weak. It is one of the benchmarks that the
engine has to beat.

References
----------
Moskowitz, Ooi and Pedersen (2012), "Time Series Momentum", JFE 104(2).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.derived.small_minus_large import PAIR_INPUTS, fresh, relative
from signals.scoring.points import Points, newest
from signals.scoring.rolling import SESSIONS_A_YEAR, change
from signals.scoring.zscore import Trailing
from signals.signal import Signal


def year(view: AsOf, moments: np.ndarray) -> Points:
    """Percent by which small led large over twelve months, total return, as known then."""
    led = change(relative(view), SESSIONS_A_YEAR)
    return fresh(newest(History(led.period, led.known_at, 100 * np.expm1(led.value)), moments), moments)


SCORE = Trailing("relative_strength", year, sign=+1, source="yahoo:IWM and yahoo:SPY")
SIGNAL = Signal(
    name="relative_strength",
    family="trend",
    asks="Have small caps been leading?",
    inputs=PAIR_INPUTS,
    unit="percent over 12 months",
    prior="near zero",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
)
