"""The desk seen from outside: real processes, a real receiver, and the invariants of the house."""

import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allocator.ledger.hash_chain import canonical
from allocator.ledger.ledger import Ledger
from signals.calendars import cut
from tests.conftest import ROOT

FREE = ("run_id", "recorded_at", "timings")
DAY_BEFORE = dt.date(2023, 12, 28)
DAY = dt.date(2023, 12, 29)  # a Friday: the weekly digest is an alert for sure
EVENING = cut(DAY) + dt.timedelta(minutes=20)
KILLED = -signal.SIGKILL


class Zygote:
    """Starts desks (see `tests.faults.zygote`)."""

    def __init__(self, store: Path, folder: Path, days: tuple[str, ...]) -> None:
        self.folder = folder
        self._ends: dict[int, int] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote", str(store), str(folder), *days],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, bufsize=1,
        )  # fmt: skip
        assert self._read() == {"ready": True}

    def start(self, home: Path, now: dt.datetime, **order: Any) -> int:
        """Fork one desk; its pid."""
        self._process.stdin.write(json.dumps({"act": "run", "home": str(home), "now": now.isoformat(), **order}) + "\n")
        while True:
            said = self._read()
            if "status" not in said:
                return said["pid"]
            self._ends[said["pid"]] = said["status"]

    def end(self, pid: int) -> int:
        """Wait for a desk; its exit code, negative for a signal."""
        while pid not in self._ends:
            said = self._read()
            self._ends[said["pid"]] = said["status"]
        return os.waitstatus_to_exitcode(self._ends.pop(pid))

    def run(self, home: Path, now: dt.datetime, **order: Any) -> int:
        """Start a desk and wait for it."""
        return self.end(self.start(home, now, **order))

    def kill_after(self, seconds: float, home: Path, now: dt.datetime, **order: Any) -> int:
        """Start a desk and kill it so many seconds later, unless it has ended."""
        pid = self.start(home, now, **order)
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return self.end(pid)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        assert line, "the zygote died"
        return json.loads(line)


@dataclass
class Receiver:
    """A webhook that keeps what it got, and can be told to answer otherwise."""

    url: str
    bodies: list[dict[str, Any]] = field(default_factory=list)
    answer: int = 200

    def order(self) -> dict[str, Any]:
        """What a desk needs in order to send here."""
        return {
            "environment": {"CAPTILT_SLACK_WEBHOOK": self.url},
            "settings": {"alerts": {"slack": {"enabled": True}}, "backup": {"daily": False}},
        }


def fresh(zygote: Zygote, folder: Path, *, facts: str = "facts.db") -> Path:
    """A state folder with facts and a ledger in which the day before stands."""
    template = zygote.folder / f"template-{facts}"
    if not template.exists():
        template.mkdir()
        shutil.copy(zygote.folder / facts, template / "facts.db")
        evening = cut(DAY_BEFORE) + dt.timedelta(minutes=20)
        assert zygote.run(template, evening) == 0, (template / "out.txt").read_text()
    shutil.rmtree(folder, ignore_errors=True)
    return Path(shutil.copytree(template, folder))


def core(payload: dict[str, Any]) -> str:
    """A run without what two runs of a day may differ in."""
    return canonical({name: value for name, value in payload.items() if name not in FREE})


def invariants(
    home: Path, receiver: Receiver, days: list[dt.date], *, reference: dict[dt.date, str], acknowledged: list[str]
) -> int:
    """I1 to I6; the number of messages that arrived twice."""
    ledger, twice = Ledger.open(home / "ledger.db"), 0
    assert ledger.verify() is None  # I5
    for file in ("ledger.db", "facts.db"):
        with contextlib.closing(sqlite3.connect(home / file)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert [entry.day for entry in ledger.entries("run")] == days  # I1
    assert [entry.day for entry in ledger.entries("advice")] == days
    assert [entry.hash for entry in ledger.entries()][: len(acknowledged)] == acknowledged  # I4
    for entry in ledger.entries("run"):
        assert core(entry.payload) == reference[entry.day], f"{entry.day} differs from an undisturbed run"  # I6
    for alert in ledger.entries("alert"):
        if not alert.payload["channels"]:
            continue  # written before a channel was switched on
        head = alert.payload["message"]["ledger_head"]
        assert ledger.verify(head) is None  # I5: what the inbox says stands in the book
        got = [body for body in receiver.bodies if head[:12] in json.dumps(body)]
        assert 1 <= len(got) <= 2, f"alert {alert.seq} arrived {len(got)} times"  # I2, I3
        assert all("possible repeat" in json.dumps(body) for body in got[1:])
        twice += len(got) - 1
    ledger.close()
    return twice
