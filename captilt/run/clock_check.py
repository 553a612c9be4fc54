"""Is the clock of this machine believable? Asked before anything is recorded.

A clock that was ahead once leaves a ledger that lies in the future: nothing is due until the calendar has caught
up, and an entry of the wrong clock reads as today's advice. A clock that is ahead now sets out to record sessions
that have not been. Both are refused with a message to people, and `captilt ledger supersede` is the way back.
"""

import datetime as dt
from typing import TYPE_CHECKING

from captilt.formats import counted
from signals.calendars import cut, day_of, session_count, session_on_or_before
from signals.errors import CheckFailed

if TYPE_CHECKING:
    from allocator.ledger.ledger import Ledger
    from captilt.context import Desk

SLIP = dt.timedelta(seconds=5)  # time servers correct a clock by less than this
MOST_SESSIONS_BEYOND_FACTS = 5  # a week in which no provider answered; then the clock is as likely to be wrong


def newest_due(now: dt.datetime, *, after_cut: dt.timedelta = dt.timedelta(0)) -> dt.date:
    """The last session whose cut, and the wait after it, have passed."""
    session = session_on_or_before(day_of(now))
    return session if cut(session) + after_cut <= now else session_on_or_before(session - dt.timedelta(days=1))


def refuse_ledger_ahead(ledger: "Ledger", now: dt.datetime) -> None:
    """Raise where the ledger was written later than now, or has the run of a session that has not been.

    Raises
    ------
    CheckFailed
        With code ``ledger_ahead``.
    """
    last, newest = ledger.head(), newest_due(now)
    future = sorted(day for day in ledger.run_days() if day > newest)
    if (last is None or last.recorded_at <= now + SLIP) and not future:
        return
    parts = []
    if last is not None and last.recorded_at > now + SLIP:
        parts.append(f"it was last written at {last.recorded_at:%Y-%m-%d %H:%M} UTC")
    if future:
        span = f"{future[0]}" if len(future) == 1 else f"{future[0]} to {future[-1]}"
        parts.append(f"it has runs of {counted(len(future), 'session')} to come ({span})")
    raise CheckFailed(
        f"the ledger lies ahead of the clock, {now:%Y-%m-%d %H:%M} UTC: {' and '.join(parts)}. Nothing was recorded.",
        remedy="Set the clock of this machine if it is behind; if it was ahead before, run "
        "`captilt ledger supersede --ahead --reason TEXT`.",
        code="ledger_ahead",
    )


def refuse_far_beyond_facts(newest: dt.date | None, session: dt.date) -> None:
    """Raise where `session` lies more than a week of sessions after the newest observation.

    Parameters
    ----------
    newest : datetime.date or None
        Newest observation in the store; None where it holds none, which is another matter.
    session : datetime.date
        The newest session about to be recorded.

    Raises
    ------
    CheckFailed
        With code ``beyond_facts``.
    """
    if newest is None or session <= newest:
        return
    beyond = session_count(newest, session)
    if beyond > MOST_SESSIONS_BEYOND_FACTS:
        raise CheckFailed(
            f"the session of {session} lies {beyond} sessions after the newest observation, {newest}: either the "
            "clock of this machine is ahead, or no source has answered for more than a week. Nothing was recorded.",
            remedy="Look at the clock, then fetch or import newer data; what was missed is caught up by itself.",
            code="beyond_facts",
        )


def newest_observation(desk: "Desk") -> dt.date | None:
    """Day of the newest close of the pair that the store holds now; None where it holds none."""
    view = desk.store.as_of(desk.clock())
    portfolio = desk.settings.portfolio
    days = [
        observed.period[-1].item()
        for name in (portfolio.small, portfolio.large)
        if (observed := view.latest(f"yahoo:{name}:close")).period.size
    ]
    return max(days, default=None)
