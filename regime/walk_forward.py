"""The walk forward: what each model would have said at each moment, with what was known then.

Models learn at the month-end cuts of January and July, from the facts known at that cut; between them the last
parameters speak. Both the fits and the rows are remembered by the view, so a later moment costs only itself.
"""

import bisect
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from regime.dating import EPSILON, MATERIAL
from regime.features import FIRST_MONTH, INPUTS, WORTH_A_TABLE, Rows, monthly, rows
from regime.maturity import labels_known
from regime.models import named
from regime.models.model import Degenerate, Expert, FailedFit, Fitted, Model, Past
from regime.phase import PHASES
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.calendars import CUT, LAST_YEAR, cut, day_of, in_utc, instants, month_end_sessions
from signals.derived.policy_rate import target_path
from signals.errors import NoAdvice
from signals.growing import code_of, growing_table

FIRST_FORECAST = dt.date(1990, 1, 1)  # out-of-sample forecasts that pools and calibration learn from start here
REFIT_MONTHS = (1, 7)  # fits at the last cut of January and of July (METHOD 1.3)
CERTAIN = 1e-6  # how far four probabilities may be from summing to one


@dataclass(frozen=True, slots=True)
class Learned:
    """A fitted model, with the moment of its knowledge and why an intended newer fit is missing."""

    fitted: Fitted
    moment: dt.datetime
    degraded: str = ""


def past(view: AsOf) -> Past:
    """All that may be learned from at the view's moment."""
    return view.remember("regime past", lambda: _past(view))


def _past(view: AsOf) -> Past:
    month_ends = monthly(view)
    month_ends = month_ends.take(np.isfinite(month_ends["direction"]))
    days, target = target_path(view)
    labels = labels_known(days, target, label_days=month_ends.days, today=np.datetime64(day_of(view.moment), "D"))
    return Past(
        month_ends,
        labels,
        _next_move(days, target, month_ends.days),
        lambda name: _expert(view, month_ends, named(name)),
    )


def _expert(view: AsOf, month_ends: Rows, model: Model) -> Expert:
    """Another model as it stands at the view's moment, with what it has said so far."""
    forecasts = np.full((month_ends.size, len(PHASES)), np.nan)
    first = int(np.searchsorted(month_ends.days, np.datetime64(FIRST_FORECAST, "D")))
    days = month_ends.days[first:]
    cuts = list(instants(days, CUT))
    known = view.recall(cuts, _answers_of(model))
    for row, (at, day) in enumerate(zip(cuts, days.tolist(), strict=True), start=first):
        forecasts[row] = known[at] if at in known else at_moment(view.at(cut(day)), model)
    return Expert(learned(view, model).fitted, forecasts)


def _answers_of(model: Model) -> tuple[str, str]:
    """What views keep the model's probabilities under."""
    return "regime probabilities", model.name


