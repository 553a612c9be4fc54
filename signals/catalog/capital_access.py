"""How hard it is to borrow from a bank, from the Fed's survey of senior loan officers.

Small companies live on bank credit. The net share of banks that tighten standards, its change over four
quarters, and small borrowers against large ones: three legs, each standardised. The survey is stamped on
the quarter's first day but released some fifty days later. A leg whose series is not up to date is left out
and named.

References
----------
Lown and Morgan (2006), "The Credit Cycle and the Business Cycle", JMCB 38(6).
"""

import numpy as np

from signals.asof import AsOf
from signals.scoring.composite import Blend
from signals.scoring.points import Points, known, years_before
from signals.scoring.zscore import Trailing
from signals.signal import Signal

LARGE_FIRMS = "fred:DRTSCILM"  # net percent tightening for large and middle-market firms, quarterly
SMALL_FIRMS = "fred:DRTSCIS"  # the same for small firms
MAX_AGE_DAYS = 200  # a quarter, the wait for the next release, and a month of grace


def tightening(view: AsOf, moments: np.ndarray) -> Points:
    """Net percent of banks tightening standards for large and middle-market firms."""
    return known(view, LARGE_FIRMS, moments).fresh(moments, max_age_days=MAX_AGE_DAYS)


def year_change(view: AsOf, moments: np.ndarray) -> Points:
    """Change of the net percent over four quarters."""
    return tightening(view, moments).minus(tightening(view, years_before(moments, 1)))


def small_minus_large(view: AsOf, moments: np.ndarray) -> Points:
    """Net percent for small firms less that for larger ones."""
    small = known(view, SMALL_FIRMS, moments).fresh(moments, max_age_days=MAX_AGE_DAYS)
    return small.minus(tightening(view, moments))


SCORE = Blend(
    "capital_access",
    (
        Trailing("level", tightening, sign=-1, source=LARGE_FIRMS),
        Trailing("4-quarter change", year_change, sign=-1, source=LARGE_FIRMS),
        Trailing("small minus large", small_minus_large, sign=-1, source=SMALL_FIRMS),
    ),
)
SIGNAL = Signal(
    name="capital_access",
    family="credit",
    asks="Are banks making it harder for companies to borrow?",
    inputs=(LARGE_FIRMS, SMALL_FIRMS),
    unit="net percent of banks tightening",
    prior="negative: tight standards hurt those without a bond market",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
)
