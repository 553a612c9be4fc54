"""The pipeline of new issues: amendments of registrations, less those withdrawn.

A company on its way to the exchange amends its registration (S-1/A) every few weeks, and one that gives up asks to
withdraw it (RW); spin-offs register on Form 10-12B. Each against the same weeks of earlier years.

References
----------
Dunbar and Foerster (2008), "Second Time Lucky? Withdrawn IPOs That Return to the Market", JFE 87(3).
"""

import numpy as np

from signals.asof import AsOf
from signals.catalog.ipo_window import MAX_AGE_FILINGS
from signals.derived.filing_counts import series, unusual, weekly
from signals.scoring.points import Points, combine, newest
from signals.scoring.zscore import Trailing
from signals.signal import Signal

COMING, WITHDRAWN = ("S-1/A", "10-12B"), ("RW",)


def pipeline(view: AsOf, moments: np.ndarray) -> Points:
    """Log of registrations under way over their season less that of withdrawals, as known then."""
    net = combine(np.subtract, unusual(weekly(view, COMING)), unusual(weekly(view, WITHDRAWN)))
    return newest(net, moments).fresh(moments, max_age_days=MAX_AGE_FILINGS)


SCORE = Trailing("offering_pipeline", pipeline, sign=+1, source=series(COMING)[0])
SIGNAL = Signal(
    name="offering_pipeline",
    family="dealmaking",
    asks="Are new issues on their way, or being withdrawn?",
    inputs=series((*COMING, *WITHDRAWN)),
    unit="log of the ratio to the season",
    prior="none: a description",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
    report_only=True,
)
