"""The change of the unemployment rate over twelve months, at first release.

Small companies fall hardest before and at the start of a downturn, and are paid for it after unemployment has risen.
The number that counts is the one first published: the rate is revised for its seasonals every year. Not part of the
forecast in force: it is read for a registered challenger.

References
----------
Chen, Roll and Ross (1986), "Economic Forces and the Stock Market", Journal of Business 59(3).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.scoring.points import Points, newest, years_before
from signals.scoring.zscore import Trailing
from signals.signal import Signal

UNEMPLOYMENT = "fred:UNRATE"  # percent, seasonally adjusted, monthly
MAX_AGE_DAYS = 100  # from the first of its month: one missing release is bridged, two are not


def first_releases(history: History) -> History:
    """The version of each period that was learned first."""
    order = np.lexsort((history.known_at, history.period))
    period = history.period[order]
    first = order[np.append(True, period[1:] != period[:-1])] if period.size else order
    first = first[np.argsort(history.known_at[first], kind="stable")]
    return History(history.period[first], history.known_at[first], history.value[first])


def change(view: AsOf, moments: np.ndarray) -> Points:
    """Percentage points over the twelve months up to each moment, each rate as first released."""
    released = first_releases(view.history(UNEMPLOYMENT))
    before = years_before(moments, 1)
    now = newest(released, moments).fresh(moments, max_age_days=MAX_AGE_DAYS)
    return now.minus(newest(released, before).fresh(before, max_age_days=MAX_AGE_DAYS))


SCORE = Trailing("unemployment_change", change, sign=+1, source=UNEMPLOYMENT)
SIGNAL = Signal(
    name="unemployment_change",
    family="trend",
    asks="Has unemployment risen over the last year?",
    inputs=(UNEMPLOYMENT,),
    unit="percentage points over 12 months",
    prior="positive: small caps are paid for after the downturn has begun",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
)
