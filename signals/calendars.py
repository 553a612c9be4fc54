"""Trading sessions, the daily cut, business days and the FOMC's meetings, all in New York time.

Days are `datetime.date`; instants are aware. Sessions (XNYS) and bank holidays come from
`signals.closures`, meetings and target changes from the shipped tables in `signals/facts`.
"""

import calendar
import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from signals.closures import FIRST_YEAR, LAST_YEAR, closures
from signals.errors import DateError
from signals.new_york import NEW_YORK, instant, to_utc

CUT = dt.time(18, 0)  # everything published by six in the evening may be used, nothing after
# (scheduled meeting, day on which another decision took its place): the table of meetings holds what was held.
CALLED_OFF = ((dt.date(2020, 3, 18), dt.date(2020, 3, 15)),)
CALLED_OFF_ANNOUNCES = dt.time(14, 0)  # when it would have announced
FIRST_RECORD = dt.date(1995, 1, 1)  # the first forecast of the walk-forward record (METHOD 1.3)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A decision day of the FOMC.

    Attributes
    ----------
    date : datetime.date
    announced : datetime.datetime
        Aware instant of the announcement.
    scheduled : bool
        False for a decision between meetings, which nobody knows of before its own announcement.
    projections : bool
        True where a Summary of Economic Projections comes with it.
    """

    date: dt.date
    announced: dt.datetime
    scheduled: bool
    projections: bool


@cache
def sessions() -> np.ndarray:
    """Every weekday session of the exchange from 1926 to 2036, datetime64[D], ascending.

    Saturdays are left out: the exchange opened on them until 1952.
    """
    days = closures().sessions()
    days.flags.writeable = False
    return days


@cache
def holidays() -> np.ndarray:
    """Weekdays on which banks or the exchange are shut, datetime64[D]: nothing is published on them."""
    return np.union1d(closures().exchange, closures().banks)


def is_session(day: dt.date) -> bool:
    """True where the exchange trades on `day`."""
    return session_on_or_before(day) == day


def session_on_or_before(day: dt.date) -> dt.date:
    """The last session up to and including `day`."""
    count = int(np.searchsorted(sessions(), np.datetime64(day, "D"), side="right"))
    if not 0 < count < sessions().size:
        raise DateError(
            f"{day} lies outside the exchange calendar ({FIRST_YEAR} to {LAST_YEAR}).",
            remedy="Ask for a day in that range.",
        )
    return sessions()[count - 1].astype(dt.date)


def next_session(day: dt.date) -> dt.date:
    """The first session after `day`."""
    return sessions()[np.searchsorted(sessions(), np.datetime64(day, "D"), side="right")].astype(dt.date)


def previous_session(day: dt.date) -> dt.date:
    """The last session before `day`."""
    return session_on_or_before(day - dt.timedelta(days=1))


def sessions_between(first: dt.date, last: dt.date) -> np.ndarray:
    """Sessions in [first, last], datetime64[D]."""
    low = np.searchsorted(sessions(), np.datetime64(first, "D"), side="left")
    high = np.searchsorted(sessions(), np.datetime64(last, "D"), side="right")
    return sessions()[low:high]


def session_count(first: dt.date, last: dt.date) -> int:
    """Sessions after `first` up to and including `last`: the age in trading days of something of `first`."""
    return int(sessions_between(first + dt.timedelta(days=1), last).size)


@cache
def last_sessions() -> np.ndarray:
    """The last session of every month of the calendar, datetime64[D]."""
    days = sessions()
    month = days.astype("datetime64[M]")
    return days[np.append(month[1:] != month[:-1], False)]


def month_end_sessions(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    """The last session of every month whose last session lies in [first, last]."""
    ends = last_sessions()
    inside = ends[(ends >= np.datetime64(first, "D")) & (ends <= np.datetime64(last, "D"))]
    return tuple(inside.astype(dt.date).tolist())


def later_by_months(day: dt.date, months: int) -> dt.date:
    """The same day of the month `months` later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def cut(day: dt.date) -> dt.datetime:
    """The daily cut of `day`: 18:00 New York, aware."""
    return dt.datetime.combine(day, CUT, NEW_YORK)


