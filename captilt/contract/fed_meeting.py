"""One meeting of the contract: what is priced for it now, and was a day, a week, a month and any session ago."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from captilt.contract.fedpath import Bucket, whole
from captilt.contract.record import Answer
from signals.fedpath.path import RANGE_SINCE
from signals.fedpath.records import RANGE_BP

if TYPE_CHECKING:
    from signals.fedpath.meeting_history import MeetingHistory

LEAST = 0.005  # an outcome below it on one day is left out of that day


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingDay:
    """One session's odds of one meeting.

    Attributes
    ----------
    as_of : datetime.date
    cut, hold, hike : float
        0 to 1, against the target of that day.
    rate : float
        Expected rate after the meeting, percent.
    moves : float
        Moves of 25 bp expected up to and with the meeting.
    probabilities : tuple of Bucket
        Target ranges that were at all likely, lowest first.
    """

    as_of: dt.date
    cut: float
    hold: float
    hike: float
    rate: float
    moves: float
    probabilities: tuple[Bucket, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingAnswer(Answer):
    """What `captilt fedpath MEETING` answers.

    Attributes
    ----------
    meeting, as_of : datetime.date
    now, day, week, month : MeetingDay or None
        Today, and 1, 5 and 21 sessions before; None where that session has no answer.
    rows : tuple of MeetingDay
        Every session with an answer, oldest first.
    """

    meeting: dt.date
    as_of: dt.date
    now: MeetingDay | None = None
    day: MeetingDay | None = None
    week: MeetingDay | None = None
    month: MeetingDay | None = None
    rows: tuple[MeetingDay, ...] = ()


def meeting_answer(history: "MeetingHistory", as_of: dt.date) -> MeetingAnswer:
    """The record of one meeting's odds through time."""
    rows = tuple(_day(history, row) for row in range(len(history.days)))
    then = {name: None if row is None else rows[row] for name, row in history.back(as_of).items()}
    return MeetingAnswer(meeting=history.meeting, as_of=as_of, **then, rows=rows)


def _day(history: "MeetingHistory", row: int) -> MeetingDay:
    day = history.days[row]
    width = RANGE_BP if day >= RANGE_SINCE else 0
    return MeetingDay(
        as_of=day,
        cut=float(history.cut[row]),
        hold=float(history.hold[row]),
        hike=float(history.hike[row]),
        rate=float(history.rate[row]),
        moves=float(history.moves[row]),
        probabilities=tuple(
            Bucket(lower_bp=whole(low), upper_bp=whole(low + width), probability=float(share))
            for low, share in zip(history.lower_bp, history.probability[row], strict=True)
            if share >= LEAST
        ),
    )
