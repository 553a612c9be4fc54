"""The slope of the Treasury curve, ten years minus three months.

A steep curve comes with recoveries, in which small companies grow fastest; an inverted one comes before
recessions. It was registered among the first three signals and weighs nothing in the default tilt since.

From 1982 ten-year minus three-month constant maturities; before, the month's mean ten-year yield minus the
three-month bill, turned from a discount rate d into its bond-equivalent yield 365 d / (360 - 91 d).

References
----------
Estrella and Hardouvelis (1991), "The Term Structure as a Predictor of Real Economic Activity", JF 46(2).
"""

import numpy as np

from signals.asof import AsOf, History
from signals.scoring.points import Points, combine, joined, month_means, newest
from signals.scoring.zscore import Trailing
from signals.signal import Signal

TEN_YEAR = "fred:DGS10"  # percent, daily from 1962
THREE_MONTH = "fred:DGS3MO"  # percent, daily from 1981-09-01
BILL = "fred:TB3MS"  # percent, discount rate, month average from 1934
TEN_YEAR_MONTHLY = "fredmd:GS10"  # percent, month average; where no daily yield is held
INPUTS = (TEN_YEAR, THREE_MONTH, BILL, TEN_YEAR_MONTHLY)
DAILY_FROM = np.datetime64("1982-01-01", "D")  # where FRED's own T10Y3M begins
MAX_AGE_DAYS = 20  # calendar days; an older slope says nothing about today
MAX_AGE_MONTHLY = 75  # a month average, stamped on its first day, is this old on the eve of the next one
YEAR_DAYS, BANK_YEAR_DAYS, BILL_DAYS = 365, 360, 91  # conventions of bills


def bond_equivalent(discount_percent: np.ndarray) -> np.ndarray:
    """The yield, percent, of a 91-day bill quoted at a discount rate in percent.

    >>> round(float(bond_equivalent(np.array([10.0]))[0]), 3)
    10.402
    """
    discount = discount_percent / 100
    return 100 * YEAR_DAYS * discount / (BANK_YEAR_DAYS - BILL_DAYS * discount)


def history(view: AsOf) -> History:
    """The slope, percent: monthly before 1982, daily since."""
    ten = view.history(TEN_YEAR)
    daily = combine(np.subtract, ten, view.history(THREE_MONTH))
    from_1982 = daily.period >= DAILY_FROM
    daily = History(daily.period[from_1982], daily.known_at[from_1982], daily.value[from_1982])
    months = joined(view.history(TEN_YEAR_MONTHLY), month_means(ten))
    monthly = combine(lambda long, bill: long - bond_equivalent(bill), months, view.history(BILL))
    return joined(monthly, daily)


def slope(view: AsOf, moments: np.ndarray) -> Points:
    """Percent at each moment, as known then."""
    points = newest(history(view), moments)
    limit = np.where(points.period >= DAILY_FROM, MAX_AGE_DAYS, MAX_AGE_MONTHLY)
    return points.fresh(moments, max_age_days=limit)


def _stand_in(_: AsOf, now: Points) -> str:
    return "" if now.period[0] >= DAILY_FROM else f"{BILL} in bond-equivalent yield stands in for {THREE_MONTH}"


SCORE = Trailing("curve_slope", slope, sign=+1, source="fred:DGS10", note=_stand_in)
SIGNAL = Signal(
    name="curve_slope",
    family="rates",
    asks="Is the Treasury curve steep or inverted?",
    inputs=INPUTS,
    unit="percent",
    prior="positive, by registration",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
    raw_name="ten-year less three-month Treasury yield",
    scale=SCORE.scale,
)
