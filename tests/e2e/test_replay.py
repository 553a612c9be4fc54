"""A recorded day comes out of the book again, whatever the store and the settings have become since."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from captilt.cli import dispatch
from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.run import daily, replay
from signals.calendars import cut
from signals.fact import Fact

DAY = dt.date(2023, 12, 28)
EVENING = cut(DAY) + dt.timedelta(minutes=20)


def test_a_recorded_day_comes_out_byte_for_byte(
    fill_home: Callable[[Path], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill_home(tmp_path)
    desk = Desk(Settings(), tmp_path, clock=lambda: EVENING)
    daily.run(desk, offline=True)
    late = [Fact("fred:BAA10Y", dt.date(2023, 12, day), EVENING - dt.timedelta(days=1), 99.0) for day in (20, 21)]
    desk.store.append(late, source="a late arrival that claims to have been known")
    monkeypatch.setenv("CAPTILT_TILT__COST_BP", "300")
    capsys.readouterr()

    code = dispatch(["replay", str(DAY), "--home", str(tmp_path), "--json"])

    said = json.loads(capsys.readouterr().out)
    assert code == 0, said
    assert said["identical"] is True
    assert said["rows"] == said["versions"] == []


def test_a_day_that_was_never_recorded_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(["replay", "2023-12-28", "--home", str(tmp_path)]) == 2
    assert "no run of 2023-12-28" in capsys.readouterr().err


def test_differences_are_numbers_apart_and_everything_else_unequal() -> None:
    before = {"a": 1.0, "b": [1, {"c": "x"}], "d": None, "e": 2.0}
    now = {"a": 1.0 + 1e-10, "b": [1, {"c": "y"}], "d": 0.0, "e": 2.0 + 1e-8}

    found = replay.differences(before, now)

    assert [place for place, _, _ in found] == ["b[1].c", "d", "e"]


@pytest.mark.parametrize(
    ("identical", "versions", "differences", "holds"),
    [
        (True, (), (), True),
        (False, (), (), True),  # no number apart by more than 1e-9: another processor
        (False, (("numpy", "2.0", "2.1"),), (), True),
        (False, (("numpy", "2.0", "2.1"),), (("x", 1, 2),), False),
        (False, (), (("x", 1, 2),), False),
        (False, (("code", "a", "b"),), (("note", "nothing is held", "nothing is stored"),), True),
        (False, (("code", "a", "b"),), (("note", "nothing is held", "nothing is stored"), ("x", 1, 2)), False),
        (False, (("code", "a", "b"),), (("stance", "neutral", "overweight"),), False),  # a code is no sentence
        (False, (), (("note", "nothing is held", "nothing is stored"),), False),  # the same version says the same
    ],
)
def test_what_a_replay_promises(identical: bool, versions: tuple, differences: tuple, holds: bool) -> None:
    assert replay.Replay(DAY, identical, versions, differences).holds is holds


def test_the_kernels_named_do_not_depend_on_what_was_imported_before() -> None:
    asked = "from captilt.run.provenance import kernels; print(kernels())"
    first, after = (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for code in (asked, f"import scipy.linalg, sklearn.linear_model; {asked}")
    )

    assert first == after
