"""How independent deal advisers fare: the market's view of mergers to come.

Their fees are earned when deals close, their shares move when deals are expected, and takeovers pay premiums
mostly to holders of small companies. An equal-weight basket against the capital-markets fund (KCE), else
financials (XLF), else SPY. A name enters when it has traded a year and leaves when it stops; but the list
itself was drawn up later and names survivors only (Greenhill, Jefferies and others that were bought or
merged are not in it).

References
----------
Rhodes-Kropf and Viswanathan (2004), "Market Valuation and Merger Waves", JF 59(6).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.derived.small_minus_large import MAX_AGE_DAYS
from signals.derived.total_return import growth, price_inputs
from signals.lookup import NOT_A_MOMENT, on_days
from signals.scoring.points import Points, newest
from signals.scoring.rolling import NO_HISTORY, SESSIONS_A_YEAR, change, learned
from signals.scoring.zscore import Trailing
from signals.signal import Signal

ADVISERS = ("EVR", "LAZ", "MC", "PJT", "HLI", "PIPR")
AGAINST = ("KCE", "XLF", "SPY")  # the first that traded that day
SEASONED = SESSIONS_A_YEAR  # sessions a name has traded before it enters
LEAST_MEMBERS = 2
HALF_YEAR = 126  # sessions


def basket(view: AsOf) -> History:
    """Log growth of the basket over its yardstick, by session of the yardstick."""
    yardsticks = [growth(view, ticker) for ticker in AGAINST]
    names = [growth(view, ticker) for ticker in ADVISERS]
    days = np.unique(np.concatenate([part.period for part in yardsticks]))
    if not days.size:
        return NO_HISTORY
    members = np.array([_steps(name, days, seasoned=SEASONED) for name in names])
    against = np.array([_steps(part, days, seasoned=1) for part in yardsticks])
    count = (~np.isnan(members)).sum(axis=0)
    chosen = np.argmin(np.isnan(against), axis=0)
    relative = np.nansum(members, axis=0) / np.maximum(count, 1) - against[chosen, np.arange(days.size)]
    usable = (count >= LEAST_MEMBERS) & ~np.isnan(relative)
    known_at = learned(
        np.fmax.reduce([on_days(days, part.period, part.known_at, NOT_A_MOMENT) for part in (*names, *yardsticks)])
    )
    return History(days[usable], known_at[usable], np.cumsum(relative[usable]))


def _steps(name: History, days: np.ndarray, *, seasoned: int) -> np.ndarray:
    """Daily log returns on `days`, NaN before a name has traded `seasoned` sessions and where it does not trade."""
    steps = np.diff(np.log(name.value))[seasoned - 1 :]
    return on_days(days, name.period[seasoned:], steps, np.nan)


def half_year(view: AsOf, moments: np.ndarray) -> Points:
    """Percent by which the basket led its yardstick over half a year, as known then."""
    led = change(basket(view), HALF_YEAR)
    percent = History(led.period, led.known_at, 100 * np.expm1(led.value))
    return newest(percent, moments).fresh(moments, max_age_days=MAX_AGE_DAYS)


def _face(view: AsOf, _: Points) -> str:
    priced = [ticker for ticker in AGAINST if growth(view, ticker).period.size]
    stand_in = "" if priced[0] == AGAINST[0] else f"{priced[0]} stands in for {AGAINST[0]}; "
    return stand_in + "the list names survivors"


SCORE = Trailing("adviser_strength", half_year, sign=+1, source="yahoo:EVR and other advisers", note=_face)
SIGNAL = Signal(
    name="adviser_strength",
    family="dealmaking",
    asks="Does the market expect deals?",
    inputs=tuple(series for ticker in (*ADVISERS, *AGAINST) for series in price_inputs(ticker)),
    unit="percent over 6 months",
    prior="positive, weak",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
)
