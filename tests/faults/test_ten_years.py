"""Ten years of sessions with everything going wrong from one seed, and no promise broken.

The judgement is a random walk in the shape of the contract; the book, the outbox, the catch-up and the
resident desk are the real ones, the channels keep what they got. Killed means: everything in memory is gone.
"""

import datetime as dt
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog

from captilt.alerts import announce as alerts
from captilt.alerts import outbox
from captilt.alerts.delivery import deliveries
from captilt.channels.channel import Receipt
from captilt.channels.message import Message
from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.contract.run import read_run
from captilt.operations import backup
from captilt.scheduler.catchup import unannounced
from captilt.scheduler.heartbeat import Heartbeat
from captilt.scheduler.service import Resident
from signals.calendars import NEW_YORK, cut, sessions_between
from signals.errors import CaptiltError, CheckFailed, NoAdvice, StorageError
from tests.support.payloads import payload
from tests.support.session_work import QUIET, SessionWork

SETTINGS = Settings(
    alerts={"slack": {"enabled": True}, "email": {"enabled": True, "host": "h", "sender": "s@x", "to": ("t@x",)}},
    backup={"daily": False},
)
STEPS = ("fetch", "before", "inside", "after", "digest", "sending", "sent")


class Killed(BaseException):
    """SIGKILL, as seen from inside: nothing catches it."""


@dataclass
class World:
    """What goes wrong, and the clock."""

    draw: random.Random
    now: dt.datetime
    dies: str = ""
    broken: CaptiltError | None = None
    kills: Counter = field(default_factory=Counter)
    bugs: list[Any] = field(default_factory=list)

    @property
    def log(self) -> Any:
        """Keeps what the desk logs with a trace: a misfortune that it was made for leaves none."""
        return structlog.wrap_logger(None, processors=[self._keep_bug])

    def _keep_bug(self, _logger: Any, name: str, line: dict[str, Any]) -> Any:
        if name == "exception":
            self.bugs.append(line | {"fault": repr(sys.exception())})
        raise structlog.DropEvent

    def step(self, name: str) -> None:
        if self.dies == name:
            self.dies = ""
            self.kills[name] += 1
            raise Killed


@dataclass
class KeepingChannel:
    """A channel that keeps what it got, and is dead at times."""

    name: str
    world: World
    dead_until: dt.datetime | None = None
    got: Counter = field(default_factory=Counter)
    marked: Counter = field(default_factory=Counter)
    receivers: tuple[str, ...] = ("everybody",)
    deadline_seconds: float = 60.0

    def send(self, message: Message, _receivers: tuple[str, ...], *, repeat_of: str = "", note: str = "") -> Receipt:  # noqa: ARG002 - the protocol
        if self.dead_until and self.world.now < self.dead_until:
            return Receipt("transient", "503")
        self.world.step("sending")
        key = (message.identity, message.ledger_head)
        self.got[key] += 1
        self.marked[key] += bool(repeat_of)
        self.world.step("sent")
        return Receipt("sent", "200")


@dataclass
class UnluckyWork(SessionWork):
    """The real alerts and the real outbox, in a world in which things go wrong."""

    world: World = field(kw_only=True)
    ways: tuple[KeepingChannel, ...] = field(kw_only=True)

    def fetch(self) -> None:
        self.world.step("fetch")

    def record_session(self, day: dt.date, *, announce: bool) -> None:
        self.world.step("before")
        if self.world.broken:
            raise self.world.broken
        recorded = _walk(day)
        with self.desk.ledger.transaction() as book:
            at = self.desk.clock()
            book.append("run", day, recorded, at=at)
            self.world.step("inside")
            book.append("advice", day, recorded["recommendation"], at=at)
            if announce:
                alerts.announce(book, read_run(recorded), self.desk.settings.alerts, at=at)
        self.world.step("after")

    def announce_late(self) -> None:
        if not self.owes_digest():
            return
        with self.desk.ledger.transaction() as book:
            alerts.announce_late(book, unannounced(book), self.desk.settings.alerts, at=self.desk.clock())
            self.world.step("digest")

    def fail(self, day: dt.date, fault: Exception) -> None:
        assert isinstance(fault, CaptiltError)
        if isinstance(fault, (StorageError, CheckFailed)):
            return
        with self.desk.ledger.transaction() as book:
            at = self.desk.clock()
            book.append("failure", day, {"code": fault.code, "message": fault.message}, at=at)
            alerts.announce_failure(
                book, day, fault.message, fault.remedy, self.desk.settings.alerts, run_id="f", weight_text="20 %", at=at
            )

    def deliver(self) -> None:
        outbox.deliver(self.desk.ledger, self.ways, self.desk.settings.alerts, self.desk.clock)


