"""When the desk wakes, what it finds to do, and in which order."""

import datetime as dt
import itertools
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from allocator.ledger.ledger import Ledger
from captilt.cli import dispatch
from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.operations.run_lock import only_one
from captilt.run.clock_check import newest_due
from captilt.scheduler.catchup import is_late, missed
from captilt.scheduler.heartbeat import Heartbeat
from captilt.scheduler.service import AfterCut, Resident
from signals.calendars import NEW_YORK, cut, sessions_between
from signals.errors import Busy, CaptiltError
from tests.support.session_work import QUIET, SessionWork

WAIT = dt.timedelta(minutes=15)


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("now", "fires"),
    [
        ("2024-01-02 09:00", "2024-01-02 18:15"),
        ("2024-01-02 18:15", "2024-01-02 18:15"),
        ("2024-01-02 18:16", "2024-01-03 18:15"),
        ("2024-01-12 20:00", "2024-01-16 18:15"),  # a Friday before Martin Luther King Day
        ("2024-03-08 20:00", "2024-03-11 18:15"),  # over the change to summer time
        ("2024-07-03 20:00", "2024-07-05 18:15"),  # Independence Day
        ("2025-01-08 20:00", "2025-01-10 18:15"),  # the day of mourning on 9 January
        ("2026-11-27 08:00", "2026-11-27 18:15"),  # an early close has its cut all the same
    ],
)
def test_it_fires_after_the_cut_of_each_session(now: str, fires: str) -> None:
    assert AfterCut(WAIT).get_next_fire_time(None, moment(now)) == moment(fires)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "Pacific/Auckland", "America/Los_Angeles", "Europe/Berlin"])
def test_the_zone_of_the_host_changes_nothing(zone: str) -> None:
    trigger, fires, now = AfterCut(WAIT), [], moment("2024-01-01 00:00").astimezone(ZoneInfo(zone))

    fire = trigger.get_next_fire_time(None, now)
    while fire.year == 2024:
        fires.append(fire)
        fire = trigger.get_next_fire_time(fire, fire.astimezone(ZoneInfo(zone)))

    assert [fire.date() for fire in fires] == sessions_between(dt.date(2024, 1, 1), dt.date(2024, 12, 31)).astype(
        dt.date
    ).tolist()
    assert {fire.astimezone(NEW_YORK).time() for fire in fires} == {dt.time(18, 15)}


def test_a_new_desk_begins_with_the_newest_session_only() -> None:
    assert missed(set(), moment("2024-01-07 12:00"), after_cut=WAIT) == (dt.date(2024, 1, 5),)


def test_missed_sessions_come_oldest_first_and_without_holidays() -> None:
    done = {dt.date(2024, 1, 10)}

    found = missed(done, moment("2024-01-17 18:20"), after_cut=WAIT)

    assert [day.day for day in found] == [11, 12, 16, 17]
    assert missed(done | set(found), moment("2024-01-17 18:21"), after_cut=WAIT) == ()


def test_a_session_is_not_due_before_its_wait_is_over() -> None:
    done = {dt.date(2024, 1, 10)}

    assert missed(done, moment("2024-01-11 18:14"), after_cut=WAIT) == ()
    assert newest_due(moment("2024-01-11 18:15"), after_cut=WAIT) == dt.date(2024, 1, 11)


@pytest.fixture
def resident(tmp_path: Path) -> Resident:
    desk = Desk(Settings(), tmp_path, clock=lambda: moment("2024-01-10 18:20"))
    return Resident(desk, SessionWork(desk), Heartbeat(None, QUIET), QUIET)


def set_clock(resident: Resident, text: str) -> None:
    resident.desk.clock = lambda: moment(text)


def alerts(resident: Resident) -> list[dict[str, Any]]:
    return [entry.payload for entry in resident.desk.ledger.entries("alert")]


def test_a_day_in_time_has_its_ordinary_alert(resident: Resident) -> None:
    assert resident.look()

    assert resident.desk.ledger.run_days() == {dt.date(2024, 1, 10)}
    assert [row["message"]["kind"] for row in alerts(resident)] == ["change"]


def test_looking_again_does_nothing(resident: Resident) -> None:
    for _ in range(5):
        resident.look()

    assert resident.work.done == ["fetch", dt.date(2024, 1, 10), "copy state", *["deliver"] * 5]


def test_missed_days_are_caught_up_in_order_with_one_digest(resident: Resident) -> None:
    resident.look()
    set_clock(resident, "2024-01-17 19:00")

    resident.look()
    resident.look()

    days = [entry.day.day for entry in resident.desk.ledger.entries("run")]
    assert days == [10, 11, 12, 16, 17]
    assert [row.get("rows") for row in alerts(resident)[1:]] == [
        ["2024-01-11", "2024-01-12", "2024-01-16", "2024-01-17"]
    ]
    late = [is_late(entry.day, entry.recorded_at) for entry in resident.desk.ledger.entries("run")]
    assert late == [False, True, True, True, False]


def test_a_single_late_session_is_told_once(resident: Resident) -> None:
    resident.look()
    set_clock(resident, "2024-01-12 18:11")  # the next cut has passed, its wait has not

    resident.look()

    assert [row.get("rows") for row in alerts(resident)[1:]] == [["2024-01-11"]]


