"""The share of small-cap risk that large caps do not explain: 1 - R2 of IWM on SPY over a year of sessions.

It says how much a tilt is a bet of its own, and how much a bet on the market under another name.

References
----------
Campbell, Lettau, Malkiel and Xu (2001), "Have Individual Stocks Become More Volatile?", JF 56(1).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.derived.small_minus_large import FUND_INPUTS, LARGE, MAX_AGE_DAYS, SMALL
from signals.derived.total_return import growth
from signals.scoring.points import Points, newest
from signals.scoring.rolling import SESSIONS_A_YEAR, Regression, change, regression
from signals.scoring.zscore import Trailing
from signals.signal import Signal


def market_model(view: AsOf) -> Regression:
    """Daily log returns of IWM on those of SPY, over a rolling year."""
    small, large = (growth(view, ticker) for ticker in (SMALL, LARGE))
    steps = [change(History(part.period, part.known_at, np.log(part.value)), 1) for part in (large, small)]
    return regression(steps[0], steps[1], window=SESSIONS_A_YEAR)


def own_share(view: AsOf, moments: np.ndarray) -> Points:
    """1 - R2, 0 to 1, as known then."""
    model = market_model(view)
    return newest(model.of(1 - model.r2), moments).fresh(moments, max_age_days=MAX_AGE_DAYS)


SCORE = Trailing("idiosyncratic_risk", own_share, sign=+1, source="yahoo:IWM and yahoo:SPY")
SIGNAL = Signal(
    name="idiosyncratic_risk",
    family="structure",
    asks="How much of small-cap risk is its own?",
    inputs=FUND_INPUTS,
    unit="share of variance, 0 to 1",
    prior="none: a description",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
    report_only=True,
)
