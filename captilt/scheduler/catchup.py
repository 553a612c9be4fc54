"""Which sessions have no completed run, and doing them in order, as of each day.

The ledger is the only memory: whatever stopped the desk, the question "which sessions after the last
recorded one have had their cut?" gives the same answer to whoever asks next. So does "which late runs
were announced to nobody?", so a kill on the way loses no digest.
"""

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from captilt.contract.run import read_run
from captilt.run.clock_check import newest_due
from signals.calendars import cut, next_session, sessions_between

if TYPE_CHECKING:
    from allocator.ledger.ledger import Book
    from captilt.contract.run import Run

LOOK_BACK = 400  # runs among which untold ones are looked for: more than any gap that is caught up at once


def missed(
    done: Collection[dt.date], now: dt.datetime, *, after_cut: dt.timedelta = dt.timedelta(0)
) -> tuple[dt.date, ...]:
    """Sessions to run now, oldest first.

    Parameters
    ----------
    done : collection of datetime.date
        Trading days with a completed run.
    now : datetime.datetime
        Aware, in any zone.
    after_cut : datetime.timedelta
        A session is due this long after its cut.

    Returns
    -------
    tuple of datetime.date
        Every session after the last one done whose time has come; only the newest where nothing was
        ever done, because a desk begins on the day it is set up.
    """
    newest = newest_due(now, after_cut=after_cut)
    if not done:
        return (newest,)
    first = max(done) + dt.timedelta(days=1)
    return tuple(sessions_between(first, newest).astype(dt.date).tolist())


def is_late(day: dt.date, recorded_at: dt.datetime) -> bool:
    """True for a run recorded when its advice had lost its force: at the next session's cut or after."""
    return recorded_at >= cut(next_session(day))


def unannounced(book: "Book") -> "list[Run]":
    """Runs, late ones and those after them, that no digest has covered yet, oldest first."""
    late = [seq for seq, day, recorded_at in book.times("run", last=LOOK_BACK) if is_late(day, recorded_at)]
    if not late:
        return []
    announced = [entry.seq for entry in book.entries("alert", after=late[0]) if _is_digest(entry.payload)]
    left = [seq for seq in late if not announced or seq > announced[-1]]
    return [read_run(entry.payload) for entry in book.entries("run", after=left[0] - 1)] if left else []


def _is_digest(payload: dict[str, Any]) -> bool:
    return payload.get("message", {}).get("kind") == "late_digest"
