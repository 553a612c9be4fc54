"""Climatology: how often each phase has been, whatever the moment. The floor every model must clear."""

from dataclasses import dataclass

import numpy as np

from regime.features import Rows
from regime.models.model import Fitted, Model, Past
from regime.phase import PHASES

PRIOR = 1.0  # a count given to each phase before any is seen


@dataclass(frozen=True, slots=True)
class Shares:
    """Share of each phase in the mature past, shape (4,)."""

    share: np.ndarray

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Four shares, the same at every row."""
        return np.tile(self.share, (rows.size, 1))


def fit(past: Past) -> Fitted:
    """Count the mature labels."""
    _, code = past.mature()
    return Shares(shares(code))


def shares(code: np.ndarray) -> np.ndarray:
    """Smoothed shares of the phases in `code`, shape (4,)."""
    counts = np.bincount(code, minlength=len(PHASES)) + PRIOR
    return counts / counts.sum()


MODEL = Model(name="climatology", says="share of each phase in the past, whatever the moment", fit=fit)
