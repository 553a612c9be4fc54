"""The power table: the same on any engine, from the snapshot that was named and no other."""

import dataclasses
import datetime as dt
import pickle
import shutil
from pathlib import Path

import joblib
import pytest

from allocator.settings import Judgement
from captilt.contract.process_power import as_json, loaded, shipped
from captilt.studies.process_power import Inputs, history_of, process_power
from regime.settings import RegimeSettings
from signals.calendars import cut
from signals.errors import CheckFailed
from signals.store.shipped_decisions import open_store
from signals.store.snapshot import Snapshot

TODAY = dt.date(2026, 11, 26)


@pytest.fixture(scope="module")
def inputs(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("power")
    shutil.copy(imported, folder / "facts.db")
    store = open_store(folder / "facts.db")
    moment = cut(dt.date(2004, 12, 31))
    store.as_of(moment)
    store.close()
    content = Snapshot.open(folder / "facts.columns").content
    places = {"snapshot": str(folder / "facts.columns"), "content": content, "cache": str(folder / "cache")}
    judgement = Judgement()
    forecast = dataclasses.replace(judgement.forecast, regime=False)  # the walk of the regime takes its time elsewhere
    judgement = dataclasses.replace(judgement, forecast=forecast)
    settings = {"judgement": judgement, "regime": RegimeSettings(), "trials": 12.0}
    return Inputs(**places, moment=moment.isoformat(), **settings)


@pytest.mark.real_data
def test_the_table_is_the_same_for_one_and_two_workers(inputs, tmp_path):
    tables = []
    for workers in (1, 2):
        apart = dataclasses.replace(inputs, cache=str(tmp_path / str(workers)))
        with joblib.parallel_config(backend="loky", n_jobs=workers):
            tables.append(process_power(apart, resamples=4, seed=1, today=TODAY))

    assert tables[0] == tables[1]
    assert loaded(__import__("json").loads(as_json(tables[0]))) == tables[0]


@pytest.mark.real_data
def test_another_snapshot_than_the_one_named_is_refused(inputs, tmp_path):
    with pytest.raises(CheckFailed, match="other facts"):
        history_of(dataclasses.replace(inputs, content="0" * 64, cache=str(tmp_path)))


@pytest.mark.real_data
def test_what_a_worker_is_told_is_small(inputs):
    assert len(pickle.dumps((inputs, 1))) < 10_000  # 1 MB for a hundred tasks


def test_the_shipped_table_says_how_it_was_made():
    table = shipped()

    assert table is not None
    assert table.resamples >= 50
    assert len(table.results) == len(table.inputs) == 64
    assert [world.true_ir for world in table.worlds] == [0.0, 0.3, 0.4, 0.5]
    assert all(0 <= world.passed <= 1 for world in table.worlds)
