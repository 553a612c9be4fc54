"""The January effect: small over large in the first month of the year.

Selling for tax losses in December and buying back in January lifted small companies for decades. An effect
that everyone knows fades, so it is shrunk hard; the figures below show how it has changed.

References
----------
Rozeff and Kinney (1976), "Capital Market Seasonality: The Case of Stock Returns", JFE 3(4).
Keim (1983), "Size-Related Anomalies and Stock Return Seasonality", JFE 12(1).
"""

from signals.scoring.seasonal import SMB, Seasonal
from signals.signal import Signal

SEASONAL = Seasonal("january")
SIGNAL = Signal(
    name="january",
    family="season",
    asks="Is January ahead?",
    inputs=(SMB,),
    unit="percent over the next 21 sessions",
    prior="positive once, faded since it was published",
    answer=SEASONAL.answer,
    scores_at=SEASONAL.scores_at,
    detail=SEASONAL.detail,
)
