"""A disk that takes nothing more: what was there stays, the alert still goes out, and space brings the day back."""

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from allocator.ledger.ledger import Ledger
from signals.store.shipped_decisions import open_store
from tests.faults.outside import DAY, DAY_BEFORE, EVENING, Receiver, Zygote, core, fresh, invariants

NO_ADVICE = (3, 120)  # 120: Python could not flush its log, for the log lies under the same limit as the state


def fills(zygote: Zygote, tmp_path: Path, receiver: Receiver, sizes: Iterable[int]) -> set[int]:
    """Every file may grow to `size` bytes and no further; the codes that the desks left with."""
    home = fresh(zygote, tmp_path / "reference")
    assert zygote.run(home, EVENING) == 0, (home / "out.txt").read_text()
    reference = {entry.day: core(entry.payload) for entry in Ledger.open(home / "ledger.db").entries("run")}
    codes = set()
    home = tmp_path / "home"
    for size in sizes:
        fresh(zygote, home)
        receiver.bodies.clear()
        before = [entry.hash for entry in Ledger.open(home / "ledger.db").entries()]
        facts = open_store(home / "facts.db")
        held = facts.names()
        facts.close()

        code = zygote.run(home, EVENING, act="look", limit=size, **receiver.order())

        said = (home / "out.txt").read_text()
        codes.add(code)
        assert code in (0, *NO_ADVICE), said
        ledger = Ledger.open(home / "ledger.db")
        assert ledger.verify() is None, f"limit {size}"
        assert [entry.hash for entry in ledger.entries()][: len(before)] == before
        facts = open_store(home / "facts.db")
        facts.verify()
        assert set(held) <= set(facts.names())
        facts.close()
        if ledger.run_of(DAY) is None:  # nobody stays in the dark: the failure is told, whatever can be written
            assert code in NO_ADVICE, said
            assert receiver.bodies, f"limit {size}: {said}"
            assert "stays" in json.dumps(receiver.bodies[0])
            receiver.bodies.clear()
        ledger.close()

        assert zygote.run(home, EVENING + dt.timedelta(minutes=40), act="look", **receiver.order()) == 0, (
            home / "out.txt"
        ).read_text()
        ledger = Ledger.open(home / "ledger.db")
        assert core(ledger.run_of(DAY).payload) == reference[DAY]
        assert ledger.verify() is None
        ledger.close()
    return codes


def limits(zygote: Zygote, tmp_path: Path, steps: int) -> range:
    """From what no log can be written with to more than a day needs."""
    home = fresh(zygote, tmp_path / "measure")
    assert zygote.run(home, EVENING) == 0
    largest = (home / "ledger.db").stat().st_size
    return range(512, largest + 65536, (largest + 65536 - 512) // steps)


def test_a_full_disk_at_growing_sizes(zygote: Zygote, tmp_path: Path, receiver: Receiver) -> None:
    # At the second size the failure is recorded and nothing after it.
    assert fills(zygote, tmp_path, receiver, (512, 36_512, 48_512, 96_512)) >= {3}


@pytest.mark.slow
@pytest.mark.timeout(3600)  # the full table, on two busy cores
def test_a_full_disk_at_every_size(zygote: Zygote, tmp_path: Path, receiver: Receiver) -> None:
    assert fills(zygote, tmp_path, receiver, range(512, 400_000, 4_000)) >= {3}
    assert fills(zygote, tmp_path, receiver, limits(zygote, tmp_path, 40)) >= {3}


def test_the_day_before_still_reads_on_a_full_disk(zygote: Zygote, tmp_path: Path, receiver: Receiver) -> None:
    home = fresh(zygote, tmp_path / "home")
    zygote.run(home, EVENING, limit=512)

    ledger = Ledger.open(home / "ledger.db")

    assert ledger.run_of(DAY_BEFORE) is not None
    assert ledger.run_of(DAY) is None
    ledger.close()
    assert zygote.run(home, EVENING, **receiver.order()) == 0
    reference = {entry.day: core(entry.payload) for entry in Ledger.open(home / "ledger.db").entries("run")}
    invariants(home, receiver, [DAY_BEFORE, DAY], reference=reference, acknowledged=[])
