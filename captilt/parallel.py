"""Many independent tasks, here or on a cluster: the one place that calls joblib.

1. A task is a module-level function and a few small values: names, hashes, a seed. Whatever is large is read by the
   worker itself, where it runs.
2. Each task has a key that names all it depends on but the code. Its result is kept in a folder under that key and the
   hash of the code by the worker, and again by whoever asked, in case the worker's folder is another one. A result that
   is there is not computed again: a run that was cut short goes on where it stopped, and running twice changes nothing.
3. The engine is the caller's: ``joblib.parallel_config(backend=..., n_jobs=...)`` around the call. Results come back in
   the order of the tasks, so they depend neither on the engine nor on the number of workers.
4. A worker with other code, or other versions of the libraries, refuses: results of two versions are never mixed.
5. A worker that dies takes along the task in its hand; tasks without a result are given out again. A task's own fault
   comes back as a value, so that whatever an engine raises is the engine's, and worth another try.
"""

import socket
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from captilt.operations.disk_cache import FolderCache
from signals.errors import CheckFailed
from signals.growing import LIBRARIES, code_of

Task = tuple[Any, ...]
Step = Callable[[int, int], None]
TOGETHER = 64  # tasks given out at once, or more on many workers; what is back is kept before the next are given out
PER_WORKER = 16  # tasks of a worker in one part: it waits for the slowest once in so many
ROUNDS = 4  # how often work is given out before what the engine raises is final
KEPT = 1_000_000  # results: nothing is thrown away while a table is made
PACKAGES = ("signals", "regime", "allocator", "captilt.studies")  # whatever decides a result


def workers_here(count: int) -> AbstractContextManager[Any]:
    """The engine of whoever called, with `count` workers; processes of this machine where nobody chose another."""
    from joblib import parallel_config

    return parallel_config(n_jobs=count)


def run_tasks(
    function: Callable[..., bytes],
    tasks: Mapping[str, Task],
    *,
    folder: Path,
    step: Step = lambda _done, _of: None,
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
        Called with (done, of), from any thread.

    Raises
    ------
    CheckFailed
        Where a worker has other code.
    Exception
        The first that a task raised; or the engine's own, where workers die in every round.
    """
    from joblib import effective_n_jobs

    folder, code = folder.absolute(), worker_code()
    stored = FolderCache(folder, keep=KEPT)
    have = {key: content for key in tasks if (content := stored.get(_kept_under(code, key))) is not None}
    missing = iter([key for key in tasks if key not in have])
    together = max(TOGETHER, PER_WORKER * effective_n_jobs())
    while part := list(islice(missing, together)):
        done = len(have)
        calls = [(folder, code, key, function, tasks[key]) for key in part]
        have.update(zip(part, _computed(calls, lambda more: step(done + more, len(tasks))), strict=True))  # noqa: B023 - called in this turn only
        for key in part:
            if (own := _kept_under(code, key)) not in stored:
                stored[own] = have[key]
    step(len(have), len(tasks))
    return tuple(have[key] for key in tasks)


def _computed(calls: list[Task], step: Callable[[int], None]) -> list[bytes]:
    """The results of `calls` in order; given out again where a worker died."""
    lost: list[Exception] = []
    while True:
        try:
            outcomes = _outcomes(calls, step)
            break
        except Exception as fault:  # noqa: BLE001 - each engine has a class of its own for a lost worker
            lost.append(fault)
        if len(lost) == ROUNDS:  # the first says what happened; the others that it was still so
            lost[0].add_note("What is done is kept: run again once the workers are back.")
            raise lost[0]
    results: list[bytes] = []
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
        results.append(outcome)
    return results


def _outcomes(calls: list[Task], step: Callable[[int], None]) -> list[bytes | Exception]:
    """One round on the caller's engine."""
    from joblib import Parallel, delayed

    class Counting(Parallel):
        def print_progress(self) -> None:
            step(self.n_completed_tasks)

    return list(Counting(batch_size=1)(delayed(_outcome)(*call) for call in calls))  # type: ignore[arg-type]  # joblib's stub knows only "auto"


def _outcome(*call: Any) -> bytes | Exception:
    """On the worker: the result, or what the task raised, with the place where it did."""
    try:
        return _cached(*call)
    except Exception as fault:  # noqa: BLE001 - raised again by whoever asked
        fault.add_note(traceback.format_exc())
        return fault


def _cached(folder: Path, code: str, key: str, function: Callable[..., bytes], task: Task) -> bytes:
    """On the worker: the result that is there, else computed and kept.

    Raises
    ------
    CheckFailed
        Where the code here is not `code`.
    """
    if worker_code() != code:
        raise CheckFailed(
            f"the worker on {socket.gethostname()} has another version of captilt, or of a library, than the run;"
            " nothing of it was taken.",
            remedy=f"Install the same versions on every worker ({', '.join(LIBRARIES)} count).",
        )
    stored, own = FolderCache(folder, keep=KEPT), _kept_under(code, key)
    content = stored.get(own)
    if content is None:
        content = stored[own] = function(*task)
    return content


def _kept_under(code: str, key: str) -> str:
    return f"{code} {key}"


@cache
def worker_code() -> str:
    """Hash of the code that decides a result here, with the versions of its libraries."""
    return code_of(*PACKAGES)
