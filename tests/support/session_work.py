"""The work of the resident scheduler on a real ledger, with a session made of one row."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import structlog

from captilt.context import Desk
from captilt.scheduler.catchup import unannounced
from tests.support.payloads import payload


def _drop(*_: Any) -> Any:
    raise structlog.DropEvent


QUIET = structlog.wrap_logger(None, processors=[_drop])  # what is logged there is not looked at


@dataclass
class SessionWork:
    """See `captilt.scheduler.service.Work`.

    Attributes
    ----------
    desk : Desk
    broken : dict of datetime.date to Exception
        Sessions that fail.
    die_after : int or None
        The process is killed after so many sessions of one look.
    done : list
        What was done, in order.
    """

    desk: Desk
    broken: dict[dt.date, Exception] = field(default_factory=dict)
    die_after: int | None = None
    done: list[Any] = field(default_factory=list)
    _recorded: int = 0

    def fetch(self) -> None:
        self._recorded = 0
        self.done.append("fetch")

    def check_ledger(self, _newest: dt.date) -> None:
        return

    def check_clock(self, _newest: dt.date) -> None:
        return

    def record_session(self, day: dt.date, *, announce: bool) -> None:
        if self._recorded == self.die_after:
            raise KeyboardInterrupt
        if fault := self.broken.get(day):
            raise fault
        with self.desk.ledger.transaction() as book:
            book.append("run", day, payload(day.isoformat()), at=self.desk.clock())
            if announce:
                book.append("alert", day, {"message": {"kind": "change"}}, at=self.desk.clock())
        self._recorded += 1
        self.done.append(day)

    def improve(self) -> bool:
        return False

    def owes_digest(self) -> bool:
        with self.desk.ledger.reading() as book:
            return bool(unannounced(book))

    def announce_late(self) -> None:
        with self.desk.ledger.transaction() as book:
            if late := unannounced(book):
                rows = [run.as_of.isoformat() for run in late]
                alert = {"message": {"kind": "late_digest"}, "rows": rows}
                book.append("alert", late[-1].as_of, alert, at=self.desk.clock())

    def fail(self, day: dt.date, fault: Exception) -> None:
        self.done.append((day, getattr(fault, "code", "internal")))

    def deliver(self) -> None:
        self.done.append("deliver")

    def unreached(self) -> str:
        return ""

    def copy_state(self) -> None:
        self.done.append("copy state")

    def head(self) -> str:
        return ""
