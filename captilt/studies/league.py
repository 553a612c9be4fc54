"""The models of the league, walked on as many processes or machines as there are.

Workers are told where the snapshot of the facts is, what its content must be, the months and the names of models. They
read the facts themselves, and keep each model's table of probabilities in the desk's cache, so that a new month is one
row.

Each slow model is a task; the quick ones are one task together. A run that is killed keeps the tasks that were done,
and of the quick models the tables that were filled: the next run walks the rest.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from captilt.operations.disk_cache import FolderCache
from captilt.parallel import run_tasks
from captilt.studies.snapshot_view import snapshot_view
from regime.evaluation.league import frozen, key, missing_package, walk_or_fail
from regime.evaluation.window import EvaluationWindow, evaluation_window
from regime.models import BY_NAME, MODELS

if TYPE_CHECKING:
    from captilt.context import Desk
    from signals.asof import AsOf


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where the facts are, and what is walked.

    Attributes
    ----------
    snapshot, content : str
        File of the facts, and what its content must be.
    tables : str
        Folder of the tables that grow.
    moment : str
        ISO instant of the view.
    first, last : datetime.date
        Of the window.
    """

    snapshot: str
    content: str
    tables: str
    moment: str
    first: dt.date
    last: dt.date


def walk_models(desk: "Desk", view: "AsOf", first: dt.date, last: dt.date) -> FolderCache:
    """Walk every model that is not kept yet, on the engine of the caller's ``joblib.parallel_config``.

    Returns
    -------
    FolderCache
        With the forecasts of every model under the keys that `regime.evaluation.league.league` asks for.
    """
    folder = desk.home / "cache" / "league"
    cache, window = FolderCache(folder), evaluation_window(view, first, last)
    names = [model.name for model in MODELS if not missing_package(model)]
    missing = {name: own for name in names if (own := key(view, window, name)) not in cache}
    if missing:
        inputs = Inputs(
            snapshot=str(desk.store.columns.resolve()),
            content=desk.store.content(),
            tables=str((desk.home / "cache").resolve()),
            moment=view.moment.isoformat(),
            first=first,
            last=last,
        )
        tasks = {
            " ".join(("together", *(missing[name] for name in group))): (inputs, group)
            for group in _together(list(missing))
        }
        for outcomes in run_tasks(walk_together, tasks, folder=folder):
            for name, outcome in json.loads(outcomes).items():
                cache[missing[name]] = outcome.encode()
    return cache


def _together(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Each slow model on its own; the others in one process, since they learn from the same rows and each other."""
    quick = tuple(name for name in names if not BY_NAME[name].slow)
    return [*((name,) for name in names if name not in quick), *([quick] if quick else [])]


def walk_together(inputs: Inputs, names: Sequence[str]) -> bytes:
    """The forecasts of several models, or why they failed: a JSON object by name."""
    view, window = _world(inputs)
    return json.dumps({name: frozen(walk_or_fail(view, name, window)).decode() for name in names}).encode()


@lru_cache(maxsize=2)
def _world(inputs: Inputs) -> "tuple[AsOf, EvaluationWindow]":
    view = snapshot_view(inputs.snapshot, inputs.content, inputs.moment).kept_in(FolderCache(Path(inputs.tables)))
    return view, evaluation_window(view, inputs.first, inputs.last)
