"""The exchange calendar rules, wherever the host stands and whatever its clock does."""

import datetime as dt
import random
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.run.clock_check import newest_due
from captilt.scheduler.catchup import missed
from captilt.scheduler.heartbeat import Heartbeat
from captilt.scheduler.service import AfterCut, Resident
from signals.calendars import NEW_YORK, cut, is_session, next_session, sessions_between
from tests.support.session_work import QUIET, SessionWork

ZONES = ("UTC", "Asia/Tokyo", "Pacific/Apia", "America/Los_Angeles", "Europe/London")
WAIT = dt.timedelta(minutes=15)


def days(first: dt.date, last: dt.date, step: int) -> list[dt.date]:
    return np.arange(np.datetime64(first), np.datetime64(last), step).astype(dt.date).tolist()


def check(day: dt.date, zone: ZoneInfo) -> None:
    """Around the hour at which a session becomes due, seen from `zone`, on any day of the year."""
    due = dt.datetime.combine(day, dt.time(18, 15), NEW_YORK)
    for moment in (due - dt.timedelta(microseconds=1), due, due + dt.timedelta(hours=5, minutes=44)):
        seen = moment.astimezone(zone)
        newest = newest_due(seen, after_cut=WAIT)
        assert is_session(newest)
        assert cut(newest) + WAIT <= moment
        assert cut(next_session(newest)) + WAIT > moment
        assert (newest == day) == (is_session(day) and moment >= due)
    fire = AfterCut(WAIT).get_next_fire_time(None, due.astimezone(zone))
    assert fire.astimezone(NEW_YORK).time() == dt.time(18, 15)
    assert is_session(fire.astimezone(NEW_YORK).date())
    assert (fire == due) == is_session(day)


@pytest.mark.parametrize("zone", ZONES)
def test_sampled_days_of_every_year_are_right_in_every_zone(zone: str) -> None:
    for day in days(dt.date(1990, 1, 1), dt.date(2036, 1, 1), 17):
        check(day, ZoneInfo(zone))


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_every_day_from_1990_to_2035_is_right_in_every_zone(zone: str) -> None:
    for day in days(dt.date(1990, 1, 1), dt.date(2036, 1, 1), 1):
        check(day, ZoneInfo(zone))


@pytest.mark.parametrize(
    "day", ["2001-09-11", "2012-10-29", "2018-12-05", "2025-01-09", "2024-02-29", "2026-11-27", "2026-11-26"]
)
def test_unscheduled_closes_leap_days_and_early_closes(day: str) -> None:
    closed = {"2001-09-11", "2012-10-29", "2018-12-05", "2025-01-09", "2026-11-26"}
    asked = dt.date.fromisoformat(day)

    due = newest_due(dt.datetime.combine(asked, dt.time(23), NEW_YORK), after_cut=WAIT)

    assert (due == asked) == (day not in closed)


def gaps(folder: Path, trials: int, seed: int) -> None:
    """Random absences of 1 to 30 days, starts at any hour, looks that come late or twice."""
    draw = random.Random(seed)
    now = dt.datetime(1996, 1, 3, 23, 30, tzinfo=dt.UTC)
    desk = Desk(Settings(), folder, clock=lambda: now)
    work = SessionWork(desk)
    resident = Resident(desk, work, Heartbeat(None, QUIET), QUIET)
    resident.look()
    for trial in range(trials):
        where = f"seed {seed}, trial {trial}"
        before = desk.ledger.entries("run", last=1)[0].day
        alerts = len(desk.ledger.entries("alert"))
        now += dt.timedelta(days=draw.randint(1, 30), seconds=draw.randrange(86_400))
        expected = missed({before}, now, after_cut=WAIT)
        if draw.random() < 0.2 and len(expected) > 1:
            work.die_after = draw.randrange(1, len(expected))
            with pytest.raises(KeyboardInterrupt):
                resident.look()
            work.die_after = None
            desk = Desk(Settings(), folder, clock=desk.clock)  # a new process: nothing but the book is remembered
            work.desk, resident = desk, Resident(desk, work, Heartbeat(None, QUIET), QUIET)

        for _ in range(draw.randint(1, 3)):
            resident.look()

        found = desk.ledger.entries("run", last=len(expected)) if expected else []
        assert tuple(entry.day for entry in found) == expected, where
        assert all(entry.recorded_at == now for entry in found), where  # no decision time is back-dated
        new = desk.ledger.entries("alert")[alerts:]
        assert len(new) == min(1, len(expected)), where
        if len(expected) > 1:
            assert new[0].payload["rows"] == [day.isoformat() for day in expected], where
    assert desk.ledger.run_days() <= set(sessions_between(dt.date(1996, 1, 1), now.date()).astype(dt.date).tolist())
    assert desk.ledger.verify() is None


def test_absences_are_caught_up_in_order_with_one_digest(tmp_path: Path) -> None:
    gaps(tmp_path, 25, 20261122)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_thousand_absences_are_caught_up_in_order_with_one_digest(tmp_path: Path, seed: int) -> None:
    gaps(tmp_path, 250, seed)


@pytest.mark.parametrize("jump", [dt.timedelta(hours=-30), dt.timedelta(minutes=-20)])
def test_a_clock_set_back_is_refused_until_it_is_right_again(tmp_path: Path, jump: dt.timedelta) -> None:
    now = dt.datetime(2024, 1, 3, 23, 30, tzinfo=dt.UTC)
    desk = Desk(Settings(), tmp_path, clock=lambda: now)
    work = SessionWork(desk)
    resident = Resident(desk, work, Heartbeat(None, QUIET), QUIET)
    resident.look()
    written = len(desk.ledger.entries())

    desk.clock = lambda: now + jump
    resident.look()
    desk.clock = lambda: now + dt.timedelta(days=1) + jump if jump < -dt.timedelta(hours=1) else now
    resident.look()

    assert len(desk.ledger.entries()) == written
    desk.clock = lambda: now + dt.timedelta(days=1)
    assert resident.look()
    assert len(desk.ledger.run_days()) == 2


def test_a_clock_set_far_ahead_and_back_never_invents_a_day(tmp_path: Path) -> None:
    """Ahead, sessions are run that have not been: the book then refuses the true time, and says so."""
    true = dt.datetime(2024, 1, 3, 23, 30, tzinfo=dt.UTC)
    desk = Desk(Settings(), tmp_path, clock=lambda: true)
    work = SessionWork(desk)
    resident = Resident(desk, work, Heartbeat(None, QUIET), QUIET)
    resident.look()
    desk.clock = lambda: true + dt.timedelta(days=10)
    resident.look()
    days = desk.ledger.run_days()

    desk.clock = lambda: true + dt.timedelta(days=1)
    resident.look()

    assert desk.ledger.run_days() == days
    assert all(is_session(day) for day in days)
