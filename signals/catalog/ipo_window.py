"""Whether the window for new issues is open.

When investors buy new companies they pay for risk and for small size. Three legs. The companies brought to
market (Jay Ritter's list: no closed-end funds, foreign receipts or blank cheques) in three months, against the
same months of the ten years before: the list is known 30 days after the month, and its later corrections are
hindsight. Registrations and prospectuses at the SEC (S-1, 424B4) against the same weeks of earlier years. A
fund of new issues (FPX, else IPO) over half a year: what is left of its growth at its own trailing market beta,
for its lead over the market rises and falls with the market itself.

References
----------
Ibbotson, Sindelar and Ritter (1994), "The Market's Problems with the Pricing of Initial Public Offerings",
JACF 7(1). Baker and Wurgler (2006), "Investor Sentiment and the Cross-Section of Stock Returns", JF 61(4).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.derived.filing_counts import series, unusual, weekly
from signals.derived.small_minus_large import MAX_AGE_DAYS
from signals.derived.total_return import growth, price_inputs
from signals.scoring.composite import Blend
from signals.scoring.points import MONTHS_A_YEAR, Points, newest
from signals.scoring.rolling import SESSIONS_A_YEAR, market_residual
from signals.scoring.zscore import Trailing
from signals.signal import Signal

OFFERINGS = "ritter:IPO_MONTHLY:ex_funds_adr_spac"  # companies a month; months without one are 0
FUNDS = ("FPX", "IPO")  # First Trust's from 2006, Renaissance's from 2013; the first that is known
MARKET = "SPY"
FORMS = ("S-1", "424B4")
QUARTER, NORM_YEARS = 3, 10  # months added up, years that make the norm
HALF_YEAR = 126  # sessions
MAX_AGE_OFFERINGS = 125  # calendar days: a month, the 30 days to the next one, and a month of grace
MAX_AGE_FILINGS = 21  # calendar days after the Monday of the newest complete week


def own_growth(view: AsOf, ticker: str, moments: np.ndarray) -> Points:
    """Percent of half a year's growth of `ticker` that SPY does not explain, as known then."""
    fund, market = (_log(growth(view, name)) for name in (ticker, MARKET))
    own = market_residual(fund, market, window=SESSIONS_A_YEAR, span=HALF_YEAR)
    percent = History(own.period, own.known_at, 100 * np.expm1(own.value))
    return newest(percent, moments).fresh(moments, max_age_days=MAX_AGE_DAYS)


def _log(level: History) -> History:
    return History(level.period, level.known_at, np.log(level.value))


def new_issues(view: AsOf, moments: np.ndarray) -> Points:
    """The own growth of the longer-lived fund of new issues where it is known, else of the other."""
    first, second = (own_growth(view, ticker, moments) for ticker in FUNDS)
    missing = np.isnan(first.value) & ~np.isnat(second.period)
    return Points(
        np.where(missing, second.value, first.value),
        np.where(missing, second.period, first.period),
        np.where(missing, second.known_at, first.known_at),
    )


def offerings(view: AsOf, moments: np.ndarray) -> Points:
    """Log of companies brought to market in three months over the usual number for the season."""
    counts = unusual(view.latest(OFFERINGS), summed=QUARTER, a_year=MONTHS_A_YEAR, years=NORM_YEARS)
    return newest(counts, moments).fresh(moments, max_age_days=MAX_AGE_OFFERINGS)


def filings(view: AsOf, moments: np.ndarray) -> Points:
    """Log of filings in four weeks over the usual number for the season."""
    return newest(unusual(weekly(view, FORMS)), moments).fresh(moments, max_age_days=MAX_AGE_FILINGS)


SCORE = Blend(
    "ipo_window",
    (
        Trailing("offerings", offerings, sign=+1, source=OFFERINGS),
        Trailing("filings", filings, sign=+1, source=" and ".join(series(FORMS))),
        Trailing("fund of new issues", new_issues, sign=+1, source="yahoo:FPX or yahoo:IPO"),
    ),
    led=False,
)


SIGNAL = Signal(
    name="ipo_window",
    family="dealmaking",
    asks="Are new companies being bought?",
    inputs=(OFFERINGS, *series(FORMS), *(name for ticker in (*FUNDS, MARKET) for name in price_inputs(ticker))),
    unit="standard deviations, mean of legs",
    prior="positive, weak",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
)
