"""How strongly small caps have moved with short-term rates.

The slope of the daily small-minus-large return on the change of the two-year yield over a year of sessions:
a description of what a rate shock would do, not a forecast. By the direction of the Fed's last move and on
the days of its decisions the slope is given with its interval.

References
----------
Bernanke and Kuttner (2005), "What Explains the Stock Market's Reaction to Federal Reserve Policy?", JF 60(3).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.calendars import meetings_known
from signals.derived.policy_rate import POLICY_INPUTS, target_path
from signals.derived.small_minus_large import FUND_INPUTS, MAX_AGE_DAYS, funds
from signals.scoring.points import Points, newest
from signals.scoring.rolling import SESSIONS_A_YEAR, Regression, change, regression
from signals.scoring.zscore import Trailing
from signals.signal import Signal

TWO_YEAR = "fred:DGS2"  # percent, daily
PERCENT = 100
Z95 = 1.96  # of the normal distribution, for a 95 % interval


def daily(view: AsOf) -> tuple[History, History]:
    """Daily change of the two-year yield (percentage points) and of small over large (percent)."""
    pair = change(funds(view), 1)
    return change(view.latest(TWO_YEAR), 1), History(pair.period, pair.known_at, PERCENT * pair.value)


def _year(view: AsOf) -> Regression:
    rates, pair = daily(view)
    return regression(rates, pair, window=SESSIONS_A_YEAR)


def beta(view: AsOf, moments: np.ndarray) -> Points:
    """Percent of small over large for each percentage point of the two-year yield, over a year."""
    year = _year(view)
    return newest(year.of(year.beta), moments).fresh(moments, max_age_days=MAX_AGE_DAYS)


def _interval(view: AsOf, _: Points) -> str:
    year = _year(view)
    return f"95 % within {Z95 * year.beta_se[-1]:.1f} of it"


def detail(view: AsOf) -> tuple[str, ...]:
    """The slope after hikes, after cuts and on decision days, each with its interval."""
    rates, pair = daily(view)
    shared, in_x, in_y = np.intersect1d(rates.period, pair.period, return_indices=True)
    x, y = rates.value[in_x], pair.value[in_y]
    days, target = target_path(view)
    last_move = np.searchsorted(days[1:], shared, side="right") - 1
    up = np.where(last_move >= 0, np.diff(target)[np.maximum(last_move, 0)] > 0, False) if days.size > 1 else None
    decision_days = [meeting.date for meeting in meetings_known(view.moment) if meeting.announced <= view.moment]
    fomc = np.isin(shared, np.array(decision_days, dtype="datetime64[D]"))
    groups = {"decision days": fomc, "other days": ~fomc}
    if up is not None:
        groups = {"after a hike": up, "after a cut": ~up & (last_move >= 0), **groups}
    return tuple(_line(name, x[chosen], y[chosen]) for name, chosen in groups.items())


LEAST_DAYS = 30  # fewer give no slope worth a line


def _line(name: str, x: np.ndarray, y: np.ndarray) -> str:
    if x.size < LEAST_DAYS or np.ptp(x) == 0:
        return f"{name}: {x.size} days, too few"
    fitted = regression(_plain(x), _plain(y), window=x.size)
    return f"{name}: {fitted.beta[0]:+.1f} % for a point, 95 % within {Z95 * fitted.beta_se[0]:.1f}, {x.size} days"


def _plain(values: np.ndarray) -> History:
    return History(np.arange(values.size).astype("datetime64[D]"), np.zeros(values.size, "datetime64[us]"), values)


SCORE = Trailing("rate_beta", beta, sign=+1, source=TWO_YEAR, note=_interval)
SIGNAL = Signal(
    name="rate_beta",
    family="rates",
    asks="How do small caps move when rates do?",
    inputs=(TWO_YEAR, *FUND_INPUTS, *POLICY_INPUTS),
    unit="percent for each percentage point",
    prior="none: a description",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
    report_only=True,
    detail=detail,
)
