"""The turn of the year: the last session of December and the first four of January.

What was left of the January effect sat in these five sessions, when selling for tax reasons stops and
money comes back.

References
----------
Ritter (1988), "The Buying and Selling Behavior of Individual Investors at the Turn of the Year", JF 43(3).
"""

from signals.scoring.seasonal import SMB, Seasonal
from signals.signal import Signal

SEASONAL = Seasonal("turn_of_year")
SIGNAL = Signal(
    name="turn_of_year",
    family="season",
    asks="Is the turn of the year ahead?",
    inputs=(SMB,),
    unit="percent over the next 21 sessions",
    prior="positive, faded",
    answer=SEASONAL.answer,
    scores_at=SEASONAL.scores_at,
    detail=SEASONAL.detail,
)
