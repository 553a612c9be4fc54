"""Mergers and takeovers: how many companies are being bought.

Most targets are small, and a takeover pays a premium. Two legs: merger filings at the SEC (proxy statements
DEFM14A and PREM14A, tender offers SC TO-T, exchange offers S-4) against the same weeks of earlier years, and
the return of a merger-arbitrage fund (MNA) over SPY in half a year.

References
----------
Harford (2005), "What Drives Merger Waves?", JFE 77(3).
"""

import numpy as np

from signals.asof import AsOf
from signals.catalog.ipo_window import MAX_AGE_FILINGS, led
from signals.derived.filing_counts import series, unusual, weekly
from signals.derived.total_return import price_inputs
from signals.scoring.composite import Blend
from signals.scoring.points import Points, newest
from signals.scoring.zscore import Trailing
from signals.signal import Signal

FUND = "MNA"  # IQ Merger Arbitrage, from 2009-11
FORMS = ("DEFM14A", "PREM14A", "SC TO-T", "S-4")


def filings(view: AsOf, moments: np.ndarray) -> Points:
    """Log of filings in four weeks over the usual number for the season."""
    return newest(unusual(weekly(view, FORMS)), moments).fresh(moments, max_age_days=MAX_AGE_FILINGS)


def arbitrage(view: AsOf, moments: np.ndarray) -> Points:
    """Percent by which merger arbitrage led SPY over half a year, as known then."""
    return led(view, FUND, moments)


SCORE = Blend(
    "merger_activity",
    (
        Trailing("filings", filings, sign=+1, source=" and ".join(series(FORMS))),
        Trailing("merger arbitrage", arbitrage, sign=+1, source="yahoo:MNA"),
    ),
    led=False,
)
SIGNAL = Signal(
    name="merger_activity",
    family="dealmaking",
    asks="Are companies being bought?",
    inputs=(*(name for ticker in (FUND, "SPY") for name in price_inputs(ticker)), *series(FORMS)),
    unit="standard deviations, mean of legs",
    prior="positive, weak",
    answer=SCORE.answer,
    panel=SCORE.panel,
)
