"""The league: every model walked forward over the same months and meetings, scored against hindsight.

1. Month-end forecasts give log score, Brier score, accuracy, calibration, and the score three months ahead.
2. Forecasts at 18:00 of every meeting day give the delay per turning point and the false alarms.
3. Truth is DATE-4 as known at the view's moment; months whose label is not final then are left out.
4. Intervals and tests take whole phases as the unit.
Choices were made on 1995-2007; both halves are always shown.
"""

import datetime as dt
import hashlib
import importlib.util
import json
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace

import numpy as np

from regime.evaluation.scores import (
    Detection,
    accuracy,
    block_interval,
    blocks,
    brier_losses,
    calibration_error,
    detections,
    difference_error,
    false_alarms,
    log_losses,
    median_delay,
    sign_test,
)
from regime.evaluation.window import EvaluationWindow, evaluation_window
from regime.features import INPUTS
from regime.models import BASELINES, BY_NAME, MODELS
from regime.models.model import FailedFit, Model
from regime.phase import Phase
from regime.settings import RegimeSettings
from regime.transitions import transitions
from regime.walk_forward import learned, past, walk
from signals.asof import AsOf
from signals.calendars import cut
from signals.errors import NoAdvice
from signals.growing import code_of

REPETITIONS = 2_000  # of the block bootstrap
SEED = 20261122
DECADE = 3652.5  # days
HOLDS = (Phase.HOLD_AFTER_HIKE, Phase.HOLD_AFTER_EASE)
MOVES = (Phase.HIKE, Phase.EASE)
Cache = MutableMapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What one model forecasts: at month-ends, three months ahead of them, and on meeting days; each (n, 4)."""

    months: np.ndarray
    ahead: np.ndarray
    meetings: np.ndarray


@dataclass(frozen=True, slots=True)
class ModelScore:
    """One line of the league.

    Attributes
    ----------
    log_score, log_score_early, log_score_late : float
        Mean nats, all months and the two halves (NaN where a half is empty); small is good.
    interval : tuple of float
        95 % of `log_score`, resampling whole phases.
    brier : float
        Sum form, 0 to 2.
    calibration_error : float
        Class-wise, ten bins of equal mass.
    ahead_3m_log_score : float
    hold_delay, move_delay : float or None
        Median meetings until a hold, or a leg, is seen; None for never.
    against : mapping
        Other model to (phases won, phases, p, mean difference in nats, its standard error).
    """

    model: str
    says: str
    log_score: float
    log_score_early: float
    log_score_late: float
    interval: tuple[float, float]
    brier: float
    accuracy: float
    calibration_error: float
    ahead_3m_log_score: float
    hold_delay: float | None
    move_delay: float | None
    detections: tuple[Detection, ...]
    false_alarms_per_decade: float
    against: Mapping[str, tuple[int, int, float, float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class League:
    """Every model's scores over one window; `missing` maps models that could not be walked to why."""

    window: EvaluationWindow
    scores: tuple[ModelScore, ...]
    forecasts: Mapping[str, Forecasts]
    missing: Mapping[str, str]
    default: str


def missing_package(model: Model) -> str:
    """Why the model cannot be walked here; empty if it can."""
    if model.package and importlib.util.find_spec(model.package) is None:
        return f"the package {model.package} is not installed (pip install 'captilt[models]')"
    return ""


def walk_model(view: AsOf, model: Model, which: EvaluationWindow) -> Forecasts:
    """Walk one model forward over the window."""
    moments = [cut(day) for day in which.months]
    now = walk(view, moments, model)
    onward = np.array([_onward(view.at(moment), model) for moment in moments])
    ahead = np.einsum("np,npq->nq", now, onward)
    return Forecasts(now, ahead, walk(view, [cut(day) for day in which.meetings], model))


def _onward(view: AsOf, model: Model) -> np.ndarray:
    then = view.at(learned(view, model).moment)
    return then.remember("regime transitions", lambda: transitions(past(then)))


