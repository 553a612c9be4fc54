"""The policy rate as a path of decisions, and whether the last meeting's decision is known yet.

1. ``fomc:target`` holds the changes up to the day this version was made, ``fomc:decision`` what every scheduled
   meeting up to then decided; both are known at the announcement.
2. Later decisions come from the Board's own statements (``board:FOMC:upper``) or from a person
   (``fomc:entered:upper``), known at the announcement.
3. FRED's ``fred:DFEDTARU`` (upper bound) proves a decision only from the day after: on the evening of a decision
   it still shows the old target, stamped with that day. A change that nobody else told of is the first day of a
   new value; since 2017 FRED stamps it with the next business day, so it is put back on the decision day.
4. A person's entry goes before the others, else what was known first. Sources that differ are reported.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from signals.asof import AsOf, History
from signals.calendars import (
    NEW_YORK,
    Meeting,
    day_of,
    meeting_days_known,
    meetings_known,
    next_business_day,
    sessions,
    target_changes,
)

TARGET = "fomc:target"  # percent; upper bound from 2008-12-16; period = decision day
DECISION = "fomc:decision"  # the same after every scheduled meeting, changed or not
UPPER = "fred:DFEDTARU"  # percent; daily from 2008-12-16
STATEMENT = "board:FOMC:upper"  # percent; from the Board's statements
ENTERED = "fomc:entered:upper"  # percent; entered by a person
POLICY_INPUTS = (TARGET, DECISION, UPPER, STATEMENT, ENTERED)
STAMP_DAYS = 4  # a decision on a Sunday or before a holiday is stamped at most this many days later
SAME = 1e-9  # percentage points


@dataclass(frozen=True, slots=True)
class DecisionDoubt:
    """Why the target of today cannot be named.

    Attributes
    ----------
    day : datetime.date
        Of the decision.
    code : str
        late (no source told it yet) | contradiction (sources differ).
    reason : str
        One sentence without a full stop.
    """

    day: dt.date
    code: str
    reason: str


def target_path(view: AsOf) -> tuple[np.ndarray, np.ndarray]:
    """Decisions known at the view's moment.

    Returns
    -------
    days : ndarray of datetime64[D], shape (n,)
        Decision days, ascending; the first is 1982-09-27, where the record starts.
    target : ndarray of float64, shape (n,)
        Percent, after the decision; the upper bound of the range from 2008-12-16.
    """
    days, target, _ = decisions(view)
    return days, target


def decisions(view: AsOf) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`target_path` with the UTC instant (datetime64[us]) at which each decision was known."""
    shipped = view.latest(TARGET)
    named = _named_after(view, shipped.period)
    shown = _shown_after(view, shipped, named)
    later = _merged(shipped, named, shown)
    return (
        np.concatenate([shipped.period, later.period]),
        np.concatenate([shipped.value, later.value]),
        np.concatenate([shipped.known_at, later.known_at]),
    )


def decision_doubts(view: AsOf) -> tuple[DecisionDoubt, ...]:
    """Meetings up to the view's moment whose outcome is not known, or not agreed on, oldest first."""
    late = [
        DecisionDoubt(meeting.date, "late", _late_reason(meeting, view.moment)) for meeting in undecided_meetings(view)
    ]
    disputed = [
        DecisionDoubt(day, "contradiction", f"the Fed's decision of {day} is disputed: {words}")
        for day, words in _disputes(view)
    ]
    return tuple(sorted([*late, *disputed], key=lambda doubt: doubt.day))


def undecided_meetings(view: AsOf) -> tuple[Meeting, ...]:
    """Scheduled meetings, announced by the view's moment, about which no source had told by then."""
    last = _decided_through(view)
    named = set(_named_after(view, np.empty(0, "datetime64[D]")).period.astype(dt.date).tolist())
    return tuple(
        meeting
        for meeting in meetings_known(view.moment)
        if meeting.scheduled and last < meeting.date and meeting.announced <= view.moment and meeting.date not in named
    )


def _late_reason(meeting: Meeting, moment: dt.datetime) -> str:
    when = "today's Fed decision" if meeting.date == day_of(moment) else f"the Fed's decision of {meeting.date}"
    return f"{when} ({meeting.announced.astimezone(NEW_YORK):%H:%M} New York) is not known yet"


