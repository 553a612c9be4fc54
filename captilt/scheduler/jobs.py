"""The duties of the resident desk, bound to the real daily job, ledger and outbox."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from captilt.alerts import announce as news
from captilt.alerts import message, outbox
from captilt.operations import backup
from captilt.operations.run_lock import only_one
from captilt.run import daily
from captilt.scheduler.catchup import untold
from signals.calendars import cut
from signals.errors import CaptiltError, CheckFailed, NoAdvice, SourceError
from signals.store.sqlite import StorageError

if TYPE_CHECKING:
    from captilt.context import Desk

KEPT = "The weight last accepted stays."


@dataclass
class Duty:
    """See `captilt.scheduler.service.Work`."""

    desk: "Desk"
    offline: bool = False
    _fetched: daily.Fetched = field(default_factory=lambda: daily.Fetched("offline"))
    _cried: set[tuple[dt.date, str]] = field(default_factory=set)

    def fetch(self) -> None:
        """Bring the store up to date, once for all sessions that are due."""
        with only_one(self.desk.home, doing="fetching", now=self.desk.clock()):
            self._fetched = daily.fetch(self.desk, offline=self.offline)

    def record(self, day: dt.date, *, announce: bool) -> None:
        """Run one session and commit it; a session already in the book is left as it is."""
        with only_one(self.desk.home, doing=f"the run of {day}", now=self.desk.clock()):
            if self.desk.ledger.run_of(day) is not None:
                return
            if daily.is_empty(self.desk):
                raise SourceError("the store holds no data of the markets.", remedy="Run `captilt doctor`.")
            daily.record(self.desk, cut(day), self._fetched, announce=announce)

    def owes_digest(self) -> bool:
        """True where a late run was recorded and nobody was told."""
        with self.desk.ledger.reading() as book:
            return bool(untold(book))

    def announce_late(self) -> None:
        """Write one digest of the late runs that nobody was told of, where there are any."""
        if not self.owes_digest():
            return
        with self.desk.ledger.transaction() as book:
            late = untold(book)  # again, inside: another desk may have been quicker
            if late:
                news.announce_late(book, late, self.desk.settings.alerts, at=self.desk.clock())

    def fail(self, day: dt.date, fault: CaptiltError) -> None:
        """Record and announce that a session has no advice; without a book, tell the channels directly."""
        if isinstance(fault, NoAdvice):
            return  # the daily job has recorded and announced it
        run_id = uuid.uuid4().hex[:12]
        try:
            with self.desk.ledger.transaction() as book:
                at = self.desk.clock()
                note = {"code": fault.code, "message": fault.message, "run_id": run_id}
                book.append("failure", day, note, at=at)
                news.announce_failure(
                    book, day, fault.message, fault.remedy, self.desk.settings.alerts, run_id=run_id, held=KEPT, at=at
                )
        except (StorageError, CheckFailed) as broken:
            self._cry(day, broken, run_id)

    def deliver(self) -> None:
        """Send what waits in the outbox."""
        daily.tell(self.desk)

    def keep(self) -> None:
        """Copy all state once a day, where the settings ask for it, and let go of the oldest copies."""
        rules, folder = self.desk.settings.backup, backup.place(self.desk)
        if not rules.daily:
            return
        now = self.desk.clock()
        taken = backup.copies(folder)
        if taken and dt.datetime.fromisoformat(taken[-1].taken_at).date() == now.astimezone(dt.UTC).date():
            return
        backup.take(self.desk.home, folder, now=now)
        backup.prune(folder, keep=rules.keep)

    def unheard(self) -> str:
        """Why the dead-man's switch must go off: alerts that no channel takes; empty otherwise."""
        return outbox.unheard(self.desk.ledger, self.desk.settings.alerts, self.desk.clock())

    def _cry(self, day: dt.date, fault: CaptiltError, run_id: str) -> None:
        """Tell every channel once a day, though nothing can be written down."""
        if (day, fault.code) in self._cried:
            return
        settings = self.desk.settings.alerts
        word = message.failure(
            day.isoformat(), fault.message, fault.remedy, review_url=settings.review_url, run_id=run_id, held=KEPT
        )
        receipts = [way.send(word) for way in outbox.channels(settings, self.desk.clock)]
        if any(receipt.outcome == "sent" for receipt in receipts):
            self._cried.add((day, fault.code))
