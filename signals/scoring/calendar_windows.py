"""Calendar windows: stretches of sessions that a seasonal effect is about, known long ahead.

A window is a pair of places in `signals.calendars.sessions`, first and last, both inside. Everything
comes from the exchange calendar, the FOMC's calendar and the index provider's published rule.
"""

import datetime as dt
from collections.abc import Callable
from functools import cache

import numpy as np

from signals.calendars import meetings, sessions

Windows = tuple[np.ndarray, np.ndarray]  # places of first and last sessions, ascending
JANUARY, JUNE, NOVEMBER, DECEMBER = 1, 6, 11, 12
TURN_OF_YEAR_DAYS = 4  # sessions of the new year, after one of the old (Ritter 1988)
TURN_OF_MONTH_DAYS = 3  # sessions of the new month, after one of the old (Lakonishok and Smidt 1988)
BEFORE_MEETING, AFTER_MEETING = 1, 3  # sessions: week zero of FOMC time (Cieslak and others 2019)
RECONSTITUTION_DAYS = 10  # sessions up to the new indices, from the lock-down of the lists on
FIRST_RECONSTITUTION = 1990  # yearly at the end of June since 1989; earlier rules differed
FOURTH_FRIDAY_FROM = 2007  # the last Friday of June before, the fourth since
TWICE_A_YEAR_FROM = 2026  # and the second Friday of November (FTSE Russell, 2025)
FRIDAY = 4
TERM_YEARS, THIRD_YEAR = 4, 3  # the year before an election has remainder 3


@cache
def january() -> Windows:
    """Every January."""
    return _where(_month() == JANUARY)


@cache
def turn_of_year() -> Windows:
    """The last session of December and the first four of January."""
    starts = _month_starts(lambda month: month == JANUARY)
    return starts - 1, starts + TURN_OF_YEAR_DAYS - 1


@cache
def turn_of_month() -> Windows:
    """The last session of a month and the first three of the next, but for the turn of the year."""
    starts = _month_starts(lambda month: month != JANUARY)
    return starts - 1, starts + TURN_OF_MONTH_DAYS - 1


@cache
def reconstitution() -> Windows:
    """Ten sessions up to and with the day after whose close the new Russell indices stand."""
    days = sessions()
    last = days[-1].astype(dt.date).year
    dates = [_june(year) for year in range(FIRST_RECONSTITUTION, last + 1)]
    dates += [_friday(year, NOVEMBER, 2) for year in range(TWICE_A_YEAR_FROM, last + 1)]
    ends = np.searchsorted(days, np.array(sorted(dates), dtype="datetime64[D]"), side="right") - 1
    return ends - RECONSTITUTION_DAYS + 1, ends


@cache
def fomc_week() -> Windows:
    """From the session before a scheduled FOMC decision to the third after it, from 1994 on."""
    dates = np.array([meeting.date for meeting in meetings() if meeting.scheduled], dtype="datetime64[D]")
    places = np.searchsorted(sessions(), dates)
    return places - BEFORE_MEETING, places + AFTER_MEETING


@cache
def third_year() -> Windows:
    """The year before a presidential election."""
    return _where(_year() % TERM_YEARS == THIRD_YEAR)


@cache
def inside(windows: Callable[[], Windows]) -> np.ndarray:
    """True for every session that lies in one of `windows`, shape of `sessions`."""
    first, last = windows()
    edges = np.zeros(sessions().size + 1)
    np.add.at(edges, first, 1)
    np.add.at(edges, last + 1, -1)
    return np.cumsum(edges)[:-1] > 0


def _month() -> np.ndarray:
    return sessions().astype("datetime64[M]").astype("int64") % 12 + 1


def _year() -> np.ndarray:
    return sessions().astype("datetime64[Y]").astype("int64") + 1970


def _where(chosen: np.ndarray) -> Windows:
    """Runs of True as windows."""
    edges = np.diff(np.concatenate([[0], chosen.astype("int64"), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1


def _month_starts(chosen: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    month = _month()
    starts = np.flatnonzero(month[1:] != month[:-1]) + 1
    starts = starts[chosen(month[starts])]
    return starts[starts + TURN_OF_YEAR_DAYS < month.size]


def _friday(year: int, month: int, number: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(FRIDAY - first.weekday()) % 7 + 7 * (number - 1))


def _june(year: int) -> dt.date:
    fourth = _friday(year, JUNE, 4)
    fifth = fourth + dt.timedelta(days=7)
    return fifth if year < FOURTH_FRIDAY_FROM and fifth.month == JUNE else fourth
