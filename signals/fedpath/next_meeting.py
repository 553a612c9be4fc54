"""What the strip says of the next decision: down, none or up.

A price tells the mean move, not its odds. The move is read as a share of one step of 25 bp, and a little is kept
for the other answers: prices carry a term premium, and decisions surprise.

    x = bp / 25;   up = clip(x, 0, 1);   down = clip(-x, 0, 1);   none = the rest;   p = 0.94 p + 0.02
"""

import numpy as np

STEP_BP = 25.0
LEAST = 0.02  # of each answer, so that no outcome is called impossible
SHARE = 1 - 3 * LEAST


def market_odds(bp: np.ndarray) -> np.ndarray:
    """Chance of down, none and up from the expected move at the next meeting.

    Parameters
    ----------
    bp : ndarray of float64, shape (n,)
        Basis points from the start of the meeting to its end; NaN where the strip does not answer.

    Returns
    -------
    ndarray of float64, shape (n, 3)
        Rows sum to 1; NaN where `bp` is.

    Examples
    --------
    >>> market_odds(np.array([-21.92])).round(4).tolist()
    [[0.8442, 0.1358, 0.02]]
    """
    steps = np.asarray(bp, dtype=np.float64) / STEP_BP
    up, down = np.clip(steps, 0.0, 1.0), np.clip(-steps, 0.0, 1.0)
    return SHARE * np.stack([down, 1.0 - up - down, up], axis=-1) + LEAST
