"""The duties of the resident desk on a real ledger, with a session's work made of one row."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import structlog

from captilt.context import Desk
from captilt.scheduler.catchup import unannounced
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

    def unreached(self) -> str:
        return ""

    def head(self) -> str:
        return ""

    def check_clock(self, _newest: dt.date) -> None:
        return

    def owes_digest(self) -> bool:
        with self.desk.ledger.reading() as book:
            return bool(unannounced(book))

    def announce_late(self) -> None:
        with self.desk.ledger.transaction() as book:
            if late := unannounced(book):
                rows = [run.as_of.isoformat() for run in late]
                last = dt.date.fromisoformat(rows[-1])
                book.append("alert", last, {"message": {"kind": "late_digest"}, "rows": rows}, at=self.desk.clock())

    def fail(self, day: dt.date, fault: Exception) -> None:
        self.done.append((day, getattr(fault, "code", "internal")))

    def deliver(self) -> None:
        return

    def copy_state(self) -> None:
        return