def score_model(model: Model, forecasts: Forecasts, which: EvaluationWindow) -> ModelScore:
    """Score one model."""
    losses = log_losses(forecasts.months, which.month_truth)
    early = which.early
    known = which.later_truth >= 0
    delays = detections(forecasts.meetings, which.meeting_truth, np.array(which.meetings, dtype="datetime64[D]"))
    days = (which.meetings[-1] - which.meetings[0]).days
    return ModelScore(
        model=model.name,
        says=model.says,
        log_score=float(losses.mean()),
        log_score_early=_mean(losses[early]),
        log_score_late=_mean(losses[~early]),
        interval=block_interval(losses, blocks(which.month_truth), repetitions=REPETITIONS, seed=SEED),
        brier=float(brier_losses(forecasts.months, which.month_truth).mean()),
        accuracy=accuracy(forecasts.months, which.month_truth),
        calibration_error=calibration_error(forecasts.months, which.month_truth),
        ahead_3m_log_score=_mean(log_losses(forecasts.ahead[known], which.later_truth[known])),
        hold_delay=median_delay(delays, HOLDS),
        move_delay=median_delay(delays, MOVES),
        detections=delays,
        false_alarms_per_decade=false_alarms(forecasts.meetings, which.meeting_truth) / max(days / DECADE, 1e-9),
    )


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def against(
    forecasts: Mapping[str, Forecasts], which: EvaluationWindow, name: str
) -> dict[str, tuple[int, int, float, float, float]]:
    """Sign test and mean difference of one model against every baseline that was walked."""
    block = blocks(which.month_truth)
    mine = log_losses(forecasts[name].months, which.month_truth)
    out = {}
    for other in BASELINES:
        if other in forecasts and other != name:
            theirs = log_losses(forecasts[other].months, which.month_truth)
            out[other] = (
                *sign_test(mine, theirs, block),
                float((mine - theirs).mean()),
                difference_error(mine, theirs, block),
            )
    return out


def league(
    view: AsOf,
    first: dt.date,
    last: dt.date,
    settings: RegimeSettings,
    *,
    cache: Cache | None = None,
    report_progress: Callable[[str], None] = lambda _: None,
) -> League:
    """Every model over [first, last]; best log score first.

    Parameters
    ----------
    view : AsOf
    first, last : datetime.date
        The first 1995-01-01 or later.
    settings : RegimeSettings
        Names the default.
    cache : mapping, optional
        From data hash and specification to forecasts already made, by whatever process.
    report_progress : callable
        Called with each model's name when it is done.
    """
    which = evaluation_window(view, first, last)
    missing = {model.name: why for model in MODELS if (why := missing_package(model))}
    stored = {} if cache is None else cache
    forecasts: dict[str, Forecasts] = {}
    for name in (model.name for model in MODELS if model.name not in missing):
        own = key(view, which, name)
        if own not in stored:
            stored[own] = frozen(walk_or_fail(view, name, which))
        outcome = thawed(stored[own])
        if isinstance(outcome, FailedFit):
            missing[name] = outcome.reason
        else:
            forecasts[name] = outcome
        report_progress(name)
    scores = [
        replace(score_model(BY_NAME[name], forecasts[name], which), against=against(forecasts, which, name))
        for name in forecasts
    ]
    return League(which, tuple(sorted(scores, key=lambda row: row.log_score)), forecasts, missing, settings.model)


def frozen(outcome: Forecasts | FailedFit) -> bytes:
    """Forecasts, or why there are none, as bytes."""
    if isinstance(outcome, FailedFit):
        return json.dumps({"failed": outcome.reason}).encode()
    return json.dumps({part: getattr(outcome, part).tolist() for part in Forecasts.__slots__}).encode()


def thawed(stored: bytes) -> Forecasts | FailedFit:
    """What `frozen` was given."""
    fields = json.loads(stored)
    if "failed" in fields:
        return FailedFit(fields["failed"])
    return Forecasts(**{part: np.array(rows) for part, rows in fields.items()})


def walk_or_fail(view: AsOf, name: str, which: EvaluationWindow) -> Forecasts | FailedFit:
    """Forecasts of a model, or why it failed."""
    try:
        return walk_model(view, BY_NAME[name], which)
    except NoAdvice as fault:
        return FailedFit(str(fault))


def key(view: AsOf, which: EvaluationWindow, name: str) -> str:
    """Hash of data and specification: the facts, the months asked for, the model, this code and its libraries."""
    digest = hashlib.sha256()
    code = code_of("signals", "regime")
    for part in (view.fingerprint(INPUTS), name, repr(which.months), repr(which.meetings), code):
        digest.update(part.encode())
    return digest.hexdigest()
