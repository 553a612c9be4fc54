"""Credit stress, as priced by the corporate bond market.

Small companies borrow short, at floating rates and from banks, so they are paid most for bearing
credit risk when it is dear. The *level* of the spread has led small-cap outperformance; its change has not.
Before the daily series starts (1986) the monthly Baa yield less the month's mean ten-year yield stands in,
and before 1962 less the ten-year yield of the vintages.

References
----------
Gilchrist and Zakrajsek (2012), "Credit Spreads and Business Cycle Fluctuations", AER 102(4).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.scoring.points import Points, combine, joined, month_means, newest
from signals.scoring.zscore import Trailing
from signals.signal import Signal

SPREAD = "fred:BAA10Y"  # Moody's Baa minus ten-year Treasury; percent, daily from 1986-01-02
BAA = "fred:BAA"  # percent, month average
TEN_YEAR = "fred:DGS10"  # percent, daily from 1962
TEN_YEAR_MONTHLY = "fredmd:GS10"  # percent, month average from 1959, held from its first vintage on
INPUTS = (SPREAD, BAA, TEN_YEAR, TEN_YEAR_MONTHLY)
MAX_AGE_DAYS = 20  # calendar days; an older daily spread says nothing about today
MAX_AGE_MONTHLY = 75  # a month average, stamped on its first day, is this old on the eve of the next one


def history(view: AsOf) -> History:
    """The spread, percent: monthly before 1986, daily since."""
    yields = view.history(BAA)
    daily = combine(np.subtract, yields, month_means(view.history(TEN_YEAR)))
    before = combine(np.subtract, yields, view.history(TEN_YEAR_MONTHLY))
    return joined(joined(before, daily), view.history(SPREAD))


def spread(view: AsOf, moments: np.ndarray) -> Points:
    """Percent at each moment, as known then."""
    points = newest(history(view), moments)
    begins = view.history(SPREAD).period
    daily = points.period >= begins[0] if begins.size else np.zeros(moments.size, dtype=bool)
    return points.fresh(moments, max_age_days=np.where(daily, MAX_AGE_DAYS, MAX_AGE_MONTHLY))


def _stand_in(view: AsOf, now: Points) -> str:
    begins = view.latest(SPREAD).period
    return "" if begins.size and now.period[0] >= begins[0] else f"{BAA} minus ten-year stands in for {SPREAD}"


SCORE = Trailing("credit_level", spread, sign=+1, source=SPREAD, note=_stand_in)
SIGNAL = Signal(
    name="credit_level",
    family="credit",
    asks="Are risky borrowers paying more than usual?",
    inputs=INPUTS,
    unit="percent",
    prior="positive: dear credit favours small caps from here",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
    raw_name="Baa spread",
    scale=SCORE.scale,
)
