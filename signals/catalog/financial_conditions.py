"""Financial conditions, as the Chicago Fed's index tells them.

The whole history of the index is estimated anew every Wednesday, so a history downloaded today is not what
anybody saw then. The signal answers only where vintages are held, and with a gap otherwise.

References
----------
Brave and Butters (2011), "Monitoring Financial Stability: A Financial Conditions Index Approach",
Economic Perspectives 35(1), Federal Reserve Bank of Chicago.
"""

import numpy as np

from signals.asof import AsOf
from signals.scoring.points import Points, known
from signals.scoring.vintages import as_seen, hindsight
from signals.scoring.zscore import Trailing
from signals.signal import Gap, Reading, Signal

INDEX, ADJUSTED = "fred:NFCI", "fred:ANFCI"  # standard deviations, weekly, positive is tight
MAX_AGE_DAYS = 30  # a week, its release five days on, and two weeks of grace


def conditions(view: AsOf, moments: np.ndarray) -> Points:
    """The index at each moment, from the vintage of that moment."""
    return known(view, INDEX, moments).fresh(moments, max_age_days=MAX_AGE_DAYS)


def answer(view: AsOf) -> Reading | Gap:
    """The reading, where it is what a person could have seen."""
    return hindsight(view, INDEX, "financial_conditions") or SCORE.answer(view)


def panel(view: AsOf, moments: np.ndarray) -> np.ndarray:
    """Scores at many moments, NaN for a gap; equal to asking one by one."""
    return np.where(as_seen(view, INDEX, moments), SCORE.panel(view, moments), np.nan)


SCORE = Trailing("financial_conditions", conditions, sign=-1, source=INDEX)
SIGNAL = Signal(
    name="financial_conditions",
    family="credit",
    asks="Are financial conditions tight?",
    inputs=(INDEX, ADJUSTED),
    unit="standard deviations, positive is tight",
    prior="negative",
    answer=answer,
    panel=panel,
)
