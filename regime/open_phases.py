"""The structure that makes the difference: the known path leaves only two phases open.

Case A: the last material move went with the confirmed leg. Either the leg goes on, or its hold has begun.
Case B: the last material move went against it. Either a new leg has begun, or it is still the old hold.
"""

import numpy as np

from regime.dating import HOLD, MOVING
from regime.features import Rows
from regime.phase import PHASES

SPREAD = 0.01  # probability spread over all four phases: paths the structure does not foresee; pre-registered
NEW_LEG = 0.8  # prior that a first opposite move begins a new leg (case B); pre-registered
_MOVING = {sign: PHASES.index(phase) for sign, phase in MOVING.items()}
_HOLD = {sign: PHASES.index(phase) for sign, phase in HOLD.items()}


def against(rows: Rows) -> np.ndarray:
    """Whether the last material move went against the confirmed leg (case B); shape (n,)."""
    return rows["sign"] != rows["direction"]


def open_phases(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Index of the moving phase and of the hold that are open at each row; two int arrays of shape (n,)."""
    moving = np.where(rows["sign"] > 0, _MOVING[1], _MOVING[-1])
    hold = np.where(rows["direction"] > 0, _HOLD[1], _HOLD[-1])
    return moving, hold


def over_phases(rows: Rows, moving: np.ndarray) -> np.ndarray:
    """Four probabilities from the probability that the moving phase is on.

    Parameters
    ----------
    rows : Rows
        n rows.
    moving : ndarray, shape (n,)
        Probability of the moving phase among the two open ones, 0 to 1.

    Returns
    -------
    ndarray, shape (n, 4)
        In `PHASES` order; every phase keeps at least a quarter of `SPREAD`.
    """
    row = np.arange(rows.size)
    out = np.full((rows.size, len(PHASES)), SPREAD / len(PHASES))
    moving_phase, hold_phase = open_phases(rows)
    out[row, moving_phase] += (1 - SPREAD) * moving
    out[row, hold_phase] += (1 - SPREAD) * (1 - moving)
    return out