def _walk(day: dt.date) -> dict[str, Any]:
    """The same day, the same opinion: a slow wave with jumps, so that stance and phase change at times."""
    draw = random.Random(day.toordinal() // 90)
    points = round(6 * draw.uniform(-1, 1), 2)
    stance = "neutral" if abs(points) < 1 else "overweight" if points > 0 else "underweight"
    phase = draw.choice(("HIKE", "HOLD_AFTER_HIKE", "EASE", "HOLD_AFTER_EASE"))
    rest = {"HIKE": 0.1, "HOLD_AFTER_HIKE": 0.1, "EASE": 0.1, "HOLD_AFTER_EASE": 0.1}
    return payload(
        day.isoformat(), recommendation__active_weight_points=points, recommendation__stance=stance,
        regime__phase=phase, regime__probabilities=rest | {phase: 0.7},
    )  # fmt: skip


def misfortune(world: World, ways: tuple[KeepingChannel, ...]) -> None:
    """What happens before the next look."""
    draw = world.draw
    if draw.random() < 0.06:
        world.dies = draw.choice(STEPS)
    world.broken = None
    if draw.random() < 0.02:
        world.broken = draw.choice((NoAdvice("no data"), StorageError("disk full"), CheckFailed("damaged")))
    if draw.random() < 0.02:
        draw.choice(ways).dead_until = world.now + dt.timedelta(hours=draw.choice((1, 6, 20, 60)))


def simulate(home: Path, years: float, seed: int) -> dict[str, Any]:
    start = dt.date(2014, 1, 2)
    end = start + dt.timedelta(days=int(365.25 * years))
    world = World(random.Random(seed), cut(start) + dt.timedelta(minutes=16))
    ways = (KeepingChannel("slack", world), KeepingChannel("email", world))
    desk, resident, absences, witnessed = _reborn(home, world, ways), None, 0, ""
    resident = Resident(desk, UnluckyWork(desk, world=world, ways=ways), Heartbeat(None, QUIET), world.log)
    while world.now.date() < end:
        misfortune(world, ways)
        try:
            resident.look()
        except Killed:
            desk = _reborn(home, world, ways)
            assert desk.ledger.verify(witnessed or None) is None, f"seed {seed} at {world.now}"
            resident = Resident(desk, UnluckyWork(desk, world=world, ways=ways), Heartbeat(None, QUIET), world.log)
        if world.draw.random() < 0.02 and (advice := desk.ledger.entries("advice", last=1)):
            decision = {"advice": advice[0].seq, "verdict": "accept", "target_weight": 0.2}
            desk.ledger.append("decision", advice[0].day, decision, at=world.now)
        head = desk.ledger.head()
        witnessed = head.hash if head else ""
        absences += _forward(world)
    world.dies, world.broken = "", None
    for way in ways:
        way.dead_until = None
    for _ in range(4):
        resident.look()
        world.now += dt.timedelta(hours=5)
    return {"desk": desk, "ways": ways, "world": world, "absences": absences, "start": start}


def _reborn(home: Path, world: World, ways: tuple[KeepingChannel, ...]) -> Desk:
    return Desk(SETTINGS, home, clock=lambda: world.now)


def _forward(world: World) -> int:
    """To the next look: an hour or so, the next evening, or after an absence."""
    draw = world.draw
    if draw.random() < 0.01:
        world.now += dt.timedelta(days=draw.randint(1, 30), seconds=draw.randrange(86_400))
        return 1
    local = world.now.astimezone(NEW_YORK)
    if local.hour < 18 or draw.random() < 0.3:
        world.now += dt.timedelta(minutes=draw.choice((5, 31, 65, 200)))
        return 0
    evening = dt.datetime.combine(local.date() + dt.timedelta(days=1), dt.time(18, 16), NEW_YORK)
    world.now = evening + dt.timedelta(seconds=draw.randrange(600))
    return 0


def judge(found: dict[str, Any], seed: int) -> str:
    """Every promise, over the whole time; a line for the log."""
    desk, ledger, world = found["desk"], found["desk"].ledger, found["world"]
    runs = ledger.entries("run")
    days = [entry.day for entry in runs]
    assert not world.bugs, f"seed {seed}: {world.bugs[0]}"
    last = days[-1]
    assert days == sessions_between(found["start"], last).astype(dt.date).tolist(), f"seed {seed}: I1"
    assert [entry.day for entry in ledger.entries("advice")] == days, f"seed {seed}: I1"
    assert ledger.verify() is None, f"seed {seed}: I5"
    assert all(entry.payload == _walk(entry.day) for entry in runs), f"seed {seed}: I6"
    stamps = [entry.recorded_at for entry in ledger.entries()]
    assert stamps == sorted(stamps)
    assert all(entry.recorded_at >= cut(entry.day) for entry in runs), f"seed {seed}: back-dated"
    states = Counter((item.channel, item.state) for item in deliveries(ledger, desk.settings.alerts))
    assert not [state for _, state in states if state not in ("sent", "given_up")], f"seed {seed}: I2 {states}"
    alerts = {entry.seq: entry.payload["message"] for entry in ledger.entries("alert")}
    for item in deliveries(ledger, desk.settings.alerts):
        way = next(way for way in found["ways"] if way.name == item.channel)
        key = (alerts[item.alert]["identity"], alerts[item.alert]["ledger_head"])
        assert item.state != "sent" or 1 <= way.got[key] <= 2, f"seed {seed}: I2, I3 {way.got[key]}"
        assert way.got[key] < 2 or way.marked[key], f"seed {seed}: I3, a repeat without its mark"
    twice = sum(count > 1 for way in found["ways"] for count in way.got.values())
    assert twice <= world.kills["sent"] + world.kills["sending"]
    given_up = sum(count for (_, state), count in states.items() if state == "given_up")
    return (
        f"seed {seed}: {len(days)} sessions, {sum(world.kills.values())} kills, {found['absences']} absences, "
        f"{len(alerts)} alerts, {twice} repeats, {given_up} given up after 24 hours"
    )


def test_half_a_year_of_misfortune(tmp_path: Path) -> None:
    seed = 20261122

    said = judge(simulate(tmp_path, 0.5, seed), seed)

    print(said)


@pytest.mark.slow
@pytest.mark.timeout(3600)  # the full table, on two busy cores
def test_ten_years_of_misfortune(tmp_path: Path) -> None:
    seed = int(os.environ.get("CAPTILT_SEED", "1"))
    start = time.perf_counter()

    found = simulate(tmp_path, 10, seed)
    said = judge(found, seed)

    print(f"{said}, {time.perf_counter() - start:.0f} s")
    copy = backup.take(tmp_path, tmp_path / "copies", now=found["world"].now)
    assert copy.entries == found["desk"].ledger.head().seq
