"""Many independent tasks, here or on a cluster: the one place that calls joblib.

1. A task is a module-level function and a few small values: names, hashes, a seed. Whatever is large is read by the
   worker itself, where it runs.
2. Each task has a key that names all it depends on. Its result is kept in a folder under that key by the worker, and
   again by whoever asked, in case the worker's folder is another one. A result that is there is not computed again:
   a run that was cut short goes on where it stopped, and running twice changes nothing.
3. The engine is the caller's: ``joblib.parallel_config(backend="loky" | "dask" | "ray", n_jobs=...)`` around the call.
   Results come back in the order of the tasks, so they depend neither on the engine nor on the number of workers.
4. A worker that dies takes along the task in its hand; tasks without a result are given out again.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from captilt.operations.disk_cache import FolderCache

Task = tuple[Any, ...]
TOGETHER = 64  # tasks given out at once: progress is shown, and Ray's engine has no way to hand back one at a time
ROUNDS = 4  # how often work may be given out again after a worker died
KEPT = 1_000_000  # results: nothing is thrown away while a table is made


def run_tasks(
    function: Callable[..., bytes],
    tasks: Mapping[str, Task],
    *,
    folder: Path,
    step: Callable[[int, int], None] = lambda _done, _of: None,
) -> tuple[bytes, ...]:
    """Results of `function` for every task, in order.

    Parameters
    ----------
    function : callable
        Importable by name on every worker.
    tasks : mapping of str to tuple
        Arguments by key.
    folder : pathlib.Path
        Where results are kept; best one that every worker reaches.
    step : callable
        Called with (done, of).

    Raises
    ------
    concurrent.futures.BrokenExecutor
        Where workers die in every round.
    """
    cache = FolderCache(folder, keep=KEPT)
    have = {key: content for key in tasks if (content := cache.get(key)) is not None}
    missing = iter([key for key in tasks if key not in have])
    while part := list(islice(missing, TOGETHER)):
        have.update(zip(part, _computed(folder, function, {key: tasks[key] for key in part}), strict=True))
        for key in part:
            if key not in cache:
                cache[key] = have[key]
        step(len(have), len(tasks))
    return tuple(have[key] for key in tasks)


def _computed(folder: Path, function: Callable[..., bytes], tasks: Mapping[str, Task]) -> list[bytes]:
    """The results of `tasks` in order; tried again where a worker died."""
    from joblib import Parallel, delayed

    for attempt in range(1, ROUNDS + 1):
        try:
            results: Any = Parallel(batch_size=1)(  # type: ignore[arg-type]  # joblib's stub knows only "auto"
                delayed(_cached)(folder, key, function, task) for key, task in tasks.items()
            )
        except BrokenExecutor:
            if attempt == ROUNDS:
                raise
        else:
            return list(results)
    return []


def _cached(folder: Path, key: str, function: Callable[..., bytes], task: Task) -> bytes:
    """On the worker: the result that is there, else computed and kept."""
    cache = FolderCache(folder, keep=KEPT)
    content = cache.get(key)
    if content is None:
        content = cache[key] = function(*task)
    return content
