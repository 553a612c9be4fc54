"""The third year of a presidential term.

Markets are said to rise most in the year before an election. Such years are few in any sample, so whatever is
found, the interval is wide.

References
----------
Santa-Clara and Valkanov (2003), "The Presidential Puzzle: Political Cycles and the Stock Market", JF 58(5).
"""

from signals.scoring.seasonal import SMB, Seasonal
from signals.signal import Signal

SEASONAL = Seasonal("election_cycle")
SIGNAL = Signal(
    name="election_cycle",
    family="season",
    asks="Is this the year before an election?",
    inputs=(SMB,),
    unit="percent over the next 21 sessions",
    prior="none agreed; few independent years",
    answer=SEASONAL.answer,
    scores_at=SEASONAL.scores_at,
    detail=SEASONAL.detail,
)
