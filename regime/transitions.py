"""What comes next: the phase in three months, and the decision of the next meeting.

The phase ahead follows from the phase now by transitions counted in the mature past, hikes and cuts pooled: a
moving phase goes on, turns to its hold, or reverses; a hold lasts, resumes, or reverses. The next decision comes
from the monthly hazard, which sees the same moves without waiting for labels.
"""

import numpy as np

from regime.features import Rows
from regime.models import structural_hazard
from regime.models.model import Past
from regime.models.structural_hazard import Hazard
from regime.phase import PHASES

MONTHS = 3  # how far ahead
PRIOR = 1.0  # a count given to each of the four transitions before any is seen
_MIRROR = np.array([2, 3, 0, 1])  # HIKE and EASE, and their holds, exchange places


def transitions(known: Past) -> np.ndarray:
    """Chance of each phase three months on, given the phase now; shape (4, 4), rows sum to 1.

    Counted over pairs of month-ends whose labels are both mature, and their mirror images.
    """
    code, mature = known.labels.code, known.labels.mature
    pairs = mature[:-MONTHS] & mature[MONTHS:]
    now, then = code[:-MONTHS][pairs], code[MONTHS:][pairs]
    counts = np.full((len(PHASES), len(PHASES)), PRIOR)
    np.add.at(counts, (now, then), 1.0)
    np.add.at(counts, (_MIRROR[now], _MIRROR[then]), 1.0)
    return counts / counts.sum(axis=1, keepdims=True)


def fit_next_meeting(known: Past) -> Hazard:
    """What the past teaches about the next decision."""
    return structural_hazard.fit_with_bound(known)


def next_meeting(hazard: Hazard, rows: Rows) -> np.ndarray:
    """Chance of down, none, up at the next decision; shape (n, 3).

    The monthly hazard speaks of same-signed and opposite moves; the sign of the last move turns that into up or down.
    """
    month = hazard.months(rows, 1)[0]
    return np.where(rows["sign"][:, None] > 0, month, month[:, ::-1])
