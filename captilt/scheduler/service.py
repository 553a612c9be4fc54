"""The resident desk: a run after every session's cut, and after every absence what was missed.

1. The exchange calendar says when: `AfterCut` fires at each session's cut plus a wait, in New York time,
   whatever the zone of the host. There is no cron line, so no weekday, holiday or hour of daylight
   saving can be got wrong.
2. A look every few minutes asks the ledger which sessions are due and have no run. It is what catches up
   after a stop, a sleep of the machine or a jump of its clock; a look with nothing to do does nothing.
3. The same look sends what waits in the outbox.
4. SIGTERM lets the session in hand finish, begins no other, and leaves.

APScheduler keeps no state of its own here (in-memory store): a persistent one would forget missed fires.
"""

import datetime as dt
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from captilt.scheduler.catchup import is_late, missed, newest_due
from signals.calendars import NEW_YORK, cut, next_session
from signals.errors import Busy, CaptiltError

if TYPE_CHECKING:
    from captilt.context import Desk
    from captilt.scheduler.heartbeat import Ping


class AfterCut(BaseTrigger):
    """Fires `wait` after the cut of every session; the library asks for a subclass."""

    def __init__(self, wait: dt.timedelta) -> None:
        self._wait = wait

    def get_next_fire_time(self, previous_fire_time: dt.datetime | None, now: dt.datetime) -> Any:
        """The first session's time at or after `now` and after the fire before."""
        session = newest_due(now, after_cut=self._wait)
        fire = cut(session) + self._wait
        while fire < now or (previous_fire_time is not None and fire <= previous_fire_time):
            session = next_session(session)
            fire = cut(session) + self._wait
        return fire


class Work(Protocol):
    """What the resident desk does; `captilt.scheduler.jobs.Duty` is the real one."""

    def fetch(self) -> None:
        """Bring the store up to date, once for all sessions that are due."""

    def record(self, day: dt.date, *, announce: bool) -> None:
        """Run one session and commit it, with its ordinary alert where `announce`."""

    def announce_late(self) -> None:
        """Write one digest of the late runs that nobody was told of, where there are any."""

    def owes_digest(self) -> bool:
        """True where a late run was recorded and nobody was told."""
        ...

    def fail(self, day: dt.date, fault: CaptiltError) -> None:
        """Record and announce that a session has no advice."""

    def deliver(self) -> None:
        """Send what waits in the outbox."""

    def unheard(self) -> str:
        """Why the dead-man's switch must go off though the day was recorded; empty otherwise."""
        ...

    def keep(self) -> None:
        """Copy all state, where the settings ask for it."""


@dataclass
class Resident:
    """One resident desk; `look` may be called at any time, by anyone, and is never wrong."""

    desk: "Desk"
    work: Work
    ping: "Ping"
    log: Any
    stopping: threading.Event = field(default_factory=threading.Event)
    _hands: threading.Lock = field(default_factory=threading.Lock)
    _not_before: dt.datetime | None = None

    def look(self) -> bool:
        """Run what is due, in order, then send what waits; False where a session has no run afterwards."""
        if not self._hands.acquire(blocking=False):
            return True  # the other job is at it
        try:
            waits = self._not_before is not None and self.desk.clock() < self._not_before
            well = not waits and self._due()
            self._quietly("digest", self.work.announce_late)
            self._quietly("delivery", self.work.deliver)
            self._quietly("dead man", self._dead_man)
            return well
        finally:
            self._hands.release()

    def _due(self) -> bool:
        self._not_before = None
        try:
            well = self._catch_up()
        except CaptiltError as fault:  # the book itself cannot be opened
            self._failed(newest_due(self.desk.clock()), fault)
            well = False
        if not well:
            self._not_before = self.desk.clock() + dt.timedelta(minutes=self.desk.settings.schedule.retry_minutes)
        return well

    def _dead_man(self) -> None:
        if why := self.work.unheard():
            self.ping("fail", why)

    def _catch_up(self) -> bool:
        wait = dt.timedelta(minutes=self.desk.settings.schedule.after_cut_minutes)
        due = missed(self.desk.ledger.run_days(), self.desk.clock(), after_cut=wait)
        if not due:
            return True
        self.ping("start")
        self._quietly("fetch", self.work.fetch)
        # A single session may be late as well: started in the quarter of an hour after the next one's cut.
        in_time = len(due) == 1 and not is_late(due[0], self.desk.clock()) and not self.work.owes_digest()
        well = True
        for day in due:
            if self.stopping.is_set():
                self.log.info("stopped between sessions", next=str(day))
                return False
            well &= self._session(day, announce=in_time)
        if well:
            self.ping("success", f"recorded {due[-1]}")
            self._quietly("backup", self.work.keep)
        return well

    def _session(self, day: dt.date, *, announce: bool) -> bool:
        """Run one session and commit it; False where it has no run afterwards."""
        try:
            self.work.record(day, announce=announce)
        except Busy as fault:
            self.log.info("another run is at work", said=fault.message)
        except CaptiltError as fault:
            self._failed(day, fault)
        except Exception as fault:  # a bug in one session must not end the desk
            self.log.exception("session failed", day=str(day))
            self._failed(
                day, CaptiltError(f"the run stopped with {type(fault).__name__}.", remedy="The log has the trace.")
            )
        else:
            self.log.info("session recorded", day=str(day))
            return True
        return False

    def _failed(self, day: dt.date, fault: CaptiltError) -> None:
        self.log.error("no advice", day=str(day), code=fault.code, said=fault.message)
        self.ping("fail", fault.code)
        self._quietly("telling the failure", lambda: self.work.fail(day, fault))

    def _quietly(self, what: str, act: Callable[[], object]) -> None:
        """Do what must not keep the rest from being done; a fault goes to the log."""
        try:
            act()
        except Busy:
            return
        except Exception:
            self.log.exception("not done", what=what)


def serve(resident: Resident) -> None:
    """Stay until SIGTERM or SIGINT; what is in hand then is finished first."""
    settings = resident.desk.settings.schedule
    scheduler = BlockingScheduler(timezone=NEW_YORK)
    # None and True: a fire that comes late is still wanted, and once is enough.
    rules = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    scheduler.add_job(resident.look, AfterCut(dt.timedelta(minutes=settings.after_cut_minutes)), id="session", **rules)
    every = IntervalTrigger(minutes=settings.look_minutes, timezone=NEW_YORK)
    scheduler.add_job(resident.look, every, id="look", next_run_time=dt.datetime.now(NEW_YORK), **rules)
    scheduler.add_listener(
        lambda event: resident.log.error("job lost", job=event.job_id), EVENT_JOB_ERROR | EVENT_JOB_MISSED
    )
    leave = threading.Thread(target=lambda: (resident.stopping.wait(), scheduler.shutdown(wait=True)), name="leave")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: resident.stopping.set())
    leave.start()
    resident.log.info("resident", look_minutes=settings.look_minutes)
    scheduler.start()
    leave.join()
    resident.log.info("left cleanly")
