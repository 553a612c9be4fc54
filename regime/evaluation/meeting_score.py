"""How good the forecasts of the next decision are: up, none or down, by the model and by the market."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from regime.evaluation.scores import log_losses
from regime.evaluation.window import EvaluationWindow
from regime.features import INPUTS, rows
from regime.transitions import fit_next_meeting, next_meeting
from regime.walk_forward import fit_moments, past
from signals.asof import AsOf
from signals.calendars import cut, in_utc, meetings, previous_session
from signals.derived.policy_rate import target_path
from signals.fedpath.features import moves_at
from signals.fedpath.meetings import FIRST_DAY
from signals.fedpath.next_meeting import market_odds
from signals.growing import code_of, growing_table
from signals.new_york import instant

CLASSES = 3  # down, none, up


@dataclass(frozen=True, slots=True)
class MeetingScore:
    """Log scores of the next decision, mean nats.

    Attributes
    ----------
    n : int
        Meetings forecast.
    log_score : float
    frequency_log_score : float
        Of the shares of down, none and up themselves, known in hindsight: a hard rival.
    """

    n: int
    log_score: float
    frequency_log_score: float


def score_next_meeting(view: AsOf, which: EvaluationWindow) -> MeetingScore:
    """Score the forecast made at 18:00 of each scheduled meeting of the window for the next one in it."""
    scheduled = {meeting.date for meeting in meetings() if meeting.scheduled}
    scheduled_days = [day for day in which.meetings if day in scheduled]
    if len(scheduled_days) < 2:  # noqa: PLR2004 - nothing to ask for
        return MeetingScore(0, float("nan"), float("nan"))
    chance = np.array([_model_odds(view.at(cut(day)), view) for day in scheduled_days[:-1]])
    truth = _decided(view, scheduled_days[1:])
    share = np.bincount(truth, minlength=CLASSES) / truth.size
    known = share[share > 0]
    return MeetingScore(truth.size, float(log_losses(chance, truth).mean()), float(-(known * np.log(known)).sum()))


@dataclass(frozen=True, slots=True)
class MeetingRecord:
    """Log scores of model and market on the same meetings, mean nats; small is good.

    Attributes
    ----------
    n : int
        Scheduled meetings that both forecast.
    first, last : datetime.date or None
        The first and the last of them.
    model, market : float
        NaN where there is none.
    """

    n: int
    first: dt.date | None
    last: dt.date | None
    model: float
    market: float


def meeting_record(view: AsOf, *, first: dt.date = FIRST_DAY, last: dt.date | None = None) -> MeetingRecord:
    """Who has been right so far, both asked at the cut of the session before each decision.

    Parameters
    ----------
    view : AsOf
    first, last : datetime.date
        Meetings in between count; by default all from 1994 to the view's moment.
    """
    decision_days = [m.date for m in meetings() if m.scheduled and m.date >= first and m.announced <= view.moment]
    decision_days = [day for day in decision_days if last is None or day <= last]
    eves = [cut(previous_session(day)) for day in decision_days]
    market = market_odds(moves_at(view, np.array([instant(eve) for eve in eves], "datetime64[us]")).bp["next"])
    priced = np.flatnonzero(np.isfinite(market).all(axis=1)) if decision_days else np.empty(0, dtype=np.int64)
    if not priced.size:
        return MeetingRecord(0, None, None, float("nan"), float("nan"))
    model = _walked_odds(view, [eves[position] for position in priced])
    truth = _decided(view, [decision_days[position] for position in priced])
    return MeetingRecord(
        n=int(priced.size),
        first=decision_days[priced[0]],
        last=decision_days[priced[-1]],
        model=float(log_losses(model, truth).mean()),
        market=float(log_losses(market[priced], truth).mean()),
    )


def _decided(view: AsOf, days: list[dt.date]) -> np.ndarray:
    """What was decided on each of `days`: 0 down, 1 none, 2 up."""
    moved, target = target_path(view)
    signs = dict(zip(moved.tolist(), np.sign(np.diff(target, prepend=target[0])), strict=True))
    return np.array([int(signs.get(day, 0)) + 1 for day in days])


def _walked_odds(view: AsOf, eves: list[dt.datetime]) -> np.ndarray:
    """`_model_odds` at past moments, shape (n, 3); kept where the view keeps tables."""
    moments = np.array(in_utc(eves), dtype="datetime64[us]")
    by_instant = dict(zip(moments.tolist(), eves, strict=True))

    def compute(missing: np.ndarray) -> np.ndarray:
        return np.array([_model_odds(view.at(by_instant[at]), view) for at in missing.tolist()])

    name = f"next meeting odds {code_of('signals', 'regime')}"
    return growing_table(view, name, INPUTS, moments, compute, width=CLASSES)


def _model_odds(then: AsOf, view: AsOf) -> np.ndarray:
    """The model's answer at a past moment, with the parameters of that time."""
    at_fit = view.at(fit_moments(then.moment)[-1])
    hazard = at_fit.remember("next meeting hazard", lambda: fit_next_meeting(past(at_fit)))
    return next_meeting(hazard, rows(then, [then.moment]))[0]
