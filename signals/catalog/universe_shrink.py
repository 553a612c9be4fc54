"""How the number of listed American companies has changed over three years.

Fewer listings leave a smaller, older small-cap universe. A fact about the ground the forecast stands on; no
return follows from it.

References
----------
Doidge, Karolyi and Stulz (2017), "The U.S. Listing Gap", JFE 123(3).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.scoring.points import Points, newest
from signals.scoring.rolling import change
from signals.scoring.zscore import Trailing
from signals.signal import Signal

FIRMS = "french:FF_NFIRMS"  # firms in Ken French's portfolios, monthly; about eight weeks late
THREE_YEARS = 36  # months
MAX_AGE_DAYS = 130  # the wait for a release and two months of grace


def three_years(view: AsOf, moments: np.ndarray) -> Points:
    """Log change, percent, of the number of listed firms over three years, as known then."""
    firms = view.latest(FIRMS)
    grown = change(History(firms.period, firms.known_at, 100 * np.log(firms.value)), THREE_YEARS)
    return newest(grown, moments).fresh(moments, max_age_days=MAX_AGE_DAYS)


SCORE = Trailing("universe_shrink", three_years, sign=+1, source=FIRMS)
SIGNAL = Signal(
    name="universe_shrink",
    family="structure",
    asks="Is the universe of listed companies shrinking?",
    inputs=(FIRMS,),
    unit="log percent over 3 years",
    prior="none: a description",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
    report_only=True,
)
