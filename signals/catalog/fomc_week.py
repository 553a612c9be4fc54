"""The week of a scheduled FOMC decision, from the session before it to the third after it.

Stocks have earned much of their premium around scheduled decisions; whether small companies earn more than
large ones there is an open question.

References
----------
Lucca and Moench (2015), "The Pre-FOMC Announcement Drift", JF 70(1).
Cieslak, Morse and Vissing-Jorgensen (2019), "Stock Returns over the FOMC Cycle", JF 74(5).
"""

from signals.scoring.seasonal import SMB, Seasonal
from signals.signal import Signal

SEASONAL = Seasonal("fomc_week")
SIGNAL = Signal(
    name="fomc_week",
    family="season",
    asks="Do small caps gain around FOMC decisions?",
    inputs=(SMB,),
    unit="percent over the next 21 sessions",
    prior="none agreed",
    answer=SEASONAL.answer,
    scores_at=SEASONAL.scores_at,
    detail=SEASONAL.detail,
)