def _next_move(days: np.ndarray, target: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Sign of the first material move after each month-end, up to the next; NaN at the last."""
    move = np.diff(target, prepend=target[0])
    material = np.abs(move) >= MATERIAL - EPSILON
    when, sign = days[material], np.sign(move[material])
    out = np.full(ends.size, np.nan)
    if ends.size > 1:
        first_move = np.searchsorted(when, ends[:-1], side="right")
        there = first_move < when.size
        inside = np.zeros(ends.size - 1, dtype=bool)
        inside[there] = when[first_move[there]] <= ends[1:][there]
        out[:-1] = np.where(inside, sign[np.minimum(first_move, when.size - 1)], 0.0)
    return out


def fit_moments(last: dt.datetime) -> tuple[dt.datetime, ...]:
    """Moments up to `last` at which models learn, oldest first."""
    every = _every_fit_moment()
    return every[: bisect.bisect_right(every, last)]


@cache
def _every_fit_moment() -> tuple[dt.datetime, ...]:
    days = month_end_sessions(FIRST_MONTH, dt.date(LAST_YEAR, 1, 1))
    return tuple(cut(day) for day in days if day.month in REFIT_MONTHS)


def learned(view: AsOf, model: Model) -> Learned:
    """Newest valid fit of `model` at the view's moment.

    A fit that fails, or whose answer for the present is not a probability, is replaced by the one before it and the
    result says so.

    Raises
    ------
    NoAdvice
        Where no fit up to the moment is valid.
    """
    faults: list[str] = []
    for moment in reversed(fit_moments(view.moment)):
        then = view.at(moment)
        fit = then.remember(("regime fit", model.name), lambda then=then: attempt(model, past(then)))
        if not isinstance(fit, FailedFit):
            why = f"{model.name} could not be fitted at {faults[0]}" if faults else ""
            return Learned(fit, moment, why and f"{why}; parameters of {day_of(moment)} are used")
        faults.append(f"{day_of(moment)} ({fit.reason})")
    raise NoAdvice(
        f"{model.name} has no valid parameters at {day_of(view.moment)}: {faults[:1] or 'no target path before it'}.",
        remedy="Check the series fomc:target with `captilt data status`.",
    )


def attempt(model: Model, known: Past) -> Fitted | FailedFit:
    """Fit and check; a failure comes back as a value, so that it too is remembered."""
    if not known.rows.size:
        return FailedFit("no rows")
    try:
        fitted = model.fit(known)
        checked(fitted.probabilities(known.rows))
    except (Degenerate, ValueError, ArithmeticError, np.linalg.LinAlgError) as fault:
        return FailedFit(f"{type(fault).__name__}: {fault}")
    return fitted


def checked(probabilities: np.ndarray) -> np.ndarray:
    """Pass the array on if every row is a probability distribution over the four phases."""
    good = np.isfinite(probabilities).all() and (probabilities >= 0).all()
    if not good or np.abs(probabilities.sum(axis=1) - 1).max(initial=0.0) > CERTAIN:
        raise Degenerate("the answer is not a probability distribution")
    return probabilities


def probabilities(view: AsOf, moments: Sequence[dt.datetime], settings: RegimeSettings) -> np.ndarray:
    """Walk-forward probabilities of the four phases at each of `moments`.

    Parameters
    ----------
    view : AsOf
    moments : sequence of aware datetime
        None later than the view's moment; 1995 or later for a fit with a dozen years behind it.
    settings : RegimeSettings
        Names the model.

    Returns
    -------
    ndarray, shape (n, 4)
        In `PHASES` order, rows summing to 1. Row i depends on the facts known at ``moments[i]`` alone.
    """
    return walk(view, moments, named(settings.model))


def walk(view: AsOf, moments: Sequence[dt.datetime], model: Model) -> np.ndarray:
    """`probabilities` for any model of the registry."""
    by_instant = dict(zip(in_utc(moments), moments, strict=True))

    def compute(missing: np.ndarray) -> np.ndarray:
        return np.array([at_moment(view.at(by_instant[at]), model) for at in missing])

    at = np.array(list(by_instant), dtype="datetime64[us]")
    if len(by_instant) < WORTH_A_TABLE:
        table = compute(at).reshape(len(by_instant), len(PHASES))
    else:
        name = f"regime probabilities {model.name} {code_of('signals', 'regime')}"
        table = growing_table(view, name, INPUTS, at, compute, width=len(PHASES))
    row_of = {instant: row for row, instant in enumerate(by_instant)}
    return table[[row_of[instant] for instant in in_utc(moments)]].reshape(len(moments), len(PHASES))


def at_moment(view: AsOf, model: Model) -> np.ndarray:
    """Four probabilities at the view's moment, shape (4,)."""
    return view.remember(_answers_of(model), lambda: _at_moment(view, model))


def _at_moment(view: AsOf, model: Model) -> np.ndarray:
    now = rows(view, [view.moment])
    return checked(learned(view, model).fitted.probabilities(now))[0]
