"""The models of the league are the same on one process and on two, and only what is new is walked."""

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from joblib import parallel_config

from captilt.config import settings as config
from captilt.context import Desk
from captilt.studies.league import walk_models
from regime.evaluation.league import league
from regime.settings import RegimeSettings
from signals.calendars import cut

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
FIRST, LAST = dt.date(2003, 1, 1), dt.date(2003, 12, 31)


def walked(imported, home, workers):
    home.mkdir(exist_ok=True)
    shutil.copy(imported, home / "facts.db")
    desk = Desk(config.Settings(), home)
    view = desk.store.as_of(cut(dt.date(2023, 12, 29)))
    with parallel_config(backend="loky", n_jobs=workers):
        kept = walk_models(desk, view, FIRST, LAST)
    return view, {file.name: file.read_bytes() for file in (home / "cache" / "league").iterdir()}, kept


def test_one_worker_and_two_walk_the_same_models(imported, tmp_path):
    view, alone, kept = walked(imported, tmp_path / "one", 1)
    _, both, _ = walked(imported, tmp_path / "two", 2)

    assert alone == both
    before = dict(alone)
    league(view, FIRST, LAST, RegimeSettings(), cache=kept)
    after = {file.name: file.read_bytes() for file in (tmp_path / "one" / "cache" / "league").iterdir()}
    assert after == before


def test_a_league_killed_midway_keeps_what_was_done_and_ends_the_same(imported, tmp_path):
    cut_short, whole = tmp_path / "cut short", tmp_path / "whole"
    cut_short.mkdir()
    shutil.copy(imported, cut_short / "facts.db")
    days = ("--from", FIRST.isoformat(), "--to", LAST.isoformat(), "--as-of", "2023-12-29")
    program = [Path(sys.executable).with_name("captilt"), "regime", "league", *days, "--home", str(cut_short)]
    folder = cut_short / "cache" / "league"

    with subprocess.Popen(program, stdout=subprocess.DEVNULL, start_new_session=True) as running:
        while running.poll() is None and not [file for file in folder.glob("*") if not file.name.startswith("tmp")]:
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGKILL)
    done = {file.name: file.stat().st_mtime_ns for file in folder.iterdir() if not file.name.startswith("tmp")}
    _, resumed, _ = walked(imported, cut_short, 2)
    _, uninterrupted, _ = walked(imported, whole, 2)

    assert running.returncode == -signal.SIGKILL
    assert done
    assert done.items() <= {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}.items()
    assert {name: body for name, body in resumed.items() if not name.startswith("tmp")} == uninterrupted
