"""The same tasks on one process, two processes and a cluster give the same bytes, and a death costs little."""

import hashlib
import pickle
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import joblib
import pytest

from captilt.parallel import run_tasks
from tests.support import tasks

COUNT = 24


@contextmanager
def dask() -> Iterator[None]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        yield


@contextmanager
def ray() -> Iterator[None]:
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    with joblib.parallel_config(backend="ray", n_jobs=2):
        yield
    ray.shutdown()


ENGINES: dict[str, AbstractContextManager[object]] = {
    "no engine": nullcontext(),
    "loky, one": joblib.parallel_config(backend="loky", n_jobs=1),
    "loky, two": joblib.parallel_config(backend="loky", n_jobs=2),
    "dask, two": dask(),
}


def _hash(results: tuple[bytes, ...]) -> str:
    return hashlib.sha256(b"".join(results)).hexdigest()


def _tasks(*more: object) -> dict[str, tuple[object, ...]]:
    return {f"draw {seed}": (seed, *more) for seed in range(COUNT)}


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_every_engine_gives_the_same_bytes(tmp_path: Path) -> None:
    expected = _hash(tuple(tasks.draw(seed) for seed in range(COUNT)))

    for name, engine in ENGINES.items():
        with engine:
            assert _hash(run_tasks(tasks.draw, _tasks(), folder=tmp_path / name)) == expected, name


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_ray_gives_the_same_bytes(tmp_path: Path) -> None:
    with ray():
        results = run_tasks(tasks.draw, _tasks(), folder=tmp_path)

    assert results == tuple(tasks.draw(seed) for seed in range(COUNT))


def test_what_is_there_is_not_computed_again(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    work = _tasks(str(tmp_path / "notes"))
    some = dict(list(work.items())[:10])

    run_tasks(tasks.draw_and_note, some, folder=tmp_path / "results")
    all_of_it = run_tasks(tasks.draw_and_note, work, folder=tmp_path / "results")

    assert all_of_it == tuple(tasks.draw(seed) for seed in range(COUNT))
    assert {file.read_text() for file in (tmp_path / "notes").iterdir()} == {"computed\n"}


def test_a_worker_killed_midway_costs_what_it_had_in_hand(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    work = _tasks(str(tmp_path / "notes"), COUNT // 2)

    with joblib.parallel_config(backend="loky", n_jobs=2):
        results = run_tasks(tasks.draw_or_die_once, work, folder=tmp_path / "results")

    assert results == tuple(tasks.draw(seed) for seed in range(COUNT))
    computed = sum(len(file.read_text().splitlines()) for file in (tmp_path / "notes").glob("[0-9]*"))
    assert (tmp_path / "notes" / "died").exists()
    assert computed <= COUNT * 1.1


def test_a_task_is_small(tmp_path: Path) -> None:
    from captilt.parallel import _cached

    hundred = [pickle.dumps((_cached, tmp_path, f"draw {seed}", tasks.draw, (seed,))) for seed in range(100)]

    assert sum(map(len, hundred)) < 1_000_000
