"""The models of the league, walked on as many processes or machines as there are.

Workers are told where the snapshot of the facts is, what its content must be, the months and a model's name. They read
the facts themselves, and keep each model's table of probabilities in the desk's cache, so that a new month is one row.
"""

import datetime as dt
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
from signals.store.snapshot import Snapshot

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
    keys = {name: key(view, window, name) for name in _slow_first(names)}
    missing = {name: own for name, own in keys.items() if own not in cache}
    if missing:
        inputs = Inputs(
            snapshot=str(desk.store.columns.resolve()),
            content=Snapshot.open(desk.store.columns).content,
            tables=str((desk.home / "cache").resolve()),
            moment=view.moment.isoformat(),
            first=first,
            last=last,
        )
        run_tasks(one_model, {own: (inputs, name) for name, own in missing.items()}, folder=folder)
    return cache


def _slow_first(names: Sequence[str]) -> list[str]:
    return sorted(names, key=lambda name: not BY_NAME[name].slow)


def one_model(inputs: Inputs, name: str) -> bytes:
    """The forecasts of one model, or why it failed, as bytes."""
    view, window = _world(inputs)
    return frozen(walk_or_fail(view, name, window))


@lru_cache(maxsize=2)
def _world(inputs: Inputs) -> "tuple[AsOf, EvaluationWindow]":
    view = snapshot_view(inputs.snapshot, inputs.content, inputs.moment).kept_in(FolderCache(Path(inputs.tables)))
    return view, evaluation_window(view, inputs.first, inputs.last)
