"""The same tasks on one process, two processes and a cluster give the same bytes, and a death costs little."""

import ast
import hashlib
import pickle
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import joblib
import pytest
from joblib.parallel import ThreadingBackend

from captilt.parallel import ROUNDS, run_tasks, worker_code, workers_here
from signals.errors import CheckFailed
from tests.support import tasks

COUNT = 24
ROOT = Path(__file__).parents[2]
ENGINE_NAMES = {"loky", "dask", "distributed", "ray"}


@contextmanager
def dask() -> Iterator[None]:
    from dask import config
    from distributed import Client, LocalCluster

    # On a busy machine a worker may take longer to start and to answer than the cluster waits by default.
    with (
        config.set({"distributed.comm.timeouts.connect": "300s", "distributed.comm.timeouts.tcp": "300s"}),
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


# Made where they are used: joblib's settings are in force from the moment that they are made.
ENGINES: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "no engine": nullcontext,
    "loky, one": lambda: joblib.parallel_config(backend="loky", n_jobs=1),
    "loky, two": lambda: joblib.parallel_config(backend="loky", n_jobs=2),
    "dask, two": dask,
}


def _hash(results: tuple[bytes, ...]) -> str:
    return hashlib.sha256(b"".join(results)).hexdigest()


def _tasks(*more: object) -> dict[str, tuple[object, ...]]:
    return {f"draw {seed}": (seed, *more) for seed in range(COUNT)}


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_every_engine_gives_the_same_bytes(tmp_path: Path) -> None:
    expected = _hash(tuple(tasks.draw(seed) for seed in range(COUNT)))

    for name, engine in ENGINES.items():
        with engine():
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
    some = dict(list(work.items())[5:15])  # neither the first nor the last: the order is that of the tasks

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


class Unsteady(ThreadingBackend):
    """An engine that loses its workers, so often, and says so with a class of its own."""

    losses = 1

    def submit(self, func: object, callback: object = None) -> object:
        if Unsteady.losses:
            Unsteady.losses -= 1
            raise ConnectionError(f"the workers are gone, {Unsteady.losses} more times")
        return super().submit(func, callback)


def test_an_engine_that_fails_with_its_own_class_is_asked_again(tmp_path: Path) -> None:
    Unsteady.losses = 1
    joblib.register_parallel_backend("unsteady", Unsteady)

    with joblib.parallel_config(backend="unsteady", n_jobs=2):
        results = run_tasks(tasks.draw, _tasks(), folder=tmp_path)

    assert results == tuple(tasks.draw(seed) for seed in range(COUNT))


def test_an_engine_that_is_gone_for_good_says_why_it_went(tmp_path: Path) -> None:
    Unsteady.losses = 100
    joblib.register_parallel_backend("unsteady", Unsteady)

    with (
        joblib.parallel_config(backend="unsteady", n_jobs=2),
        pytest.raises(ConnectionError, match="gone, 99 more times") as fault,
    ):
        run_tasks(tasks.draw, _tasks(), folder=tmp_path)

    assert fault.value.__notes__ == ["What is done is kept: run again once the workers are back."]
    assert Unsteady.losses == 100 - ROUNDS


@pytest.mark.parametrize("workers", [1, 2])
def test_the_fault_of_a_task_comes_back_and_the_task_is_not_tried_again(tmp_path: Path, workers: int) -> None:
    (tmp_path / "notes").mkdir()
    work = _tasks(str(tmp_path / "notes"), 5)

    with workers_here(workers), pytest.raises(CheckFailed, match="seed 5") as fault:
        run_tasks(tasks.draw_or_refuse, work, folder=tmp_path / "results")

    assert fault.value.remedy == "Leave it out."
    assert "draw_or_refuse" in "".join(fault.value.__notes__)
    assert {file.read_text() for file in (tmp_path / "notes").iterdir()} == {"computed\n"}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_worker_of_ray_killed_midway_costs_what_it_had_in_hand(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()

    with ray():
        results = run_tasks(
            tasks.draw_or_die_once, _tasks(str(tmp_path / "notes"), COUNT // 2), folder=tmp_path / "results"
        )

    assert results == tuple(tasks.draw(seed) for seed in range(COUNT))
    computed = sum(len(file.read_text().splitlines()) for file in (tmp_path / "notes").glob("[0-9]*"))
    assert computed <= COUNT * 1.1


def test_a_task_is_small(tmp_path: Path) -> None:
    from captilt.parallel import _cached

    code = worker_code()
    hundred = [pickle.dumps((_cached, tmp_path, code, f"draw {seed}", tasks.draw, (seed,))) for seed in range(100)]

    assert sum(map(len, hundred)) < 1_000_000


def test_a_worker_with_other_code_refuses_and_keeps_nothing(tmp_path: Path) -> None:
    from captilt.parallel import _cached

    with pytest.raises(CheckFailed, match="another version of captilt") as fault:
        _cached(tmp_path / "results", "0" * 64, "draw 1", tasks.draw, (1,))

    assert "numpy" in fault.value.remedy
    assert not (tmp_path / "results").exists()


def test_a_result_of_other_code_is_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notes").mkdir()
    work = {"draw 1": (1, str(tmp_path / "notes"))}

    run_tasks(tasks.draw_and_note, work, folder=tmp_path / "results")
    monkeypatch.setattr("captilt.parallel.worker_code", lambda: "other")
    run_tasks(tasks.draw_and_note, work, folder=tmp_path / "results")

    assert (tmp_path / "notes" / "1").read_text() == "computed\ncomputed\n"


def test_what_workers_keep_in_a_folder_of_their_own_is_kept_here_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes").mkdir()
    work = _tasks(str(tmp_path / "notes"))

    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("captilt.parallel._cached", lambda _folder, _code, _key, function, task: function(*task))
        run_tasks(tasks.draw_and_note, work, folder=tmp_path / "results")
    run_tasks(tasks.draw_and_note, work, folder=tmp_path / "results")

    assert {file.read_text() for file in (tmp_path / "notes").iterdir()} == {"computed\n"}


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_is_told_with_every_result(tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("captilt.parallel.TOGETHER", 7)  # in several parts
    monkeypatch.setattr("captilt.parallel.PER_WORKER", 3)
    steps: list[tuple[int, int]] = []

    with workers_here(workers):
        run_tasks(tasks.draw, _tasks(), folder=tmp_path, step=lambda done, of: steps.append((done, of)))

    assert {done for done, _ in steps} >= set(range(1, COUNT + 1))
    assert steps == sorted(steps)
    assert {of for _, of in steps} == {COUNT}


@pytest.mark.parametrize("package", ["signals", "regime", "allocator", "captilt"])
def test_one_file_calls_joblib_and_none_names_an_engine(package: str) -> None:
    for file in (ROOT / package).rglob("*.py"):
        tree = ast.parse(file.read_bytes())
        imports = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        imports |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        roots = {name.partition(".")[0] for name in imports}
        words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}

        assert not roots & ENGINE_NAMES, file
        assert not words & ENGINE_NAMES, file
        assert "return_as" not in arguments, file
        assert "joblib" not in roots or file == ROOT / "captilt/parallel.py", file
