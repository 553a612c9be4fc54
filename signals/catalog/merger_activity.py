"""Mergers and takeovers: how many companies are being bought.

Most targets are small, and a takeover pays a premium. The signal is merger filings at the SEC (proxy statements
DEFM14A and PREM14A, tender offers SC TO-T, exchange offers S-4) against the same weeks of earlier years. Beside
it stands a merger-arbitrage fund (MNA) over half a year: what is left of its growth at its own trailing market
beta. Its plain lead over the market would be little but the market upside down.

References
----------
Harford (2005), "What Drives Merger Waves?", JFE 77(3).
Mitchell and Pulvino (2001), "Characteristics of Risk and Return in Risk Arbitrage", JF 56(6).
"""

import numpy as np

from signals.asof import AsOf
from signals.catalog.ipo_window import MARKET, MAX_AGE_FILINGS, own_growth
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
    """Percent of half a year's growth of merger arbitrage that the market does not explain, as known then."""
    return own_growth(view, FUND, moments)


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
    inputs=(*series(FORMS), *(name for ticker in (FUND, MARKET) for name in price_inputs(ticker))),
    unit="standard deviations, mean of legs",
    prior="positive, weak",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
)
