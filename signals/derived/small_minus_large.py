"""Small over large: the return that everything here tries to foresee, over the longest honest history.

Russell 2000 and S&P 500 funds (IWM, SPY) give the total return from 2000-05 on; before, the lower and
upper 30 % of companies by market value of Ken French's daily file. That file is published about eight
weeks late, so the year the funds begin it has to catch up before the two are joined; if it is not held,
the funds stand alone.
"""

import numpy as np

from signals.asof import AsOf, History
from signals.calendars import sessions
from signals.derived.total_return import growth, price_inputs
from signals.scoring.points import Points, combine
from signals.scoring.rolling import learned

SMALL, LARGE = "IWM", "SPY"
FUND_INPUTS = (*price_inputs(SMALL), *price_inputs(LARGE))
LOW, HIGH = "french:FF_ME_VW_DAILY:Lo30", "french:FF_ME_VW_DAILY:Hi30"  # percent a day
PAIR_INPUTS = (*FUND_INPUTS, LOW, HIGH)
FUNDS_FROM = np.datetime64("2000-09-01", "D")  # joined and settled: from here the funds alone are read
MAX_AGE_DAYS = 10  # calendar days, of a fund's newest session
CATCH_UP_DAYS = 130  # the French file is at most this late; a longer hole means that it is not kept up


def funds(view: AsOf) -> History:
    """Log growth of IWM over SPY, total return, by session."""
    return relative_growth(view, SMALL, LARGE)


def relative_growth(view: AsOf, ticker: str, against: str) -> History:
    """Log growth of one fund over another, total return, over the sessions that both traded."""
    return combine(lambda a, b: np.log(a) - np.log(b), growth(view, ticker), growth(view, against))


def relative(view: AsOf) -> History:
    """Log growth of small over large by session: French portfolios, then the funds."""
    early, late = _portfolios(view), funds(view)
    if not late.period.size:
        return early
    before = early.period < late.period[0]
    if not before.any():
        return late
    early = History(early.period[before], early.known_at[before], early.value[before])
    if _sessions_between(early.period[-1], late.period[0]) > 1:
        too_wide = late.period[0] - early.period[-1] > np.timedelta64(CATCH_UP_DAYS, "D")
        return late if too_wide else early
    known_at = learned(np.concatenate([early.known_at, late.known_at]))
    return History(
        np.concatenate([early.period, late.period]),
        known_at,
        np.concatenate([early.value, early.value[-1] + late.value]),
    )


def fresh(points: Points, moments: np.ndarray) -> Points:
    """Points of `relative` with those too old for their source removed."""
    limit = np.where(moments >= FUNDS_FROM, MAX_AGE_DAYS, CATCH_UP_DAYS)
    return points.fresh(moments, max_age_days=limit)


def _portfolios(view: AsOf) -> History:
    daily = combine(lambda low, high: np.log1p(low / 100) - np.log1p(high / 100), view.latest(LOW), view.latest(HIGH))
    return History(daily.period, learned(daily.known_at), np.cumsum(daily.value))


def _sessions_between(earlier: np.datetime64, later: np.datetime64) -> int:
    days = sessions()
    return int(np.searchsorted(days, later) - np.searchsorted(days, earlier))
