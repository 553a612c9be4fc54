"""An FOMC decision entered by a person, for the evening on which no source tells it.

The entry is stored as ``fomc:entered:lower`` and ``fomc:entered:upper`` with who and when in its batch. It is
known from the meeting's announcement, because that is when anyone could have read it; a decision between
meetings is known from the moment it was entered, or from the announcement that the person names. Entering a
day again corrects the entry before: it counts one minute later.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from signals.asof import History
from signals.calendars import NEW_YORK, day_of, meetings, target_changes
from signals.derived.policy_rate import DECISION, ENTERED, SAME, target_path
from signals.errors import UsageError
from signals.new_york import instant
from signals.sources.board import LARGEST_STEP
from signals.sources.fomc_statement import TargetRange
from signals.store.store import Store

LOWER = "fomc:entered:lower"
SLIP = dt.timedelta(days=3)  # a meeting lasts two days, and its range is in force from the day after


@dataclass(frozen=True, slots=True)
class EnteredDecision:
    """What was stored.

    Attributes
    ----------
    day : datetime.date
    low, high : float
        Percent.
    known_at : datetime.datetime
        Aware.
    before : float or None
        Upper bound in force before, percent.
    new : bool
        False where the same entry stood there already.
    """

    day: dt.date
    low: float
    high: float
    known_at: dt.datetime
    before: float | None
    new: bool


def enter_decision(
    store: Store, day: dt.date, target: TargetRange, *, person: str, now: dt.datetime, announced: dt.time | None = None
) -> EnteredDecision:
    """Store the target range that the FOMC decided on `day`.

    Parameters
    ----------
    store : Store
    day : datetime.date
        Of the decision, in New York.
    target : TargetRange
        Percent.
    person : str
        Who enters it.
    now : datetime.datetime
        Aware.
    announced : datetime.time, optional
        New York time of the announcement, where the calendar does not have it.

    Raises
    ------
    UsageError
        For a decision that is not announced yet, that the shipped table has, that cannot follow the last one, or
        that lies beside a scheduled one and has no time of its own.
    """
    if day <= (shipped := _shipped_through(store)):
        raise UsageError(
            f"the decision of {day} is in the shipped table, which reaches to {shipped}.",
            remedy="Enter only later decisions.",
        )
    if announced is None and (meeting := _meeting_beside(day)) is not None:
        raise UsageError(
            f"{day} is no day of a decision, but the meeting beside it decides on {meeting}. Nothing was stored.",
            remedy="Enter that day, or name the time of an unscheduled announcement with --announced HH:MM.",
        )
    known_at = _announcement(day, announced, now)
    if known_at > now:
        raise UsageError(
            f"the decision of {day} is announced at {known_at.astimezone(NEW_YORK):%Y-%m-%d %H:%M} New York, which is"
            " still to come.",
            remedy="Enter it after the announcement.",
        )
    if target.low == target.high:
        raise UsageError(
            f"{target.low:g} to {target.high:g} percent is no range; the FOMC sets one of 0.25 points.",
            remedy="Give both bounds in percent, like `captilt fomc add 2026-12-09 3.75 4.00`.",
        )
    before = _target_before(store, day, now)
    if before is not None and abs(target.high - before) > LARGEST_STEP:
        raise UsageError(
            f"a target of {target.low:g} to {target.high:g} percent on {day} is {target.high - before:+.2f} points from"
            f" the {before:.2f} before; no meeting since 1994 moved so far.",
            remedy="Give both bounds in percent, like `captilt fomc add 2026-12-09 3.75 4.00`.",
        )
    return _store(store, day, target, known_at=known_at, before=before, person=person, now=now)


def _store(
    store: Store,
    day: dt.date,
    target: TargetRange,
    *,
    known_at: dt.datetime,
    before: float | None,
    person: str,
    now: dt.datetime,
) -> EnteredDecision:
    earlier = store.history(ENTERED)
    mine = earlier.period == np.datetime64(day, "D")
    if mine.any() and abs(earlier.value[mine][-1] - target.high) < SAME:
        stood = earlier.known_at[mine][-1].astype(dt.datetime).replace(tzinfo=dt.UTC)
        return EnteredDecision(day, target.low, target.high, stood, before, new=False)
    known_at = min(known_at + int(mine.sum()) * dt.timedelta(minutes=1), now)
    columns = {ENTERED: target.high, LOWER: target.low}
    learned_at = instant(known_at)
    facts = {name: History.of([day], [learned_at], [value]) for name, value in columns.items()}
    note = f"FOMC decision of {day}: {target.low:g} to {target.high:g} percent"
    store.write(facts, source=f"person:{person}", at=now, note=note)
    return EnteredDecision(day, target.low, target.high, known_at, before, new=True)


def _announcement(day: dt.date, announced: dt.time | None, now: dt.datetime) -> dt.datetime:
    scheduled = next((meeting for meeting in meetings() if meeting.date == day and meeting.scheduled), None)
    if announced is not None:
        return dt.datetime.combine(day, announced, NEW_YORK)
    if scheduled is not None:
        return scheduled.announced
    return now if day <= day_of(now) else dt.datetime.combine(day, dt.time(0), NEW_YORK)


def _meeting_beside(day: dt.date) -> dt.date | None:
    """The scheduled decision within three days of `day`, which then is a slip; None where `day` is one itself."""
    decisions = [meeting.date for meeting in meetings() if meeting.scheduled]
    beside = [date for date in decisions if abs(date - day) <= SLIP]
    return None if day in beside or not beside else beside[0]


def _shipped_through(store: Store) -> dt.date:
    shipped = store.history(DECISION).period
    return shipped[-1].astype(dt.date) if shipped.size else target_changes()[-1][0]


def _target_before(store: Store, day: dt.date, now: dt.datetime) -> float | None:
    days, target = target_path(store.as_of(now))
    earlier = target[days < np.datetime64(day, "D")]
    return float(earlier[-1]) if earlier.size else None
