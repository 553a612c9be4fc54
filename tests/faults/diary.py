"""The duties of the resident desk on a real ledger, with a session's work made of one row."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import structlog

from captilt.context import Desk
from captilt.scheduler.catchup import untold
from signals.errors import CaptiltError
from tests.payloads import payload


def _drop(*_: Any) -> Any:
    raise structlog.DropEvent


QUIET = structlog.wrap_logger(None, processors=[_drop])  # what is told there is not looked at here


@dataclass
class Diary:
    """See `captilt.scheduler.service.Work`; `die_after` sessions of one look the desk is killed."""

    desk: Desk
    die_after: int | None = None
    done: list[Any] = field(default_factory=list)
    _since: int = 0

    def fetch(self) -> None:
        self._since = 0

    def record(self, day: dt.date, *, announce: bool) -> None:
        if self.die_after is not None and self._since == self.die_after:
            raise KeyboardInterrupt
        with self.desk.ledger.transaction() as book:
            book.append("run", day, payload(day.isoformat()), at=self.desk.clock())
            if announce:
                book.append("alert", day, {"message": {"kind": "change"}}, at=self.desk.clock())
        self._since += 1

    def unheard(self) -> str:
        return ""

    def owes_digest(self) -> bool:
        with self.desk.ledger.reading() as book:
            return bool(untold(book))

    def announce_late(self) -> None:
        with self.desk.ledger.transaction() as book:
            if late := untold(book):
                rows = [run.as_of.isoformat() for run in late]
                last = dt.date.fromisoformat(rows[-1])
                book.append("alert", last, {"message": {"kind": "late_digest"}, "rows": rows}, at=self.desk.clock())

    def fail(self, day: dt.date, fault: CaptiltError) -> None:
        self.done.append((day, fault.code))

    def deliver(self) -> None:
        return

    def keep(self) -> None:
        return
