"""The models of the league are the same on one process and on two, and only what is new is walked."""

import datetime as dt
import shutil

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
    home.mkdir()
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
