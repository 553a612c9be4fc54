"""Two rules without a model that any model must beat: they know the structure and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from regime.features import Rows
from regime.models.model import Fitted, Model, Past
from regime.open_phases import over_phases

EDGES = np.array([3.0, 18.0])  # months since the last move
STEPS = np.array([0.9, 0.5, 0.1])  # chance that the leg goes on before, between and after the edges


@dataclass(frozen=True, slots=True)
class Rule:
    """A fixed chance that the moving phase is on, as a function of the row."""

    moving: Callable[[Rows], np.ndarray]

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Share all but the spread between the two open phases."""
        return over_phases(rows, self.moving(rows))


def even(rows: Rows) -> np.ndarray:
    """One half."""
    return np.full(rows.size, 0.5)


def stepped(rows: Rows) -> np.ndarray:
    """0.9, 0.5 or 0.1 by months since the last move."""
    return STEPS[np.searchsorted(EDGES, rows["since"])]


def _unlearned(moving: Callable[[Rows], np.ndarray]) -> Callable[[Past], Fitted]:
    return lambda _: Rule(moving)


COIN_TOSS = Model(name="coin_toss", says="the two open phases, half each", fit=_unlearned(even))
THREE_STEPS = Model(
    name="three_steps",
    says="0.9, 0.5 or 0.1 that the leg goes on, within 3, 18 or more months of the last move",
    fit=_unlearned(stepped),
)
