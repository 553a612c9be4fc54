"""Whether the window for new issues is open.

When investors buy new companies they pay for risk and for small size. Two legs: the return of a fund of new
issues (FPX, else IPO) over SPY in half a year, and registrations and priced offerings at the SEC (S-1, 424B4)
against the same weeks of earlier years.

References
----------
Baker and Wurgler (2006), "Investor Sentiment and the Cross-Section of Stock Returns", JF 61(4).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.derived.filing_counts import series, unusual, weekly
from signals.derived.small_minus_large import MAX_AGE_DAYS, relative_growth
from signals.derived.total_return import price_inputs
from signals.scoring.composite import Blend
from signals.scoring.points import Points, newest
from signals.scoring.rolling import change
from signals.scoring.zscore import Trailing
from signals.signal import Signal

FUNDS = ("FPX", "IPO")  # First Trust's from 2006, Renaissance's from 2013; the first that is held
LARGE = "SPY"
FORMS = ("S-1", "424B4")
HALF_YEAR = 126  # sessions
MAX_AGE_FILINGS = 21  # calendar days after the Monday of the newest complete week


def led(view: AsOf, ticker: str, moments: np.ndarray) -> Points:
    """Percent by which `ticker` led SPY over half a year, as known then."""
    lead = change(relative_growth(view, ticker, LARGE), HALF_YEAR)
    percent = History(lead.period, lead.known_at, 100 * np.expm1(lead.value))
    return newest(percent, moments).fresh(moments, max_age_days=MAX_AGE_DAYS)


def new_issues(view: AsOf, moments: np.ndarray) -> Points:
    """The lead of the longer-lived fund of new issues where it is known, else of the other."""
    first, second = (led(view, ticker, moments) for ticker in FUNDS)
    missing = np.isnan(first.value) & ~np.isnat(second.period)
    return Points(
        np.where(missing, second.value, first.value),
        np.where(missing, second.period, first.period),
        np.where(missing, second.known_at, first.known_at),
    )


def filings(view: AsOf, moments: np.ndarray) -> Points:
    """Log of filings in four weeks over the usual number for the season."""
    return newest(unusual(weekly(view, FORMS)), moments).fresh(moments, max_age_days=MAX_AGE_FILINGS)


SCORE = Blend(
    "ipo_window",
    (
        Trailing("fund of new issues", new_issues, sign=+1, source="yahoo:FPX or yahoo:IPO"),
        Trailing("filings", filings, sign=+1, source=" and ".join(series(FORMS))),
    ),
    led=False,
)
SIGNAL = Signal(
    name="ipo_window",
    family="dealmaking",
    asks="Are new companies being bought?",
    inputs=(*(name for ticker in (*FUNDS, LARGE) for name in price_inputs(ticker)), *series(FORMS)),
    unit="standard deviations, mean of legs",
    prior="positive, weak",
    answer=SCORE.answer,
    panel=SCORE.panel,
)
