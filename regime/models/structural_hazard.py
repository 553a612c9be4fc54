"""Duration hazard: what the next month brings, iterated until the leg has gone on or eighteen months are over.

Each month either the same-signed move comes, or none, or an opposite one. Hikes and cuts are pooled by the sign of
the last move. The chance that a leg goes on is the chance that its next material move comes first and within
eighteen months of the last, which is how DATE-4 will judge it. Learning needs only the following month, so no
label has to mature first: this is why the model sees the start of a hold sooner than those that need labels.
"""

from dataclasses import dataclass

import numpy as np

from regime.features import Rows
from regime.models.model import Model, Past
from regime.models.softmax import Softmax, fit_softmax
from regime.structure import NEW_LEG, against, over_phases

HORIZON = 18  # months: DATE-4 splits a leg after 548 days
MEMORY = 6  # months of target change that the hazard looks at
LONGEST = 24.0  # months since the last move, capped
PENALTY = 1.0  # ridge on standardised coefficients; fixed in advance
OPPOSITE, NONE, SAME = range(3)


@dataclass(frozen=True, slots=True)
class Hazard:
    """A fitted monthly hazard."""

    monthly: Softmax

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Probability of each phase, shape (n, 4)."""
        onward = self.onward(rows)
        return over_phases(rows, np.where(against(rows), NEW_LEG * onward, onward))

    def month(self, rows: Rows, ahead: int) -> np.ndarray:
        """Chance of an opposite move, none, a same-signed move in the month `ahead` months on; shape (n, 3)."""
        return self.monthly.probabilities(features(rows, ahead=ahead))

    def onward(self, rows: Rows) -> np.ndarray:
        """Chance that the next material move is same-signed and comes within eighteen months of the last; (n,)."""
        quiet, onward = np.ones(rows.size), np.zeros(rows.size)
        for ahead in range(HORIZON):
            chance = self.month(rows, ahead)
            in_time = rows["since"] + ahead < HORIZON
            onward += quiet * chance[:, SAME] * in_time
            quiet *= chance[:, NONE]
        return onward


def features(rows: Rows, *, ahead: int = 0) -> np.ndarray:
    """Signed policy features `ahead` months on if nothing moves until then; shape (n, 4)."""
    since = np.minimum(rows["since"] + ahead, LONGEST)
    left = MEMORY - ahead
    change = rows["sign"] * rows[f"change_{left}m"] if left > 0 else np.zeros(rows.size)
    return np.column_stack([since, np.log1p(since), np.maximum(0.0, 1 - since / HORIZON), change])


def fit(past: Past) -> Hazard:
    """Learn from every month whose successor is over."""
    over = np.isfinite(past.next_move)
    rows = past.rows.take(over)
    outcome = (past.next_move[over] * rows["sign"]).astype(int) + 1
    return Hazard(fit_softmax(features(rows), outcome, classes=3, penalty=PENALTY))


MODEL = Model(
    name="structural_hazard",
    says="monthly hazard of the next move given time since the last, iterated to eighteen months; policy path only",
    fit=fit,
)
