"""The reconstitution of the Russell indices.

Every June (and from 2026 every November) index funds trade the new lists. Companies that join the small-cap
index are bought ahead of the day and give it back after; what that does to small against large is measured
over the ten sessions up to the day.

References
----------
Madhavan (2003), "The Russell Reconstitution Effect", FAJ 59(4).
"""

from signals.scoring.seasonal import SMB, Seasonal
from signals.signal import Signal

SEASONAL = Seasonal("reconstitution")
SIGNAL = Signal(
    name="reconstitution",
    family="season",
    asks="Is an index reconstitution ahead?",
    inputs=(SMB,),
    unit="percent over the next 21 sessions",
    prior="none agreed",
    answer=SEASONAL.answer,
    scores_at=SEASONAL.scores_at,
    detail=SEASONAL.detail,
)
