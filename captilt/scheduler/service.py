"""The resident scheduler: a run after every session's cut, and after every absence what was missed.

1. The exchange calendar says when: `AfterCut` fires at each session's cut plus a wait, in New York time,
   whatever the zone of the host. There is no cron line, so no weekday, holiday or hour of daylight
   saving can be got wrong.
2. A look every few minutes asks the ledger which sessions are due and have no run. It is what catches up
   after a stop, a sleep of the machine or a jump of its clock; a look with nothing to do does nothing.
3. A thread of its own sends what waits in the outbox, so that no receiver can hold up a recording.
4. SIGTERM begins nothing more, gives what is in hand `GRACE_SECONDS`, and leaves whatever hangs: everything is
   committed at once or not at all, so leaving is no worse than the power going.

APScheduler keeps no state of its own here (in-memory store): a persistent one would forget missed fires.
"""

import datetime as dt
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from captilt.run.clock_check import newest_due, refuse_ledger_ahead
from captilt.scheduler.catchup import is_late, missed
from signals.calendars import NEW_YORK, cut, next_session
from signals.errors import Busy, CaptiltError

if TYPE_CHECKING:
    from captilt.context import Desk
    from captilt.scheduler.heartbeat import Heartbeat

GRACE_SECONDS = 4.0  # after SIGTERM, within the five that the promise is
FLUSH_SECONDS = 10.0  # for the last ping of a single look


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
    """What the scheduler does; `captilt.scheduler.jobs.Jobs` is the real one."""

    def fetch(self) -> None:
        """Bring the store up to date, once for all sessions that are due."""

    def check_ledger(self, newest: dt.date, /) -> None:
        """Raise where the ledger is damaged, or the inputs of the newest session due."""

    def check_clock(self, newest: dt.date, /) -> None:
        """Raise where the newest session due cannot have been yet, from what the store knows."""

    def record_session(self, day: dt.date, *, announce: bool) -> None:
        """Run one session and commit it, with its ordinary alert where `announce`."""

    def improve(self) -> bool:
        """Record the newest session again where its data was poor and more of it is there; True where it was."""
        ...

    def announce_late(self) -> None:
        """Write one digest of the late runs that nobody was told of, where there are any."""

    def owes_digest(self) -> bool:
        """True where a late run was recorded and nobody was told."""
        ...

    def fail(self, day: dt.date, fault: Exception) -> None:
        """Record and announce that a session has no advice."""

    def deliver(self) -> None:
        """Send what waits in the outbox."""

    def unreached(self) -> str:
        """Why the dead-man's switch must go off though the day was recorded; empty otherwise."""
        ...

    def copy_state(self) -> None:
        """Copy all state, where the settings ask for it."""

    def head(self) -> str:
        """The ledger's head, for a witness outside; empty for an empty ledger."""
        ...


