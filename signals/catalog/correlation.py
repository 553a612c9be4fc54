"""How closely small caps move with large ones: the correlation of daily returns over a year of sessions.

High correlation makes a tilt cheap in tracking error and poor in opportunity. The beta beside it says how
much market a tilt brings with it.

References
----------
Forbes and Rigobon (2002), "No Contagion, Only Interdependence", JF 57(5).
"""

import numpy as np

from signals.asof import AsOf
from signals.catalog.idiosyncratic_risk import market_model
from signals.derived.small_minus_large import FUND_INPUTS, MAX_AGE_DAYS
from signals.scoring.points import Points, newest
from signals.scoring.zscore import Trailing
from signals.signal import Signal


def with_large(view: AsOf, moments: np.ndarray) -> Points:
    """Correlation of IWM with SPY, -1 to 1, as known then."""
    model = market_model(view)
    return newest(model.of(model.correlation), moments).fresh(moments, max_age_days=MAX_AGE_DAYS)


def _beta(view: AsOf, _: Points) -> str:
    return f"beta {market_model(view).beta[-1]:.2f}"


SCORE = Trailing("correlation", with_large, sign=-1, source="yahoo:IWM and yahoo:SPY", note=_beta)
SIGNAL = Signal(
    name="correlation",
    family="structure",
    asks="How closely do small caps follow large ones?",
    inputs=FUND_INPUTS,
    unit="correlation, -1 to 1",
    prior="none: a description",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
    report_only=True,
)