def day_of(moment: dt.datetime) -> dt.date:
    """The New York day of an aware instant."""
    return moment.astimezone(NEW_YORK).date()


def next_business_day(days: np.ndarray) -> np.ndarray:
    """The first day after each of `days` on which both banks and the exchange are open.

    Parameters
    ----------
    days : ndarray of datetime64[D]

    Returns
    -------
    ndarray of datetime64[D], same shape
    """
    rolled = np.busday_offset(days, 0, roll="preceding", holidays=holidays())
    return np.busday_offset(rolled, 1, holidays=holidays())


def instants(days: np.ndarray, time: dt.time) -> np.ndarray:
    """New York wall time on each of `days` as UTC datetime64[us]; daylight saving is respected."""
    offset = np.timedelta64(time.hour * 60 + time.minute, "m")
    return to_utc((days.astype("datetime64[m]") + offset).astype("datetime64[us]"))


def in_utc(moments: Sequence[dt.datetime]) -> list[np.datetime64]:
    """Aware instants as UTC datetime64[us]."""
    return [instant(moment) for moment in moments]


def _shipped(name: str) -> list[dict[str, str]]:
    with resources.files("signals").joinpath("facts", name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def meetings() -> tuple[Meeting, ...]:
    """FOMC decision days 1994 to 2027 (2027 tentative), in order."""
    return tuple(
        Meeting(
            date=(day := dt.date.fromisoformat(row["date"])),
            announced=dt.datetime.combine(day, dt.time.fromisoformat(row["announce_time"] or "14:00"), NEW_YORK),
            scheduled=row["scheduled"] == "1",
            projections=row["sep"] == "1",
        )
        for row in _shipped("fomc_meetings.csv")
    )


@cache
def announcements() -> dict[dt.date, np.datetime64]:
    """The UTC instant at which each decision of `meetings` was announced, by its day."""
    return {meeting.date: instant(meeting.announced) for meeting in meetings()}


def meetings_known(moment: dt.datetime) -> tuple[Meeting, ...]:
    """Meetings a person knew of at `moment`, in order.

    All scheduled ones, unscheduled ones already announced, and a scheduled one that is called off later.
    """
    known = [m for m in meetings() if m.scheduled or m.announced <= moment]
    expected = [
        Meeting(day, dt.datetime.combine(day, CALLED_OFF_ANNOUNCES, NEW_YORK), scheduled=True, projections=True)
        for day, instead in CALLED_OFF
        if instant(moment) < announcements()[instead]
    ]
    return tuple(sorted([*known, *expected], key=lambda m: m.announced)) if expected else tuple(known)


def meeting_days_known(moment: dt.datetime) -> np.ndarray:
    """Days of `meetings_known`, datetime64[D], in order."""
    days, announced, scheduled = _meeting_table()
    instant_utc = instant(moment)
    known = days[scheduled | (announced <= instant_utc)]
    expected = [
        day for day, instead in CALLED_OFF if instant_utc < announced[np.searchsorted(days, np.datetime64(instead))]
    ]
    return np.sort(np.append(known, np.array(expected, dtype="datetime64[D]"))) if expected else known


@cache
def _meeting_table() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Day, announcement (UTC) and whether it was scheduled, of every meeting."""
    announced = [m.announced.astimezone(dt.UTC).replace(tzinfo=None) for m in meetings()]
    return (
        np.array([m.date for m in meetings()], dtype="datetime64[D]"),
        np.array(announced, dtype="datetime64[us]"),
        np.array([m.scheduled for m in meetings()], dtype=bool),
    )


@cache
def target_changes() -> tuple[tuple[dt.date, float], ...]:
    """Shipped (decision day, new target in percent), upper bound of the range from 2008-12-16, in order."""
    return tuple(
        (dt.date.fromisoformat(row["decision_date"]), float(row["to_target"]))
        for row in _shipped("fomc_target_changes.csv")
    )
