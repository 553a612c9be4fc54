"""A desk that is killed at any step is a desk that ran: the next one finishes the day."""

import datetime as dt
import itertools
import random
import time
from pathlib import Path

import pytest

from allocator.ledger.ledger import Ledger
from tests.faults.outside import DAY, DAY_BEFORE, EVENING, KILLED, Receiver, Zygote, core, fresh, invariants

LATER = dt.timedelta(minutes=5)


@pytest.fixture
def reference(zygote: Zygote, tmp_path: Path) -> dict[dt.date, str]:
    """What an undisturbed run records."""
    home = fresh(zygote, tmp_path / "reference")
    assert zygote.run(home, EVENING) == 0, (home / "out.txt").read_text()
    ledger = Ledger.open(home / "ledger.db")
    return {entry.day: core(entry.payload) for entry in ledger.entries("run")}


def hashes(home: Path) -> list[str]:
    if not (home / "ledger.db").exists():
        return []
    return [entry.hash for entry in Ledger.open(home / "ledger.db").entries()]


def finish(
    zygote: Zygote, home: Path, receiver: Receiver, reference: dict[dt.date, str], *, thrice: bool = True
) -> int:
    """What survived the kill, a second desk, a third one that finds nothing to do, and the invariants."""
    acknowledged = hashes(home)
    assert zygote.run(home, EVENING + LATER, **receiver.order()) == 0, (home / "out.txt").read_text()
    written = hashes(home)
    if thrice:
        assert zygote.run(home, EVENING + 2 * LATER, **receiver.order()) == 0, (home / "out.txt").read_text()
        assert hashes(home) == written
    return invariants(home, receiver, [DAY_BEFORE, DAY], reference=reference, acknowledged=acknowledged)


def at_steps(
    zygote: Zygote, tmp_path: Path, receiver: Receiver, reference: dict[dt.date, str], *, trials: int, seed: int
) -> None:
    home = fresh(zygote, tmp_path / "home")
    assert zygote.run(home, EVENING, step=0, **receiver.order()) == 0
    steps = int((home / "steps").read_text())
    draw = random.Random(seed)
    edges = [steps * n // trials for n in range(trials + 1)]
    for low, high in itertools.pairwise(edges):
        step = draw.randint(low + 1, max(low + 1, high))
        receiver.bodies.clear()
        fresh(zygote, home)

        assert zygote.run(home, EVENING, step=step, **receiver.order()) == KILLED, f"step {step} of {steps}"

        try:
            finish(zygote, home, receiver, reference, thrice=step % 4 == 0)
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}, killed before step {step} of {steps}: {fault}") from fault


def test_a_kill_before_any_of_eight_steps(zygote: Zygote, tmp_path: Path, receiver: Receiver, reference) -> None:
    at_steps(zygote, tmp_path, receiver, reference, trials=8, seed=20261122)


@pytest.mark.slow
@pytest.mark.timeout(3600)  # the full table, on two busy cores
def test_a_kill_before_any_of_two_hundred_steps(zygote: Zygote, tmp_path: Path, receiver: Receiver, reference) -> None:
    at_steps(zygote, tmp_path, receiver, reference, trials=200, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(3600)  # the full table, on two busy cores
def test_a_kill_at_any_moment(zygote: Zygote, tmp_path: Path, receiver: Receiver, reference) -> None:
    draw, repeats, trials = random.Random(3), 0, 100
    home = fresh(zygote, tmp_path / "home")
    start = time.monotonic()
    assert zygote.run(home, EVENING, **receiver.order()) == 0
    longest = time.monotonic() - start
    for _ in range(trials):
        receiver.bodies.clear()
        fresh(zygote, home)
        zygote.kill_after(draw.uniform(0.0, longest), home, EVENING, **receiver.order())

        repeats += finish(zygote, home, receiver, reference)

    print(f"{repeats} of {trials} messages arrived twice, marked; a run took {longest:.2f} s")
    assert repeats <= 0.02 * trials


@pytest.mark.slow
@pytest.mark.timeout(3600)  # the full table, on two busy cores
def test_a_kill_of_a_run_that_evaluates_for_itself(zygote: Zygote, tmp_path: Path, receiver: Receiver) -> None:
    draw = random.Random(4)
    home = fresh(zygote, tmp_path / "undisturbed", facts="whole.db")
    assert zygote.run(home, EVENING, evaluate=True) == 0, (home / "out.txt").read_text()
    reference = {entry.day: core(entry.payload) for entry in Ledger.open(home / "ledger.db").entries("run")}
    home = tmp_path / "home"
    for _ in range(6):
        receiver.bodies.clear()
        fresh(zygote, home, facts="whole.db")
        zygote.kill_after(draw.uniform(0.0, 8.0), home, EVENING, evaluate=True, **receiver.order())

        assert zygote.run(home, EVENING + LATER, evaluate=True, **receiver.order()) == 0, (home / "out.txt").read_text()
        invariants(home, receiver, [DAY_BEFORE, DAY], reference=reference, acknowledged=[])
