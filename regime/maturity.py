"""Which hindsight labels are final at a moment: the only ones a model may be trained on.

A moving month is final once its leg is confirmed and has moved again (or on the very day it moves). A hold
month is final once the hold has ended in a confirmed leg, or 548 days after the leg's last move; but a hold
month on or after a material move within the hold waits until that move is confirmed as a leg or is itself
548 days old. Under this rule no label of 1983 to 2026 ever changed after it was called final (METHOD 1.2.7).
"""

from dataclasses import dataclass

import numpy as np

from regime.dating import EPSILON, MATERIAL, SPLIT, date_cycle
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


def labels_known(days: np.ndarray, target: np.ndarray, *, asked: np.ndarray, today: np.datetime64) -> Labels:
    """Label `asked` days by the decisions known on `today`, and say which labels are final.

    Parameters
    ----------
    days, target : ndarray, shape (m,)
        Decisions known on `today` (see `signals.policy.target_path`); percent.
    asked : ndarray of datetime64[D], shape (n,)
        Days to label, none after `today`.
    today : datetime64[D]

    Returns
    -------
    Labels
    """
    chronology = date_cycle(days, target)
    code = chronology.labels(asked)
    if not chronology.phases:
        return Labels(code, np.zeros(asked.shape, dtype=bool))
    newest_move = np.datetime64(chronology.phases[-1].last_move, "D")
    open_hold = asked > newest_move
    move = np.diff(target, prepend=target[0])
    within = days[(np.abs(move) >= MATERIAL - EPSILON) & (days > newest_move)]
    young = within[today - within < SPLIT]  # material moves of the open hold that may still become a leg
    settled = (today - newest_move >= SPLIT) & (asked < young[0] if young.size else np.ones(asked.shape, dtype=bool))
    return Labels(code, (code >= 0) & (_MOVING[code] | ~open_hold | settled))
