"""Companies that leave: notices of delisting and deregistration for each hundred companies that file annual reports.

Form 25 ends a listing and Form 15 the duty to report; both in a year, over the companies that filed an annual report
in that year. What it costs small caps is their universe, one company after the other.

References
----------
Doidge, Karolyi and Stulz (2017), "The U.S. Listing Gap", JFE 123(3).
"""

import numpy as np

from signals.asof import AsOf
from signals.catalog.ipo_window import MAX_AGE_FILINGS
from signals.derived.filing_counts import series, yearly
from signals.scoring.points import Points, combine, newest
from signals.scoring.zscore import Trailing
from signals.signal import Signal

EXITS, FILERS = ("25", "15"), ("10-K filers",)


def exits(view: AsOf, moments: np.ndarray) -> Points:
    """Exits in a year for each hundred companies with an annual report in it, as known then."""
    rate = combine(_per_hundred, yearly(view, EXITS), yearly(view, FILERS))
    return newest(rate, moments).fresh(moments, max_age_days=MAX_AGE_FILINGS)


def _per_hundred(left: np.ndarray, filers: np.ndarray) -> np.ndarray:
    return 100 * left / np.maximum(filers, 1)


SCORE = Trailing("listing_exits", exits, sign=-1, source=series(EXITS)[0])
SIGNAL = Signal(
    name="listing_exits",
    family="structure",
    asks="Are companies leaving the market?",
    inputs=series((*EXITS, *FILERS)),
    unit="% of filers a year",
    prior="none: a description",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
    report_only=True,
)
