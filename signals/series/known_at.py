"""When a number could be read: the known-at rules of the manifest, as functions over arrays.

A rule is a short phrase of the manifest's column `known_at`, for example ``bd+1 16:15`` or
``period_end+21d 08:30``. `parse` turns it into a function from periods to instants, so that the rule
in the data file *is* the rule in force. All wall times are New York; a rule without a time means the
daily cut, on the late side on purpose. Releases that came later than their rule (government
shutdowns) are in ``facts/late_releases.csv``.
"""

import csv
import datetime as dt
import re
from collections.abc import Callable
from functools import cache
from importlib import resources

import numpy as np

from signals.calendars import CUT, announcements, holidays, instants, next_business_day
from signals.errors import InputError

Rule = Callable[[np.ndarray], np.ndarray]
NEVER = np.datetime64("9999-12-31T00:00:00", "us")  # no view ever reaches it: hindsight only
DECISION = dt.time(14, 0)  # announcements since 2013-03; 14:15 before
EARLIER_DECISION, DECISION_MOVED = dt.time(14, 15), np.datetime64("2013-01-01", "D")
FIRST_ANNOUNCED = np.datetime64("1994-01-01", "D")  # before, the desk's operations of the next day told

_TIME = r"(?:\s+(?P<time>\d{1,2}:\d{2}))?"
_SHAPES = {
    "business_days": re.compile(rf"bd\+(?P<days>\d+){_TIME}"),
    "after_period": re.compile(rf"period\+(?P<days>\d+)d{_TIME}"),
    "after_period_end": re.compile(rf"period_end\+(?P<days>\d+)d{_TIME}"),
    "business_day_after_period_end": re.compile(rf"period_end bd\+(?P<days>\d+){_TIME}"),
    "same_day": re.compile(rf"(?:session|day|announce_time|announcement){_TIME}"),
    "vintage_month": re.compile(rf"last business day of the vintage month{_TIME}"),
    "decision": re.compile(r"decision day 14:00.*"),
    "never": re.compile(r"never in real time"),
}


def parse(rule: str, *, stamp: str = "day") -> Rule:
    """The function behind a rule's words.

    Parameters
    ----------
    rule : str
        The manifest's `known_at`.
    stamp : str
        The manifest's `period_stamp`: what day of the period the date names.

    Returns
    -------
    callable
        From periods, datetime64[D] of shape (n,), to instants, datetime64[us] UTC of shape (n,). For a
        revision log (``vintage month``) the argument is the month of the vintage.

    Examples
    --------
    >>> parse("bd+1 16:15")(np.array(["2023-12-29"], "datetime64[D]"))
    array(['2024-01-02T21:15:00.000000'], dtype='datetime64[us]')
    """
    for shape, pattern in _SHAPES.items():
        if match := pattern.fullmatch(rule.strip()):
            return _rule(shape, match.groupdict(), stamp)
    raise InputError(
        f"the known-at rule {rule!r} is not one this version knows.",
        remedy="Write it like `bd+1 16:15`, `period_end+21d 08:30` or `session 16:15` (signals/sources/README.md).",
    )


def _rule(  # noqa: PLR0911 - one line a shape reads best
    shape: str, parts: dict[str, str | None], stamp: str
) -> Rule:
    clock = parts.get("time")
    time = dt.time.fromisoformat(clock.zfill(5)) if clock else CUT  # zfill: 9:15 is 09:15
    days = int(parts.get("days") or 0)
    match shape:
        case "business_days":
            return lambda periods: instants(_business_days(periods, days), time)
        case "after_period":
            return lambda periods: instants(periods + days, time)
        case "after_period_end":
            return lambda periods: instants(period_end(periods, stamp) + days, time)
        case "business_day_after_period_end":
            return lambda periods: instants(_business_days(period_end(periods, stamp), days), time)
        case "vintage_month":
            return lambda months: instants(last_business_day(months), time)
        case "decision":
            return decision_instants
        case "never":
            return lambda periods: np.full(periods.shape, NEVER)
        case _:
            return lambda periods: instants(periods, time)


def _business_days(days: np.ndarray, count: int) -> np.ndarray:
    for _ in range(count):
        days = next_business_day(days)
    return days


def period_end(periods: np.ndarray, stamp: str) -> np.ndarray:
    """The last day of each period, from the day that stamps it; datetime64[D]."""
    if "quarter" in stamp:
        months = periods.astype("datetime64[M]")
        return (months - months.astype("int64") % 3 + 3).astype("datetime64[D]") - 1
    if "month" in stamp:
        return (periods.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    return periods


def last_business_day(months: np.ndarray) -> np.ndarray:
    """The last day of each month on which banks and the exchange are open; datetime64[D]."""
    ends = (months.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    return np.busday_offset(ends, 0, roll="preceding", holidays=holidays())


def decision_instants(days: np.ndarray) -> np.ndarray:
    """When the target set on each decision day became known; datetime64[us] UTC.

    The announcement where the shipped calendar has the day, else 14:00 (14:15 before 2013); before
    1994 nothing was announced and the market learned of it on the next business day.
    """
    known = np.where(days < DECISION_MOVED, instants(days, EARLIER_DECISION), instants(days, DECISION))
    known = np.where(days < FIRST_ANNOUNCED, instants(next_business_day(days), DECISION), known)
    announced = announcements()
    for row in np.flatnonzero(np.isin(days, np.fromiter(announced, "datetime64[D]", len(announced)))):
        known[row] = announced[days[row].astype(dt.date)]
    return known


@cache
def _late_releases() -> dict[str, tuple[tuple[np.datetime64, np.datetime64], ...]]:
    with resources.files("signals").joinpath("facts", "late_releases.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    late: dict[str, list[tuple[np.datetime64, np.datetime64]]] = {}
    for row in rows:
        day, time = np.array([row["released"]], "datetime64[D]"), dt.time.fromisoformat(row["time"])
        late.setdefault(row["series"], []).append((np.datetime64(row["period"], "D"), instants(day, time)[0]))
    return {name: tuple(pairs) for name, pairs in late.items()}


def delayed(name: str, periods: np.ndarray, known: np.ndarray) -> np.ndarray:
    """`known` of series `name`, moved on where a release is recorded to have come later than its rule."""
    pairs = _late_releases().get(name)
    if not pairs:
        return known
    known = known.copy()
    for period, released in pairs:
        hit = periods == period
        known[hit] = np.maximum(known[hit], released)
    return known
