"""The work of the resident scheduler, bound to the real daily job, ledger and outbox."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from captilt.alerts import announce, outbox
from captilt.alerts.delivery import unreached
from captilt.contract.run import read_run
from captilt.operations import backup
from captilt.operations.run_lock import only_one
from captilt.run import daily
from captilt.run.better_run import is_poor, waits_for_decision
from captilt.run.clock_check import newest_observation, refuse_far_beyond_facts
from captilt.run.failure_report import report_failure
from captilt.run.ledger_check import refuse_damaged_ledger
from captilt.scheduler.catchup import unannounced
from signals.calendars import cut, day_of
from signals.errors import SourceError

if TYPE_CHECKING:
    from captilt.context import Desk
    from captilt.contract.run import Run

EVENING = dt.timedelta(hours=8)  # after the cut; what is not there by two in the morning waits for the next session


@dataclass
class Jobs:
    """See `captilt.scheduler.service.Work`."""

    desk: "Desk"
    offline: bool = False
    _sound: tuple[object, ...] | None = None
    _tried_at: dt.datetime | None = None
    _fetched: daily.Fetched = field(default_factory=lambda: daily.Fetched("offline"))

    def fetch(self) -> None:
        """Bring the store up to date, once for all sessions that are due."""
        with only_one(self.desk.home, doing="fetching", server=self.desk.settings.store.url, now=self.desk.clock()):
            self._fetched = daily.fetch(self.desk, offline=self.offline)

    def check_ledger(self, newest: dt.date) -> None:
        """Raise where the ledger is damaged; a state of it that was sound is not checked at every look."""
        if self._ledger_state(newest) != self._sound:
            refuse_damaged_ledger(self.desk, newest)
            self._sound = self._ledger_state(newest)

    def _ledger_state(self, newest: dt.date) -> tuple[object, ...]:
        """What changes whenever somebody writes to the ledger's files; on a server with each entry and session."""
        if self.desk.settings.store.url:
            return (newest, self.desk.ledger.head())
        files = (self.desk.home / name for name in ("ledger.db", "ledger.db-wal", "ledger.head"))
        stats = [file.stat() if file.exists() else None for file in files]
        return tuple(one and (one.st_ino, one.st_size, one.st_mtime_ns) for one in stats)

    def check_clock(self, newest: dt.date) -> None:
        """Raise where the newest session due lies too far beyond what the store knows."""
        refuse_far_beyond_facts(newest_observation(self.desk), newest)

    def record_session(self, day: dt.date, *, announce: bool) -> None:
        """Run one session and commit it; a session already recorded is left as it is."""
        with only_one(
            self.desk.home, doing=f"the run of {day}", server=self.desk.settings.store.url, now=self.desk.clock()
        ):
            if self.desk.ledger.run_of(day) is not None:
                return
            if daily.is_empty(self.desk):
                raise SourceError("the store holds no data of the markets.", remedy="Run `captilt doctor`.")
            daily.record_run(self.desk, cut(day), self._fetched, announce=announce)

    def improve(self) -> bool:
        """Try the newest session's run again where its data was poor; True where a better one was recorded.

        The Fed's decision is asked for at every look, anything else at the pace of failed runs, for an evening.
        """
        now, run = self.desk.clock(), self._newest_run()
        if self.offline or run is None or not is_poor(run) or now > run.cut + EVENING:
            return False
        pause = dt.timedelta(minutes=self.desk.settings.schedule.retry_minutes)
        if self._tried_at is not None and now < self._tried_at + pause and not waits_for_decision(run):
            return False
        self._tried_at = now
        with only_one(self.desk.home, doing="a better run", server=self.desk.settings.store.url, now=now):
            return daily.try_again(self.desk) is not None

    def _newest_run(self) -> "Run | None":
        entry = self.desk.ledger.run_of(day_of(self.desk.cut_of(None)))
        return None if entry is None else read_run(entry.payload)

    def owes_digest(self) -> bool:
        """True where a late run was recorded and nobody was told."""
        with self.desk.ledger.reading() as book:
            return bool(unannounced(book))

    def announce_late(self) -> None:
        """Write one digest of the late runs that nobody was told of, where there are any."""
        if not self.owes_digest():
            return
        with self.desk.ledger.transaction() as book:
            late = unannounced(book)  # again, inside: another process may have been quicker
            if late:
                announce.announce_late(book, late, self.desk.settings.alerts, at=self.desk.clock())

    def fail(self, day: dt.date, fault: Exception) -> None:
        """Record and announce that a session has no advice; without a ledger, tell the channels directly."""
        report_failure(self.desk, day, fault)

    def deliver(self) -> None:
        """Send what waits in the outbox."""
        outbox.send_waiting(self.desk)

    def copy_state(self) -> None:
        """Copy all state once a day, where the settings ask for it, and let go of the oldest copies."""
        rules, folder = self.desk.settings.backup, self.desk.backup_folder
        if not rules.daily or self.desk.settings.store.url:  # a server has backups of its own
            return
        now = self.desk.clock()
        taken = backup.copies(folder)
        if taken and dt.datetime.fromisoformat(taken[-1].taken_at).date() == now.astimezone(dt.UTC).date():
            return
        backup.take(self.desk.home, folder, now=now)
        backup.prune(folder, keep=rules.keep)

    def unreached(self) -> str:
        """Why the dead-man's switch must go off: alerts that no channel takes; empty otherwise."""
        return unreached(self.desk.ledger, self.desk.settings.alerts, self.desk.clock())

    def head(self) -> str:
        """The ledger's head, as a witness outside this machine; empty for an empty ledger."""
        last = self.desk.ledger.head()
        return f"ledger entry {last.seq}, head {last.hash}" if last else ""