@dataclass
class Resident:
    """One scheduler; `record_due` and `send` may be called at any time, by anyone, and are never wrong."""

    desk: "Desk"
    work: Work
    ping: "Heartbeat"
    log: Any
    stopping: threading.Event = field(default_factory=threading.Event)
    to_send: threading.Event = field(default_factory=threading.Event)
    _recording: threading.Lock = field(default_factory=threading.Lock)
    _sending: threading.Lock = field(default_factory=threading.Lock)
    busy: Busy | None = None
    _not_before: dt.datetime | None = None
    _reported: set[str] = field(default_factory=set)  # faults of the look at hand

    def look(self) -> bool:
        """Run what is due, then send what waits; False where a session has no run afterwards."""
        complete = self.record_due()
        self.send()
        return complete

    def record_due(self) -> bool:
        """Run what is due, in order; False where a session has no run afterwards."""
        if not self._recording.acquire(blocking=False):
            return True  # the other job is at it
        try:
            if self._not_before is not None and self.desk.clock() < self._not_before:
                return False
            self._not_before = None
            self._reported.clear()
            complete = self._caught_up()
            if not complete:
                pause = dt.timedelta(minutes=self.desk.settings.schedule.retry_minutes)
                self._not_before = self.desk.clock() + pause
            self._quietly("digest", self.work.announce_late)
            return complete
        finally:
            self._recording.release()
            self.to_send.set()

    def send(self) -> None:
        """Send what waits; returns at once where another thread is sending."""
        if not self._sending.acquire(blocking=False):
            return
        try:
            self._quietly("delivery", self.work.deliver)
            self._quietly("dead man", self._dead_man)
        finally:
            self._sending.release()

    def send_for_ever(self, seconds: float) -> None:
        """Send whenever something was recorded, and every so many seconds, until stopped."""
        while not self.stopping.is_set():
            self.to_send.wait(seconds)
            self.to_send.clear()
            if not self.stopping.is_set():
                self.send()

    def is_idle(self, seconds: float) -> bool:
        """True as soon as nothing is recorded or sent any more; False where that lasts longer."""
        end = time.monotonic() + seconds
        return all(lock.acquire(timeout=max(0.0, end - time.monotonic())) for lock in (self._recording, self._sending))

    def _caught_up(self) -> bool:
        try:
            return self._catch_up()
        except Exception as fault:  # noqa: BLE001 - the ledger cannot be opened, or lies ahead of the clock
            self._failed(newest_due(self.desk.clock()), fault)
            return False

    def _dead_man(self) -> None:
        if why := self.work.unreached():
            self.ping("fail", why)

    def _catch_up(self) -> bool:
        wait = dt.timedelta(minutes=self.desk.settings.schedule.after_cut_minutes)
        self.work.check_ledger(newest_due(self.desk.clock(), after_cut=wait))
        refuse_ledger_ahead(self.desk.ledger, self.desk.clock())
        due = missed(self.desk.ledger.run_days(), self.desk.clock(), after_cut=wait)
        if not due:
            self._quietly("better run", self._improve)
            return True
        self.ping("start")
        self._quietly("fetch", self.work.fetch)
        self.work.check_clock(due[-1])
        # A single session may be late as well: started in the quarter of an hour after the next one's cut.
        in_time = len(due) == 1 and not is_late(due[0], self.desk.clock()) and not self.work.owes_digest()
        complete = True
        for day in due:
            if self.stopping.is_set():
                self.log.info("stopped between sessions", next=str(day))
                return False
            complete &= self._session(day, announce=in_time)
        if complete:
            self.ping("success", f"recorded {due[-1]}; {self.work.head()}")
            self._quietly("backup", self.work.copy_state)
        return complete

    def _improve(self) -> None:
        """Record the newest session again where its data was poor and more of it is there."""
        if self.work.improve():
            self.log.info("session recorded again on better data")
            self.ping("success", f"recorded again; {self.work.head()}")

    def _session(self, day: dt.date, *, announce: bool) -> bool:
        """Run one session and commit it; False where it has no run afterwards."""
        try:
            self.work.record_session(day, announce=announce)
        except Busy as fault:
            self.busy = fault
            self.log.debug("another run is at work", reason=fault.message)
        except CaptiltError as fault:
            self._failed(day, fault)
        except Exception as fault:  # a bug in one session must not end the scheduler
            self.log.exception("session failed", day=str(day))
            self._failed(day, fault)
        else:
            self.log.info("session recorded", day=str(day))
            return True
        return False

    def _failed(self, day: dt.date, fault: Exception) -> None:
        if str(fault) in self._reported:
            return  # a fault that keeps every missed session back is one message, not one a session
        self._reported.add(str(fault))
        self.ping("fail", getattr(fault, "code", "internal"))
        self._quietly("telling the failure", lambda: self.work.fail(day, fault))

    def _quietly(self, what: str, act: Callable[[], object]) -> None:
        """Do what must not keep the rest from being done; a fault goes to the log."""
        try:
            act()
        except Busy:
            return
        except CaptiltError as fault:  # foreseen: its sentence says all that a trace would
            self.log.error("not done", what=what, code=fault.code, reason=fault.message)  # noqa: TRY400
        except Exception:
            self.log.exception("not done", what=what)


def look_once(resident: Resident) -> bool:
    """One look for a timer: what is due is run, what waits is sent, and the last ping has its time.

    Raises
    ------
    Busy
        Where another run was at work on a session that was due.
    """
    complete = resident.look()
    resident.ping.flush(FLUSH_SECONDS)
    if resident.busy is not None:
        raise resident.busy
    return complete


def serve(resident: Resident) -> NoReturn:
    """Stay until SIGTERM or SIGINT, then leave within `GRACE_SECONDS` and a moment."""
    settings = resident.desk.settings.schedule
    scheduler = BackgroundScheduler(timezone=NEW_YORK, daemon=True)
    # None and True: a fire that comes late is still wanted, and once is enough.
    rules = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    after_cut = AfterCut(dt.timedelta(minutes=settings.after_cut_minutes))
    every = IntervalTrigger(minutes=settings.look_minutes, timezone=NEW_YORK)
    scheduler.add_job(resident.record_due, after_cut, id="session", **rules)
    scheduler.add_job(resident.record_due, every, id="look", next_run_time=dt.datetime.now(NEW_YORK), **rules)
    scheduler.add_listener(
        lambda event: resident.log.error("job lost", job=event.job_id), EVENT_JOB_ERROR | EVENT_JOB_MISSED
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: resident.stopping.set())
    sender = threading.Thread(
        target=resident.send_for_ever, args=(60.0 * settings.look_minutes,), name="sender", daemon=True
    )
    sender.start()
    resident.log.info("resident", look_minutes=settings.look_minutes)
    scheduler.start()
    resident.stopping.wait()
    resident.to_send.set()
    if resident.is_idle(GRACE_SECONDS):
        resident.log.info("left cleanly")
    else:
        resident.log.warning("left with work unfinished; the next start takes it up")
    logging.shutdown()
    os._exit(0)  # threads that hang in a library must not keep the process
