"""The January effect: small over large in the first month of the year.

Selling for tax losses in December and buying back in January lifted small companies for decades: +4.1 % in
1963-79, next to nothing since 1984 (+0.37 %, t 0.7), negative since 2010. Known by everyone, it is shrunk
hard.

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
    prior="positive once, close to nothing since 1984",
    answer=SEASONAL.answer,
    panel=SEASONAL.panel,
    detail=SEASONAL.detail,
)
