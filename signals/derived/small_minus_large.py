"""Small over large: the return that everything here tries to foresee, over the longest honest history.

Russell 2000 and S&P 500 funds (IWM, SPY) give the total return from 2000-05 on; before, the lower and
upper 30 % of companies by market value of Ken French's daily file. That file is published about eight
weeks late, so it has to reach the funds' first session before the two are joined there; if it is not
held, the funds stand alone.
"""

import numpy as np

from signals.asof import AsOf, History
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
    """Log growth of small over large by session: French portfolios, then the funds.

    The funds' level starts anywhere; from the first session of the funds on, their growth is added to the
    level that the portfolios have reached there. Until the portfolios of that session are known, the
    portfolios stand alone; where they never reach it, the funds do.
    """
    narrowed = view.only(PAIR_INPUTS)  # one answer for every signal that reads the pair
    return narrowed.remember("small over large", lambda: _relative(narrowed))


def _relative(view: AsOf) -> History:
    early, late = _portfolios(view), funds(view)
    if not late.period.size:
        return early
    shared = int(np.searchsorted(early.period, late.period[0], side="right"))
    if not shared:
        return late
    if early.period[-1] < late.period[0]:
        too_wide = late.period[0] - early.period[-1] > np.timedelta64(CATCH_UP_DAYS, "D")
        return late if too_wide else early
    return History(
        np.concatenate([early.period[:shared], late.period[1:]]),
        learned(np.concatenate([early.known_at[:shared], late.known_at[1:]])),
        np.concatenate([early.value[:shared], early.value[shared - 1] + (late.value[1:] - late.value[0])]),
    )


def fresh(points: Points, moments: np.ndarray) -> Points:
    """Points of `relative` with those too old for their source removed."""
    limit = np.where(moments >= FUNDS_FROM, MAX_AGE_DAYS, CATCH_UP_DAYS)
    return points.fresh(moments, max_age_days=limit)


def _portfolios(view: AsOf) -> History:
    daily = combine(lambda low, high: np.log1p(low / 100) - np.log1p(high / 100), view.latest(LOW), view.latest(HIGH))
    return History(daily.period, learned(daily.known_at), np.cumsum(daily.value))
