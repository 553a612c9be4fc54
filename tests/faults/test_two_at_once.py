"""Desks that start in the same instant: one works, the others leave at once and say who works."""

import contextlib
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from allocator.ledger.ledger import Ledger
from tests.faults.outside import DAY, EVENING, Zygote, fresh


def at_once(zygote: Zygote, home: Path, processes: int) -> None:
    fresh(zygote, home)
    shut, faults, reads = threading.Event(), [], []

    def page() -> None:
        """Somebody reads all the while; a reader is never refused (SQLite shuts it out for an instant on a last close)."""
        while not shut.is_set():
            try:
                reads.append(len(Ledger.open(home / "ledger.db").entries()))
                with contextlib.closing(sqlite3.connect(home / "facts.db", timeout=1.0)) as raw:
                    raw.execute("SELECT count(*) FROM series").fetchone()
            except Exception as fault:
                faults.append(repr(fault))

    reader = threading.Thread(target=page)
    reader.start()
    gate = home / "gate"
    gate.mkdir()
    pids = [zygote.start(home, EVENING, slow=True, gate=str(gate)) for _ in range(processes)]
    while len(list(gate.iterdir())) < processes:
        time.sleep(0.01)
    (gate / "go").touch()
    codes = sorted(zygote.end(pid) for pid in pids)
    shut.set()
    reader.join()

    said = (home / "out.txt").read_text()
    assert codes == [0] + [4] * (processes - 1), said
    assert "database is locked" not in said
    assert said.count("another run holds the lock: pid ") == processes - 1
    assert not faults
    assert reads
    ledger = Ledger.open(home / "ledger.db")
    assert len(ledger.entries("run", DAY)) == len(ledger.entries("advice", DAY)) == 1
    assert ledger.verify() is None
    ledger.close()


def test_one_wins_and_the_others_leave(zygote: Zygote, tmp_path: Path) -> None:
    for round_ in range(20):
        at_once(zygote, tmp_path / "home", 2 if round_ % 4 else 2 + round_ % 7)


@pytest.mark.slow
@pytest.mark.timeout(3600)  # the full table, on two busy cores
def test_one_wins_five_hundred_times(zygote: Zygote, tmp_path: Path) -> None:
    for round_ in range(500):
        at_once(zygote, tmp_path / "home", 2 + round_ % 7)
