"""The change of the policy rate over twelve months.

Small companies borrow short and at floating rates. A rising policy rate has come before small caps lag,
a falling one before they lead, whatever the name of the phase. Before the target was published (1982-09-27)
the effective rate of the last day known stands in.

References
----------
Jensen, Johnson and Mercer (1998), "The Inconsistency of Small-Firm and Value Stock Premiums", JPM 24(2).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.derived.policy_rate import POLICY_INPUTS, decision_doubts, decisions
from signals.scoring.points import Points, joined_at, newest, years_before
from signals.scoring.zscore import Trailing
from signals.signal import Signal

EFFECTIVE = "fred:DFF"  # percent, daily; known the next business day
INPUTS = (*POLICY_INPUTS, EFFECTIVE)
FIRST_TARGET = np.datetime64("1982-09-27", "D")
MAX_AGE_DAYS = 10  # of the effective rate, which moves daily; a target holds until the next decision


def rate(view: AsOf, moments: np.ndarray) -> Points:
    """The policy rate in force at each moment, percent, as known then."""
    days, target, known_at = decisions(view)
    decided = newest(History(days, known_at, target), moments)
    effective = newest(view.history(EFFECTIVE), moments).fresh(moments, max_age_days=MAX_AGE_DAYS)
    return joined_at(effective, decided)


def change(view: AsOf, moments: np.ndarray) -> Points:
    """Percentage points over the twelve months up to each moment."""
    return rate(view, moments).minus(rate(view, years_before(moments, 1)))


def _provenance(view: AsOf, _: Points) -> str:
    """Said while a decision is not known, or the effective rate is part of the change or of its ten-year window."""
    if doubts := decision_doubts(view):
        return doubts[-1].reason
    years = (np.datetime64(view.moment.date(), "D") - FIRST_TARGET).astype(int) / 365.25
    return "provenance effective: the window reaches before the target's record" if years < WINDOW_YEARS else ""


WINDOW_YEARS = 11  # ten of window, one of change
SCORE = Trailing("policy_change", change, sign=-1, source="fomc:target", note=_provenance)
SIGNAL = Signal(
    name="policy_change",
    family="rates",
    asks="Has the Fed been raising or cutting over the last year?",
    inputs=INPUTS,
    unit="percentage points over 12 months",
    prior="negative: a higher policy rate hurts those who borrow short",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
    raw_name="policy rate, change",
    scale=SCORE.scale,
)
