"""Which sessions have no completed run, and doing them in order, as of each day.

The ledger is the only memory: whatever stopped the desk, the question "which sessions after the last
recorded one have had their cut?" gives the same answer to whoever asks next. So does "which late runs
were told to nobody?", so a kill on the way loses no digest.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from signals.calendars import cut, day_of, next_session, session_on_or_before, sessions_between

if TYPE_CHECKING:
    from allocator.ledger import Book, Entry

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


def newest_due(now: dt.datetime, *, after_cut: dt.timedelta = dt.timedelta(0)) -> dt.date:
    """The last session whose cut, and the wait after it, have passed."""
    session = session_on_or_before(day_of(now))
    return session if cut(session) + after_cut <= now else session_on_or_before(session - dt.timedelta(days=1))


def is_late(entry: "Entry") -> bool:
    """True for a run recorded when its advice had lost its force: at the next session's cut or after."""
    return entry.recorded_at >= cut(next_session(entry.day))


def untold(book: "Book") -> list[dict[str, Any]]:
    """Payloads of runs, late ones and those after them, that no alert has covered yet, oldest first."""
    digests = [
        entry.seq for entry in book.entries("alert") if entry.payload.get("message", {}).get("kind") == "late_digest"
    ]
    covered = digests[-1] if digests else 0
    found: Sequence[Entry] = [entry for entry in book.entries("run", last=LOOK_BACK) if entry.seq > covered]
    late = [place for place, entry in enumerate(found) if is_late(entry)]
    return [entry.payload for entry in found[late[0] :]] if late else []
