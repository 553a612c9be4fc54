"""Two tables of counts: by the last move, and by the six-month change of the target."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from regime.features import Rows
from regime.models.challengers.climatology import shares
from regime.models.model import Fitted, Model, Past

MONTHS = np.array([1.0, 3.0, 6.0, 12.0])  # edges of months since the last move
PACE = np.array([-0.25, -0.01, 0.01, 0.25])  # edges of the six-month change, percentage points


@dataclass(frozen=True, slots=True)
class Table:
    """Shares of the phases in each cell (Dirichlet, one count each); shape (cells, 4)."""

    share: np.ndarray
    cell: Callable[[Rows], np.ndarray]

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Shares of each row's cell, shape (n, 4)."""
        return self.share[self.cell(rows)]


def last_move_cell(rows: Rows) -> np.ndarray:
    """Sign of the last move by months since it: ten cells."""
    return np.searchsorted(MONTHS, rows["since"]) + (rows["sign"] > 0) * (MONTHS.size + 1)


def pace_cell(rows: Rows) -> np.ndarray:
    """Six-month change of the target: five cells."""
    return np.searchsorted(PACE, rows["change_6m"])


def _counted(cell: Callable[[Rows], np.ndarray], cells: int) -> Callable[[Past], Fitted]:
    def fit(past: Past) -> Fitted:
        rows, code = past.mature()
        cells_of_rows = cell(rows)
        return Table(np.array([shares(code[cells_of_rows == one]) for one in range(cells)]), cell)

    return fit


LAST_MOVE = Model(
    name="last_move_table",
    says="counts by the sign of the last move and the months since it",
    fit=_counted(last_move_cell, 2 * (MONTHS.size + 1)),
)
PACE_TABLE = Model(
    name="change_table",
    says="counts by the six-month change of the target",
    fit=_counted(pace_cell, PACE.size + 1),
)
