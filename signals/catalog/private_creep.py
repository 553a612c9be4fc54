"""Private offerings against public ones, counted from their forms.

Is capital raised out of sight of the stock exchange?
A company that sells shares to few investors files Form D, one that goes public Form S-1. Both against the same weeks
of earlier years; where private offerings run ahead, the young companies that small-cap indexes lived on stay away.

References
----------
Ewens and Farre-Mensa (2020), "The Deregulation of the Private Equity Markets and the Decline in IPOs", RFS 33(12).
"""

import numpy as np

from signals.asof import AsOf
from signals.catalog.ipo_window import MAX_AGE_FILINGS
from signals.derived.filing_counts import series, unusual, weekly
from signals.scoring.points import Points, combine, newest
from signals.scoring.zscore import Trailing
from signals.signal import Signal

PRIVATE, PUBLIC = ("D", "D/A"), ("S-1",)


def creep(view: AsOf, moments: np.ndarray) -> Points:
    """Log of private offerings over their season less that of public ones, as known then."""
    gap = combine(np.subtract, unusual(weekly(view, PRIVATE)), unusual(weekly(view, PUBLIC)))
    return newest(gap, moments).fresh(moments, max_age_days=MAX_AGE_FILINGS)


SCORE = Trailing("private_creep", creep, sign=-1, source=series(PRIVATE)[0])
SIGNAL = Signal(
    name="private_creep",
    family="structure",
    asks="Is capital raised in private rather than in public?",
    inputs=series((*PRIVATE, *PUBLIC)),
    unit="log of the ratio to the season",
    prior="none: a description",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
    report_only=True,
)
