"""Which hindsight labels are final at a moment: the only ones a model may be trained on.

A moving month is final once its leg is confirmed and has moved again to a new extreme (or on that very day); a
move that resumes the leg without a new extreme can still turn out to lie behind its turning point. A hold
month is final once the hold has ended in a confirmed leg, or 548 days after the leg's last move; but a hold
month on or after a move within the hold waits until that move is confirmed as a leg, or 548 days have passed since
it *and since any later move that follows within 548 days*: such a chain can still become one leg. Under this rule no
label of 1983 to 2026 ever changed after it was called final; it errs on the side of waiting.
"""

from dataclasses import dataclass

import numpy as np

from regime.dating import SPLIT, date_cycle
from regime.phase import PHASES, Phase

_MOVING = np.array([phase in (Phase.HIKE, Phase.EASE) for phase in PHASES])


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of some days as they were dated at one moment.

    Attributes
    ----------
    code : ndarray of int8, shape (n,)
        Index into `PHASES`; -1 before the first phase.
    mature : ndarray of bool, shape (n,)
        True where later knowledge cannot change the label.
    """

    code: np.ndarray
    mature: np.ndarray


def labels_known(days: np.ndarray, target: np.ndarray, *, label_days: np.ndarray, today: np.datetime64) -> Labels:
    """Label `label_days` by the decisions known on `today`, and say which labels are final.

    Parameters
    ----------
    days, target : ndarray, shape (m,)
        Decisions known on `today` (see `signals.derived.policy_rate.target_path`); percent.
    label_days : ndarray of datetime64[D], shape (n,)
        Days to label, none after `today`.
    today : datetime64[D]

    Returns
    -------
    Labels
    """
    chronology = date_cycle(days, target)
    code = chronology.labels(label_days)
    if not chronology.phases:
        return Labels(code, np.zeros(label_days.shape, dtype=bool))
    newest = chronology.phases[-1]
    first_move, last_move = np.datetime64(newest.first_move, "D"), np.datetime64(newest.last_move, "D")
    of_leg = (days >= first_move) & (days <= last_move)
    extreme = days[of_leg][np.argmax(newest.direction * target[of_leg])]  # the leg is sure to reach this far
    open_hold = label_days > last_move
    within = days[days > extreme]  # decisions since, each of which may still become part of another leg
    settled = np.full(label_days.shape, today - last_move >= SPLIT)
    if within.size and today - within[-1] < SPLIT:
        chain = np.flatnonzero(np.diff(within) > SPLIT)
        settled &= label_days < within[chain[-1] + 1 if chain.size else 0]
    reached = (label_days <= extreme) | (label_days < first_move)
    return Labels(code, (code >= 0) & np.where(_MOVING[code], reached, ~open_hold | settled))