def _decided_through(view: AsOf) -> dt.date:
    """The last day up to which every meeting's outcome is known."""
    shipped, shown = view.latest(DECISION).period, view.latest(UPPER).period
    through = shipped[-1].astype(dt.date) if shipped.size else _last_shipped(view)
    if shown.size:  # a value of a day is no proof of what was decided on that day
        through = max(through, shown[-1].astype(dt.date) - dt.timedelta(days=1))
    return through


def _last_shipped(view: AsOf) -> dt.date:
    """The last change of the shipped table, for stores that were made before every meeting was listed."""
    return target_changes()[-1][0] if view.latest(TARGET).period.size else dt.date.min


def _named_after(view: AsOf, shipped: np.ndarray) -> History:
    """What statements and people say of days after the last shipped change, one row a day."""
    parts = [view.latest(ENTERED), view.latest(STATEMENT)]
    if not any(part.period.size for part in parts):
        return parts[1]
    entered, stated = parts
    days = np.union1d(entered.period, stated.period)
    if shipped.size:
        days = days[days > shipped[-1]]
    from_person = np.isin(days, entered.period)
    value, known_at = (np.empty(days.size, dtype=kind) for kind in ("float64", "datetime64[us]"))
    for part, rows in ((stated, ~from_person), (entered, from_person)):
        row = np.searchsorted(part.period, days[rows])
        value[rows], known_at[rows] = part.value[row], part.known_at[row]
    return History(days, known_at, value)


def _shown_after(view: AsOf, shipped: History, named: History) -> History:
    """Changes that FRED shows after the last shipped one, on their decision days."""
    upper = view.latest(UPPER)
    if shipped.period.size:  # FRED shows the old value until the business day after the decision
        after = upper.period >= next_business_day(shipped.period[-1:])[0]
        start = shipped.value[-1]
    else:
        after = np.ones(upper.period.size, dtype=bool)
        start = np.nan
    period, value, known_at = upper.period[after], upper.value[after], upper.known_at[after]
    changed = np.flatnonzero(value != np.append(start, value[:-1]))
    return History(_decision_days(view, period[changed], named.period), known_at[changed], value[changed])


def _decision_days(view: AsOf, stamped: np.ndarray, named: np.ndarray) -> np.ndarray:
    """The decisions behind new values that FRED stamps with `stamped`: the meeting, else the session before."""
    meetings = np.union1d(meeting_days_known(view.moment), named)
    before = meetings[np.maximum(np.searchsorted(meetings, stamped) - 1, 0)]
    near = (before < stamped) & (stamped - before <= np.timedelta64(STAMP_DAYS, "D"))
    return np.where(near, before, sessions()[np.searchsorted(sessions(), stamped) - 1])


def _merged(shipped: History, named: History, shown: History) -> History:
    """Changes after the shipped ones: what a statement or a person named, else what FRED showed."""
    if not named.period.size:
        return shown
    unnamed = ~np.isin(shown.period, named.period)
    both = History.of(
        np.concatenate([named.period, shown.period[unnamed]]),
        np.concatenate([named.known_at, shown.known_at[unnamed]]),
        np.concatenate([named.value, shown.value[unnamed]]),
    )
    before = np.append(shipped.value[-1] if shipped.value.size else np.nan, both.value[:-1])
    changed = ~(np.abs(both.value - before) < SAME)
    return History(both.period[changed], both.known_at[changed], both.value[changed])


def _disputes(view: AsOf) -> list[tuple[dt.date, str]]:
    """The newest decision, if its sources differ, with what each says; a person and one more source settle it."""
    entered, stated, upper = (view.latest(name) for name in (ENTERED, STATEMENT, UPPER))
    disputes = []
    for day in np.union1d(entered.period, stated.period)[-1:]:
        after = np.searchsorted(upper.period, day, side="right")
        shown = {"FRED": float(upper.value[after])} if after < upper.period.size else {}
        sources = {**_value_on(entered, day, "a person"), **_value_on(stated, day, "the Board's statement"), **shown}
        values = list(sources.values())
        settled = "a person" in sources and values.count(sources["a person"]) > 1
        if len(set(values)) > 1 and not settled:
            words = ", ".join(f"{name} says {value:.2f} percent" for name, value in sources.items())
            disputes.append((day.astype(dt.date), words))
    return disputes


def _value_on(part: History, day: np.datetime64, name: str) -> dict[str, float]:
    row = int(np.searchsorted(part.period, day))
    there = row < part.period.size and part.period[row] == day
    return {name: float(part.value[row])} if there else {}