def test_a_digest_lost_in_a_kill_is_written_at_the_next_look(resident: Resident) -> None:
    resident.look()
    set_clock(resident, "2024-01-12 19:00")
    resident.work.record_session(dt.date(2024, 1, 11), announce=False)  # and killed here

    resident.look()

    assert [row.get("rows") for row in alerts(resident)[1:]] == [["2024-01-11", "2024-01-12"]]


def test_a_session_that_fails_is_told_and_tried_again_later(resident: Resident) -> None:
    resident.work.broken[dt.date(2024, 1, 10)] = CaptiltError("nothing answered", code="no_advice")
    assert not resident.look()
    resident.work.broken.clear()

    set_clock(resident, "2024-01-10 18:40")
    resident.look()
    assert resident.desk.ledger.run_days() == set()

    set_clock(resident, "2024-01-10 18:51")
    assert resident.look()
    assert (dt.date(2024, 1, 10), "no_advice") in resident.work.done
    assert resident.desk.ledger.run_days() == {dt.date(2024, 1, 10)}


def test_a_bug_in_one_session_does_not_end_the_desk(resident: Resident) -> None:
    resident.work.broken[dt.date(2024, 1, 10)] = ZeroDivisionError("surprise")

    assert not resident.look()

    assert (dt.date(2024, 1, 10), "internal") in resident.work.done


def test_a_busy_desk_waits_for_the_other_run(resident: Resident) -> None:
    resident.work.broken[dt.date(2024, 1, 10)] = Busy("somebody else")

    assert not resident.look()

    assert resident.work.done == ["fetch", "deliver"]


def test_stopping_leaves_the_other_sessions_for_the_next_start(resident: Resident) -> None:
    resident.look()
    set_clock(resident, "2024-01-17 19:00")
    ordinary = resident.work.record_session

    def stop_after_first(day: dt.date, *, announce: bool) -> None:
        ordinary(day, announce=announce)
        resident.stopping.set()

    resident.work.record_session = stop_after_first
    resident.look()

    assert [entry.day.day for entry in resident.desk.ledger.entries("run")] == [10, 11]


def test_pings_follow_the_commit(resident: Resident, httpserver: HTTPServer) -> None:
    seen: list[tuple[str, int]] = []

    def note(request: Any) -> str:
        seen.append((request.path, len(resident.desk.ledger.run_days())))
        return "OK"

    for path in ("/p/uuid", "/p/uuid/start", "/p/uuid/fail"):
        httpserver.expect_request(path).respond_with_handler(lambda request: _answer(note(request)))
    resident.ping = Heartbeat(SecretStr(httpserver.url_for("/p/uuid")), QUIET)

    resident.look()
    set_clock(resident, "2024-01-11 19:00")
    resident.work.broken[dt.date(2024, 1, 11)] = CaptiltError("no")
    resident.look()
    resident.ping.flush(10)

    assert [path for path, _ in seen] == ["/p/uuid/start", "/p/uuid", "/p/uuid/start", "/p/uuid/fail"]
    assert seen[1][1] == 1  # the success left after the commit


def test_a_ping_that_is_not_received_changes_nothing(resident: Resident, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p").respond_with_data("no", status=500)
    resident.ping = Heartbeat(SecretStr(httpserver.url_for("/p")), QUIET)

    assert resident.look()
    resident.ping.flush(10)  # the server of this test is another test's as well


def test_every_day_of_a_decade_fires_once_and_only_on_sessions() -> None:
    trigger = AfterCut(WAIT)
    first = trigger.get_next_fire_time(None, moment("2015-01-01 00:00"))
    fires = itertools.islice(_chain(trigger, first), 2515)

    assert [fire.date() for fire in fires] == sessions_between(dt.date(2015, 1, 1), dt.date(2024, 12, 31)).astype(
        dt.date
    ).tolist()[:2515]


def _chain(trigger: AfterCut, fire: dt.datetime) -> Any:
    while True:
        yield fire
        fire = trigger.get_next_fire_time(fire, fire + dt.timedelta(seconds=1))


def _answer(text: str) -> Any:
    from werkzeug import Response

    return Response(text)


def test_late_means_after_the_next_cut() -> None:
    friday = dt.date(2024, 1, 12)

    next_cut = cut(dt.date(2024, 1, 16))

    assert not is_late(friday, next_cut - dt.timedelta(seconds=1))
    assert is_late(friday, next_cut)


def test_the_ledger_is_the_only_memory(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.db")
    ledger.append("run", dt.date(2024, 1, 10), {}, at=moment("2024-01-10 18:20"))

    assert missed(Ledger.open(ledger.path).run_days(), moment("2024-01-11 18:20")) == (dt.date(2024, 1, 11),)


def test_one_look_beside_a_working_desk_leaves_with_4_and_one_line(tmp_path: Path, capfd) -> None:
    tmp_path.chmod(0o700)
    with only_one(tmp_path, doing="the daily run", now=dt.datetime.now(dt.UTC)):
        code = dispatch(["schedule", "--once", "--offline", "--home", str(tmp_path)])

    (line,) = capfd.readouterr().err.splitlines()
    assert code == 4
    assert line.startswith("captilt: another run holds the lock: pid ")
