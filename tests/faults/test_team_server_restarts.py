"""A resident desk while the server of its facts and ledger stops and comes back."""

import datetime as dt
import signal
from pathlib import Path
from typing import Any

import structlog

from captilt.config.settings import Store, load
from captilt.context import Desk
from captilt.scheduler.heartbeat import Heartbeat
from captilt.scheduler.service import Resident
from signals.calendars import cut, next_session
from tests.support.postgres import Server
from tests.support.session_work import QUIET, SessionWork

DAY = dt.date(2024, 2, 29)
WAYS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "kill": None}
LATER = dt.timedelta(minutes=40)  # more than the pause after a run that failed


def test_a_resident_goes_on_after_every_kind_of_restart(own_postgres: Server, tmp_path: Path):
    now, day, lines = [cut(DAY) + dt.timedelta(minutes=20)], DAY, []

    def keep(_logger: Any, _method: str, event: dict[str, Any]) -> Any:
        lines.append(event)
        raise structlog.DropEvent

    settings = load(None).model_copy(update={"store": Store(url=own_postgres.create_fresh())})
    desk = Desk(settings, tmp_path, clock=lambda: now[0])
    work = SessionWork(desk)
    resident = Resident(desk, work, Heartbeat(None, QUIET), structlog.wrap_logger(None, processors=[keep]))
    assert resident.look()
    days = [DAY]
    for way in WAYS.values():
        day = next_session(day)
        days.append(day)
        now[0] = cut(day) + dt.timedelta(minutes=20)
        own_postgres.halt(way)
        lines.clear()
        assert not resident.look()
        assert not resident.look(), "within the pause nothing is tried"
        assert work.done[-1] == "deliver"
        assert [item for item in work.done if item == (day, "storage")] == [(day, "storage")]
        assert not [line for line in lines if "exc_info" in line], "a server that is away is no bug"
        own_postgres.start()
        now[0] += LATER
        assert resident.look()
        assert resident.look()

    assert [entry.day for entry in desk.ledger.entries("run")] == days
    assert sorted(entry.day for entry in desk.ledger.entries("alert")) == days
    assert desk.ledger.verify() is None
    desk.ledger.close()
