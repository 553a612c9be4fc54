"""A book that is killed while its tables are made is made whole by the next one."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from allocator.ledger.ledger import Ledger
from tests.faults.outside import EVENING, KILLED, Zygote


def at_every(zygote: Zygote, home: Path, stride: int) -> None:
    home.mkdir()
    assert zygote.run(home, EVENING, act="open", step=0) == 0, (home / "out.txt").read_text()
    steps = int((home / "steps").read_text())
    assert steps > 20
    for step in range(1, steps + 1, stride):
        shutil.rmtree(home)
        home.mkdir()

        assert zygote.run(home, EVENING, act="open", step=step) == KILLED

        ledger = Ledger.open(home / "ledger.db")
        ledger.append("run", dt.date(2023, 12, 29), {"n": 1}, at=EVENING)
        assert ledger.verify() is None, f"killed before step {step} of {steps}"
        ledger.close()


def test_a_kill_while_the_tables_are_made(zygote: Zygote, tmp_path: Path) -> None:
    at_every(zygote, tmp_path / "home", 4)


@pytest.mark.slow
def test_a_kill_at_every_step_while_the_tables_are_made(zygote: Zygote, tmp_path: Path) -> None:
    at_every(zygote, tmp_path / "home", 1)
