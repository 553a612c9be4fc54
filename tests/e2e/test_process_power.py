"""The power table: the same on any engine, from the snapshot that was named and no other."""

import dataclasses
import datetime as dt
import hashlib
import json
import pickle
import shutil
from dataclasses import asdict
from pathlib import Path

import joblib
import numpy as np
import pytest

from allocator.evidence.process import WORLDS
from allocator.settings import Judgement
from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.contract.process_power import as_json, loaded, same_as_shipped, settings_key, shipped, shipped_results
from captilt.contract.record import rounded
from captilt.studies.process_power import Inputs, history_of, inputs_of, process_power, results_of
from regime.settings import RegimeSettings
from signals.calendars import cut
from signals.errors import CheckFailed
from signals.fact import Fact
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
    assert loaded(json.loads(as_json(tables[0]))) == tables[0]


@pytest.mark.real_data
def test_another_snapshot_than_the_one_named_is_refused(inputs, tmp_path):
    with pytest.raises(CheckFailed, match="other facts"):
        history_of(dataclasses.replace(inputs, content="0" * 64, cache=str(tmp_path)))


@pytest.mark.real_data
def test_what_a_worker_is_told_is_small(inputs):
    assert len(pickle.dumps((inputs, 1))) < 10_000  # 1 MB for a hundred tasks


def test_the_shipped_table_follows_from_the_shipped_results():
    table, results = shipped(), shipped_results()
    drawn = np.stack([np.frombuffer(result).reshape(-1, 2) for result in results])

    assert len(results) == table.resamples == 200
    assert hashlib.sha256(b"".join(results)).hexdigest() == table.results
    assert [world.passed for world in table.worlds] == drawn[:, :, 0].mean(axis=0).tolist()
    assert [world.median_ir for world in table.worlds] == np.median(drawn[:, :, 1], axis=0).round(10).tolist()
    as_dicts = [asdict(world) for world in table.worlds]
    assert rounded({"worlds": as_dicts}) == {"worlds": as_dicts}  # a run records ten decimals
    assert [world.true_ir for world in table.worlds] == list(WORLDS)
    assert table.settings == settings_key(Judgement(), RegimeSettings(), "")


@pytest.mark.slow
@pytest.mark.real_data
def test_the_shipped_results_come_out_again(fill_home, tmp_path):
    fill_home(tmp_path)
    desk = Desk(Settings(), tmp_path)
    inputs = inputs_of(desk, desk.store.as_of(cut(dt.date(2023, 12, 29))))
    table = shipped()

    results = results_of(inputs, resamples=3, seed=table.seed)

    assert same_as_shipped(inputs.key(), table.seed, results) == 3
    assert same_as_shipped(inputs.key(), table.seed, (b"other", *results[1:])) == 2
    assert same_as_shipped(inputs.key(), table.seed + 1, results) is None


@pytest.mark.real_data
def test_a_worker_names_what_is_wrong_with_its_snapshot(inputs, tmp_path):
    whole = Path(inputs.snapshot).read_bytes()
    absent, broken, damaged = tmp_path / "absent", tmp_path / "broken", tmp_path / "damaged"
    broken.write_bytes(b"no snapshot")
    body = bytearray(whole)
    for place in range(whole.index(b"]]") + 16, len(whole), 4096):
        body[place] ^= 1
    damaged.write_bytes(body)

    for file, fault in ((absent, "is not there"), (broken, "cannot be read"), (damaged, "damaged")):
        apart = dataclasses.replace(inputs, snapshot=str(file), cache=str(tmp_path / f"cache {file.name}"))
        with pytest.raises(CheckFailed, match=fault):
            process_power(apart, resamples=1, seed=1, today=TODAY)
        assert not Path(apart.cache).exists()


def test_workers_are_told_the_content_of_the_database_whatever_lies_beside_it(tmp_path):
    desk = Desk(Settings(), tmp_path)
    moment = cut(dt.date(2004, 12, 31))
    desk.store.as_of(moment)
    stale = desk.store.columns.read_bytes()
    desk.store.append([Fact("fred:BAA", dt.date(2004, 1, 1), moment, 6.4)])
    view = desk.store.as_of(moment)
    desk.store.columns.write_bytes(stale)  # as where the disk refused the new one

    inputs = inputs_of(desk, view)

    assert inputs.content == desk.store.content() != Snapshot.open(desk.store.columns).content
    with pytest.raises(CheckFailed, match="other facts"):
        process_power(inputs, resamples=1, seed=1, today=TODAY)


def test_relative_paths_are_refused_for_workers_start_elsewhere():
    with pytest.raises(ValueError, match="must be absolute"):
        Inputs("facts.columns", "", "cache", "2023-12-29", Judgement(), RegimeSettings(), 12.0)


def test_a_worker_without_signals_of_the_users_own_reads_the_history_or_refuses(tmp_path):
    places = {"snapshot": str(tmp_path / "absent"), "content": "", "cache": str(tmp_path / "cache")}
    inputs = Inputs(**places, moment="", judgement=Judgement(), regime=RegimeSettings(), trials=12.0, own_code="mine")

    with pytest.raises(CheckFailed, match="a worker knows no signals of your own"):
        history_of(inputs)


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_example_of_the_page_on_scale_runs_on_a_cluster(fill_home, tmp_path):
    from distributed import LocalCluster

    page = (Path(__file__).parents[2] / "docs" / "SCALE.md").read_text(encoding="utf-8")
    example = page.partition("```python\n")[2].partition("```")[0]
    home, shared = tmp_path / "home", tmp_path / "shared"
    home.mkdir()
    shared.mkdir()
    fill_home(home)

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        places = {"/home/desk/captilt": str(home), "/shared": str(shared), "scheduler:8786": cluster.scheduler_address}
        for word, place in places.items():
            assert word in example
            example = example.replace(word, place)
        names: dict[str, object] = {}
        exec(example.replace("10_000", "2").replace("seed=1", f"seed={shipped().seed}"), names)

    results = b"".join(shipped_results()[:2])
    assert names["table"].results == hashlib.sha256(results).hexdigest()
