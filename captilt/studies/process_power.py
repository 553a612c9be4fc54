"""The power of the verdict, by resampling the whole process on as many machines as there are.

Workers are told where the snapshot of the facts is and what its content must be, never the facts themselves. The
history that the method lives through is made from the snapshot once, by whoever is first, and kept in a folder under
a key of everything that it depends on.
"""

import datetime as dt
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from allocator.evidence.process import WORLDS, History, resample
from allocator.evidence.trials import trials_at
from allocator.settings import Judgement
from allocator.track_record import month_end_panel, sample
from captilt.contract.process_power import ProcessPower, World
from captilt.operations.disk_cache import FolderCache
from captilt.parallel import run_tasks
from captilt.studies.snapshot_view import snapshot_view
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.errors import NoAdvice
from signals.store.snapshot import Snapshot

if TYPE_CHECKING:
    from captilt.context import Desk

FORMAT = 1  # of keys; raised when the arithmetic of the process changes
LEAST_HISTORY = 240  # months: fewer say nothing of power


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a resample depends on but its seed.

    Attributes
    ----------
    snapshot : str
        File of the facts, as workers find it.
    content : str
        What its content must be (`Snapshot.content`).
    cache : str
        Folder in which workers keep what they share.
    moment : str
        ISO instant of the view.
    judgement, regime : settings
    trials : float
        Tries that the deflated Sharpe ratio counts.
    """

    snapshot: str
    content: str
    cache: str
    moment: str
    judgement: Judgement
    regime: RegimeSettings
    trials: float

    def key(self) -> str:
        """Hash of everything but where things are."""
        parts = (FORMAT, self.content, self.moment, self.judgement, self.regime, self.trials)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def inputs_of(desk: "Desk", view: AsOf) -> Inputs:
    """What a resample depends on, at the view's moment; the snapshot is the one beside the desk's store."""
    settings = desk.settings
    return Inputs(
        snapshot=str(desk.store.columns.resolve()),
        content=Snapshot.open(desk.store.columns).content,
        cache=str((desk.home / "cache" / "process").resolve()),
        moment=view.moment.isoformat(),
        judgement=settings.judgement,
        regime=settings.regime,
        trials=effective_trials_at(view.moment),
    )


def process_power(
    inputs: Inputs, *, resamples: int, seed: int, today: dt.date, step: Callable[[int, int], None] = lambda _d, _o: None
) -> ProcessPower:
    """The table of `resamples` histories, on the engine of the caller's ``joblib.parallel_config``."""
    key = inputs.key()
    tasks = {f"{key} {seed} {number}": (inputs, seed + number) for number in range(resamples)}
    history = history_of(inputs)  # made once, before many ask for it
    results = run_tasks(one_resample, tasks, folder=Path(inputs.cache) / "resamples", step=step)
    table = np.stack([np.frombuffer(result).reshape(len(WORLDS), 2) for result in results])
    passed, ratio = table[:, :, 0].mean(axis=0), np.median(table[:, :, 1], axis=0)
    return ProcessPower(
        made_on=today.isoformat(),
        as_of=inputs.moment[:10],
        seed=seed,
        resamples=resamples,
        months=int(history.following.size),
        trials=inputs.trials,
        inputs=key,
        results=hashlib.sha256(b"".join(results)).hexdigest(),
        worlds=tuple(
            World(ir, float(share), float(np.sqrt(share * (1 - share) / resamples)), float(middle))
            for ir, share, middle in zip(WORLDS, passed, ratio, strict=True)
        ),
    )


def one_resample(inputs: Inputs, seed: int) -> bytes:
    """One resample, as bytes: `allocator.evidence.process.resample` of the worker's own reading of the facts."""
    drawn = resample(history_of(inputs), inputs.judgement, seed=seed, trials=inputs.trials)
    return drawn.astype("<f8").tobytes()


@lru_cache(maxsize=2)
def history_of(inputs: Inputs) -> History:
    """The history that is resampled, read from the snapshot or from what another worker made of it.

    Raises
    ------
    CheckFailed
        Where the snapshot is not the one that was named.
    NoAdvice
        Where too few months are known.
    """
    cache = FolderCache(Path(inputs.cache))
    key = f"history {inputs.key()}"
    if (cached := cache.get(key)) is not None:
        return _unpacked(cached)
    view = snapshot_view(inputs.snapshot, inputs.content, inputs.moment)
    past = month_end_panel(view, inputs.judgement, inputs.regime)
    whole = sample(view, past, inputs.judgement)
    known = np.isfinite(whole.outcome) & (whole.legs >= 0)
    if int(known.sum()) < LEAST_HISTORY:
        raise NoAdvice(f"{int(known.sum())} months have an outcome; resampling needs {LEAST_HISTORY}.")
    history = History(whole.scores[known], whole.phases[known], whole.legs[known], whole.outcome[known])
    cache[key] = _packed(history)
    return history


def _packed(history: History) -> bytes:
    page = io.BytesIO()
    np.savez(page, scores=history.scores, phases=history.phases, legs=history.legs, following=history.following)
    return page.getvalue()


def _unpacked(content: bytes) -> History:
    with np.load(io.BytesIO(content), allow_pickle=False) as part:
        return History(part["scores"], part["phases"], part["legs"], part["following"])


def effective_trials_at(moment: dt.datetime) -> float:
    """The tries that count at `moment`."""
    return float(trials_at(moment).count)
