"""The power of the verdict, by resampling the whole process on as many machines as there are.

Workers are told where the snapshot of the facts is and what its content must be, never the facts themselves. The
history that the method lives through is made from the snapshot once, by whoever is first, and kept in a folder under
a key of everything that it depends on.

A table is named by what was asked (`Inputs.key`: facts, moment, settings, tries), so that the shipped one can be
compared with any other of the same question; what is kept on the way is named by the code as well, so that a result of
another version is computed again and never mixed in.
"""

import datetime as dt
import hashlib
import io
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from allocator.evidence.process import WORLDS, History, resample
from allocator.evidence.trials import trials_at
from allocator.settings import Judgement
from allocator.track_record import month_end_panel, sample
from captilt.contract.process_power import ProcessPower, World, settings_key
from captilt.operations.disk_cache import FolderCache
from captilt.parallel import Step, run_tasks, worker_code
from captilt.studies.snapshot_view import snapshot_view
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.errors import CheckFailed, NoAdvice

if TYPE_CHECKING:
    from captilt.context import Desk

LEAST_HISTORY = 240  # months: fewer say nothing of power


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a resample depends on but its seed.

    Attributes
    ----------
    snapshot : str
        File of the facts, as workers find it: an absolute path.
    content : str
        What its content must be (`Snapshot.content`).
    cache : str
        Folder in which workers keep what they share: an absolute path.
    moment : str
        ISO instant of the view.
    judgement, regime : settings
    trials : float
        Tries that the deflated Sharpe ratio counts.
    own_code : str
        Code of the user's own signals in the forecast, which workers do not know; they read the history that was made
        with them from `cache`.

    Raises
    ------
    ValueError
        Where a path is relative: workers start in other folders.
    """

    snapshot: str
    content: str
    cache: str
    moment: str
    judgement: Judgement
    regime: RegimeSettings
    trials: float
    own_code: str = ""

    def __post_init__(self) -> None:
        if not (Path(self.snapshot).is_absolute() and Path(self.cache).is_absolute()):
            raise ValueError(f"{self.snapshot} and {self.cache} must be absolute: workers start in other folders")

    def settings(self) -> str:
        """Hash of the settings that a resample depends on."""
        return settings_key(self.judgement, self.regime, self.own_code)

    def key(self) -> str:
        """Hash of everything but the code and where things are."""
        parts = (self.content, self.moment, self.settings(), self.trials)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def inputs_of(desk: "Desk", view: AsOf) -> Inputs:
    """What a resample depends on, at the view's moment; the snapshot is the one beside the desk's store.

    With signals of the user's own in the forecast the history is made here, where they are known.
    """
    judgement, regime = desk.settings.judgement, desk.settings.regime
    inputs = Inputs(
        snapshot=str(desk.store.columns.resolve()),
        content=desk.store.content(),
        cache=str((desk.home / "cache" / "process").resolve()),
        moment=view.moment.isoformat(),
        judgement=replace(judgement, own=()),
        regime=regime,
        trials=trials_at(view.moment, listed=judgement.forecast.signals).count,
        own_code=judgement.own_code,
    )
    if inputs.own_code:
        _made_once(inputs, judgement)
    return inputs


def process_power(
    inputs: Inputs, *, resamples: int, seed: int, today: dt.date, step: Step = lambda _done, _of: None
) -> ProcessPower:
    """The table of `resamples` histories, on the engine of the caller's ``joblib.parallel_config``.

    Raises
    ------
    ValueError
        Where there is nothing to resample, or a seed is negative.
    """
    if resamples < 1 or seed < 0:
        raise ValueError(f"{resamples} resamples from seed {seed}: at least one, and no seed below zero")
    return table_of(results_of(inputs, resamples=resamples, seed=seed, step=step), inputs, seed=seed, today=today)


def results_of(inputs: Inputs, *, resamples: int, seed: int, step: Step = lambda _done, _of: None) -> tuple[bytes, ...]:
    """`one_resample` of every seed from `seed` on."""
    key = inputs.key()
    tasks = {f"{key} {own}": (inputs, own) for own in range(seed, seed + resamples)}
    history_of(inputs)  # made once, before many ask for it
    return run_tasks(one_resample, tasks, folder=Path(inputs.cache) / "resamples", step=step)


def table_of(results: tuple[bytes, ...], inputs: Inputs, *, seed: int, today: dt.date) -> ProcessPower:
    """The table that results amount to."""
    table = np.stack([np.frombuffer(result).reshape(len(WORLDS), 2) for result in results])
    passed, ratio = table[:, :, 0].mean(axis=0), np.median(table[:, :, 1], axis=0)
    return ProcessPower(
        made_on=today.isoformat(),
        as_of=inputs.moment[:10],
        seed=seed,
        resamples=len(results),
        months=int(history_of(inputs).following.size),
        trials=inputs.trials,
        settings=inputs.settings(),
        inputs=inputs.key(),
        results=hashlib.sha256(b"".join(results)).hexdigest(),
        worlds=tuple(
            World(ir, float(share), _rounded(np.sqrt(share * (1 - share) / len(results))), _rounded(middle))
            for ir, share, middle in zip(WORLDS, passed, ratio, strict=True)
        ),
    )


def _rounded(value: float) -> float:
    """To ten decimals, as a run is recorded, so that both show the same table."""
    return round(float(value), 10)


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
        Where the snapshot is missing, damaged or not the one that was named, or where the history needs signals of the
        user's own and is not in the cache folder.
    NoAdvice
        Where too few months are known.
    """
    return _made_once(inputs, inputs.judgement)


def _made_once(inputs: Inputs, judgement: Judgement) -> History:
    """The history of `inputs`, from the cache folder or by the signals of `judgement`."""
    cache = FolderCache(Path(inputs.cache))
    key = f"history {worker_code()} {inputs.key()}"
    if (cached := cache.get(key)) is not None:
        return _unpacked(cached)
    if inputs.own_code != judgement.own_code:
        raise CheckFailed(
            f"{inputs.cache} holds no history, and a worker knows no signals of your own to make one.",
            remedy="Put the cache folder where every worker finds it.",
        )
    view = snapshot_view(inputs.snapshot, inputs.content, inputs.moment)
    past = month_end_panel(view, judgement, inputs.regime)
    whole = sample(view, past, judgement)
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
