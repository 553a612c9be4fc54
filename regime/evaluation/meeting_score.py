"""How good the forecast of the next decision is: up, none or down, asked on each meeting day for the one after."""

from dataclasses import dataclass

import numpy as np

from regime.evaluation.scores import log_losses
from regime.evaluation.window import Season
from regime.features import rows
from regime.transitions import next_meeting
from regime.walk_forward import fit_moments, past
from signals.asof import AsOf
from signals.calendars import cut, meetings
from signals.derived.policy_rate import target_path

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


def score_next_meeting(view: AsOf, which: Season) -> MeetingScore:
    """Score the forecast made at 18:00 of each scheduled meeting of the season for the next one in it."""
    scheduled = {meeting.date for meeting in meetings() if meeting.scheduled}
    held = [day for day in which.meetings if day in scheduled]
    if len(held) < 2:  # noqa: PLR2004 - nothing to ask for
        return MeetingScore(0, float("nan"), float("nan"))
    chance = np.array([_asked(view.at(cut(day)), view) for day in held[:-1]])
    days, target = target_path(view)
    moves = dict(zip(days.tolist(), np.sign(np.diff(target, prepend=target[0])), strict=True))
    truth = np.array([int(moves.get(day, 0)) + 1 for day in held[1:]])
    share = np.bincount(truth, minlength=CLASSES) / truth.size
    known = share[share > 0]
    return MeetingScore(truth.size, float(log_losses(chance, truth).mean()), float(-(known * np.log(known)).sum()))


def _asked(then: AsOf, view: AsOf) -> np.ndarray:
    fitted = past(view.at(fit_moments(then.moment)[-1]))
    return next_meeting(fitted, rows(then, [then.moment]))[0]
