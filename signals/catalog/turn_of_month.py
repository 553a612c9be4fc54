"""The turn of the month: the last session of a month and the first three of the next.

Salaries and pension money come in at the turn of the month; the turn of the year is left to its own signal.

References
----------
Lakonishok and Smidt (1988), "Are Seasonal Anomalies Real? A Ninety-Year Perspective", RFS 1(4).
"""

from signals.scoring.seasonal import SMB, Seasonal
from signals.signal import Signal

SEASONAL = Seasonal("turn_of_month")
SIGNAL = Signal(
    name="turn_of_month",
    family="season",
    asks="Does the turn of a month bring money into small caps?",
    inputs=(SMB,),
    unit="percent over the next 21 sessions",
    prior="none known for small against large",
    answer=SEASONAL.answer,
    scores_at=SEASONAL.scores_at,
    detail=SEASONAL.detail,
)
