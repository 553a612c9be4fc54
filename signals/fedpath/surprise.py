"""How far each decision was from what was priced the session before (Kuttner's scaling).

A decision on day d of a month of D days leaves M = D - d days at the new rate, so a change of the month's
contract by x moves the expected rate by x D/M. In the last week of a month M is small and noise is magnified:
there the next month's contract is read unscaled.

References
----------
Kuttner (2001), "Monetary Policy Surprises and Interest Rates: Evidence from the Fed Funds Futures Market",
JME 47(3). Gurkaynak, Sack and Swanson (2005), IJCB 1(1).
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from signals.asof import AsOf
from signals.calendars import NEW_YORK, cut, day_of, is_session, next_session, previous_session, session_on_or_before
from signals.calendars import meetings as all_meetings
from signals.fedpath.meetings import day_of_month, unscheduled
from signals.fedpath.strip import read_strips

LAST_WEEK = 7  # days at the new rate up to which the next month's contract is read
SETTLED = dt.time(15, 0)  # New York; an announcement after it is answered by the next session's price


@dataclass(frozen=True, slots=True)
class Surprises:
    """Unexpected part of every decision from 1994 to the view's moment.

    Attributes
    ----------
    date : ndarray of datetime64[D], shape (n,)
    surprise_bp : ndarray of float64, shape (n,)
        Basis points, positive where the rate came out higher than priced; NaN where a price is missing.
    """

    date: np.ndarray
    surprise_bp: np.ndarray


def surprises(view: AsOf) -> Surprises:
    """Surprises of the decisions whose session has closed at the view's moment, worked out once a view."""
    return view.remember("fed surprises", lambda: _surprises(view))


def _surprises(view: AsOf) -> Surprises:
    moved = set(unscheduled().tolist())
    decisions = [
        m for m in all_meetings() if (m.scheduled or m.date in moved) and cut(_answered(m.announced)) <= view.moment
    ]
    dates = np.array([m.date for m in decisions], dtype="datetime64[D]")
    after = [_answered(m.announced) for m in decisions]
    before = [previous_session(day) for day in after]
    return Surprises(dates, _scaled(view, dates, np.array(before, "datetime64[D]"), np.array(after, "datetime64[D]")))


def _scaled(view: AsOf, dates: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The change of the contract between two sessions as a change of the expected rate, basis points."""
    month = dates.astype("datetime64[M]")
    length = ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64)
    days_after = length - day_of_month(dates)
    late = days_after <= LAST_WEEK
    contract = month + late
    change = _price(view, before, contract) - _price(view, after, contract)
    return 100 * change * np.where(late, 1.0, length / np.maximum(days_after, 1))


def _price(view: AsOf, days: np.ndarray, contract: np.ndarray) -> np.ndarray:
    """Price of one contract month on each of `days`."""
    unique, row = np.unique(days, return_inverse=True)
    strips = read_strips(view, unique)
    return strips.price[row, (contract - strips.first_month[row]).astype(np.int64)]


def _answered(announced: dt.datetime) -> dt.date:
    """The first session that closes after the announcement."""
    day = day_of(announced)
    if is_session(day) and announced.astimezone(NEW_YORK).time() < SETTLED:
        return day
    return next_session(session_on_or_before(day))
