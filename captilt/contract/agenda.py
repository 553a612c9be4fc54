"""The calendar of what can change the call: decisions, releases and dates of the market, with what each can do."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signals.calendars import day_of, meetings_known, month_end_sessions
from signals.catalog import SIGNALS
from signals.series.dictionary import describe

if TYPE_CHECKING:
    from signals.asof import AsOf

NO_WEIGHT = "moves no weight"  # of an effect
AHEAD_DAYS = 100  # two meetings and every quarterly release
GRACE_DAYS = 3  # a release is late this long after the day on which the rule of its series expects it
RELEASES = {
    "fred:PAYEMS": "payrolls and unemployment",
    "fred:CPIAUCSL": "consumer prices",
    "fred:DRTSCILM": "survey of bank lending (SLOOS)",
    "fred:NCBCEBQ027S": "financial accounts (Z.1)",
}
SECOND_RECONSTITUTION_FROM = 2026  # Russell indices are remade in June, from this year in November as well
FRIDAY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """Something that is known to come.

    Attributes
    ----------
    date : datetime.date
        Of a release, the day by which the rule of its series expects it.
    event : str
    effect : str
        What it can do to the advice.
    by : bool
        It is expected by that day, often earlier.
    late : bool
        It should have come before the cut and has not.
    """

    date: dt.date
    event: str
    effect: str
    by: bool = False
    late: bool = False


def calendar_of(view: "AsOf", contributions: Mapping[str, float]) -> tuple[CalendarEvent, ...]:
    """What can change the call in the next hundred days, in order of date; late releases first.

    Parameters
    ----------
    view : AsOf
    contributions : mapping of str to float
        Points of the signals that are in the forecast.
    """
    today = day_of(view.moment)
    last = today + dt.timedelta(days=AHEAD_DAYS)
    coming = (*_meetings(view, last), *_releases(view, contributions), *_reconstitutions(today, last))
    ends = month_end_sessions(today + dt.timedelta(days=1), last)[:1]
    month = (CalendarEvent(date=end, event="month-end", effect="new fit, new record, a new step") for end in ends)
    events = (*coming, *month)
    return tuple(sorted(events, key=lambda event: (not event.late, event.date)))


def _meetings(view: "AsOf", last: dt.date) -> Iterator[CalendarEvent]:
    ahead = [m for m in meetings_known(view.moment) if m.scheduled and m.announced > view.moment and m.date <= last]
    for meeting in ahead:
        name = "FOMC decision with projections" if meeting.projections else "FOMC decision"
        yield CalendarEvent(date=meeting.date, event=name, effect="moves the rate cycle, policy change and curve")


def _releases(view: "AsOf", contributions: Mapping[str, float]) -> Iterator[CalendarEvent]:
    for series, name in RELEASES.items():
        known = view.latest(series)
        if not known.period.size:
            continue
        step = 3 if describe(series).frequency == "Q" else 1
        period = (known.period[-1].astype("datetime64[M]") + step).astype("datetime64[D]")
        due = describe(series).known(np.array([period]))[0].astype("datetime64[D]").item()
        first = period.item()
        label = f"{first:%b %Y}" if step == 1 else f"Q{(first.month + 2) // 3} {first.year}"
        late = due + dt.timedelta(days=GRACE_DAYS) < day_of(view.moment)
        yield CalendarEvent(
            date=due, event=f"{name} of {label}", effect=_effect(series, contributions), by=True, late=late
        )


def _effect(series: str, contributions: Mapping[str, float]) -> str:
    readers = [signal.name for signal in SIGNALS if series in signal.inputs]
    moving = [name.replace("_", " ") for name in readers if name in contributions]
    if moving:
        return f"moves {' and '.join(moving)}"
    if readers:
        return f"watched in {readers[0].replace('_', ' ')}; {NO_WEIGHT}"
    return f"{NO_WEIGHT} by itself; markets read it"


def _reconstitutions(today: dt.date, last: dt.date) -> Iterator[CalendarEvent]:
    for year in (today.year, today.year + 1):
        days = [_last_friday(year, 6)]
        if year >= SECOND_RECONSTITUTION_FROM:
            days.append(_friday(year, 11, 2))
        for day in days:
            if today < day <= last:
                yield CalendarEvent(
                    date=day, event="Russell reconstitution", effect=f"index funds trade; watched, {NO_WEIGHT}"
                )


def _friday(year: int, month: int, number: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(FRIDAY - first.weekday()) % 7 + 7 * (number - 1))


def _last_friday(year: int, month: int) -> dt.date:
    fifth = _friday(year, month, 5)
    return fifth if fifth.month == month else _friday(year, month, 4)
