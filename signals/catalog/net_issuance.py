"""Net issuance of equity by American companies, as a share of their market value.

Companies issue when shares are dear and buy back or are bought when they are cheap, so high issuance has come
before low returns, most of all of small and young companies: a contrarian signal at twelve months. Four
quarters of the flow over the level, from the Fed's financial accounts, ten to eleven weeks after the quarter
and revised every time: answered from vintages only.

References
----------
Baker and Wurgler (2000), "The Equity Share in New Issues and Aggregate Stock Returns", JF 55(5).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.scoring.points import Points, combine, newest
from signals.scoring.rolling import NO_HISTORY, learned
from signals.scoring.vintages import as_seen, hindsight
from signals.scoring.zscore import Trailing
from signals.signal import Gap, Reading, Signal

FLOW = "fred:NCBCEBQ027S"  # net issuance of corporate equities, million dollars, annual rate, quarterly
VALUE = "fred:NCBEILQ027S"  # market value of corporate equities, million dollars: a level, never the flow
QUARTERS = 4
MAX_AGE_DAYS = 270  # a quarter, eleven weeks to its release, and the wait for the next one


def share(view: AsOf, moments: np.ndarray) -> Points:
    """Percent of market value issued over four quarters, negative where shares were retired."""
    return newest(_share(view), moments).fresh(moments, max_age_days=MAX_AGE_DAYS)


def _share(view: AsOf) -> History:
    flow = view.latest(FLOW)
    if flow.period.size < QUARTERS:
        return NO_HISTORY
    total = np.cumsum(np.append(0.0, flow.value))
    mean = (total[QUARTERS:] - total[:-QUARTERS]) / QUARTERS  # at an annual rate: the mean is the year's flow
    year = History(flow.period[QUARTERS - 1 :], learned(flow.known_at)[QUARTERS - 1 :], mean)
    return combine(lambda issued, value: 100 * issued / value, year, view.latest(VALUE))


def answer(view: AsOf) -> Reading | Gap:
    """The reading, where it is what a person could have seen."""
    return hindsight(view, FLOW, "net_issuance") or SCORE.answer(view)


def scores_at(view: AsOf, moments: np.ndarray) -> np.ndarray:
    """Scores at many moments, NaN for a gap; equal to asking one by one."""
    return np.where(as_seen(view, FLOW, moments), SCORE.scores_at(view, moments), np.nan)


SCORE = Trailing("net_issuance", share, sign=-1, source=FLOW)
SIGNAL = Signal(
    name="net_issuance",
    family="dealmaking",
    asks="Are companies selling shares or buying them back?",
    inputs=(FLOW, VALUE),
    unit="percent of market value over 4 quarters",
    prior="contrarian at twelve months",
    answer=answer,
    scores_at=scores_at,
)
