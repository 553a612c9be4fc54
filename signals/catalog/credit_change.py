"""The change of the credit spread over three months.

A widening spread hurts small companies in the month in which it happens and has said nothing about the next
one: a report of what is going on, not a forecast. The sign is that of the same month.

References
----------
Perez-Quiros and Timmermann (2000), "Firm Size and Cyclical Variations in Stock Returns", JF 55(3).
"""

import numpy as np

from signals.asof import AsOf
from signals.catalog.credit_level import INPUTS, SPREAD, spread
from signals.scoring.points import Points, months_before
from signals.scoring.zscore import Trailing
from signals.signal import Signal

CHANGE_MONTHS = 3


def widening(view: AsOf, moments: np.ndarray) -> Points:
    """Percentage points over three months, as known then."""
    return spread(view, moments).minus(spread(view, months_before(moments, CHANGE_MONTHS)))


SCORE = Trailing("credit_change", widening, sign=-1, source=SPREAD)
SIGNAL = Signal(
    name="credit_change",
    family="credit",
    asks="Is credit getting dearer or cheaper?",
    inputs=INPUTS,
    unit="percentage points over 3 months",
    prior="negative in the same month, nothing for the next one",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
)
