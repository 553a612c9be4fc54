"""The slope between ten years and three months, as a price of patience.

References
----------
Estrella and Mishkin (1998), "Predicting U.S. Recessions", Review of Economics and Statistics 80(1).
"""

from signals.scoring.points import known
from signals.scoring.zscore import Trailing
from signals.signal import Signal

LONG, SHORT = "fred:GS10", "fred:TB3MS"  # percent, month average


def slope(view, moments):
    """Percentage points at each moment, as known then."""
    return known(view, LONG, moments).minus(known(view, SHORT, moments)).fresh(moments, max_age_days=75)


SCORE = Trailing("acme_slope", slope, sign=+1, source=LONG)
SIGNAL = Signal(
    name="acme_slope",
    family="rates",
    asks="Is patience paid?",
    inputs=(LONG, SHORT),
    unit="percentage points",
    prior="positive",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
)
