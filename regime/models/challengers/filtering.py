"""What hidden-state models share: a filter that goes on after the fit, and a table from states to phases.

Only filtered probabilities are used: the smoothed ones of a library look at the months after. A state has no name;
what it means is counted from mature labels, so that a relabelling of states between fits changes nothing.
"""

from dataclasses import dataclass

import numpy as np

from regime.features import DAYS_PER_MONTH, Rows
from regime.models.model import Degenerate, Past
from regime.phase import PHASES

PRIOR = 0.5  # months granted to each phase in each state


@dataclass(frozen=True, slots=True)
class Filtered:
    """A hidden-state model after its last fit.

    Attributes
    ----------
    columns : tuple of str
        Observed features.
    mean, deviation : ndarray, shape (states, k)
        Of the observations in each state.
    moves : ndarray, shape (states, states)
        Monthly transition matrix, rows sum to 1.
    last : ndarray, shape (states,)
        Filtered state probabilities at the last training month.
    day : datetime64[D]
        That month.
    meaning : ndarray, shape (states, 4)
        Share of each phase in each state.
    """

    columns: tuple[str, ...]
    mean: np.ndarray
    deviation: np.ndarray
    moves: np.ndarray
    last: np.ndarray
    day: np.datetime64
    meaning: np.ndarray

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Probability of each phase, shape (n, 4), filtered.

        The state moves on by whole months since the fit and meets the row's own observation; features that look
        back six and twelve months carry what happened in between.
        """
        likely = likelihood(observed(rows, self.columns), self.mean, self.deviation)
        months = np.round((rows.days - self.day) / np.timedelta64(1, "D") / DAYS_PER_MONTH).astype(int)
        prior = np.array([self.last @ np.linalg.matrix_power(self.moves, max(0, int(gone))) for gone in months])
        state = prior * likely
        return (state / state.sum(axis=1, keepdims=True)) @ self.meaning


def observed(rows: Rows, columns: tuple[str, ...]) -> np.ndarray:
    """Observed features, shape (n, k)."""
    return np.column_stack([rows[name] for name in columns])


def likelihood(observations: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Gaussian likelihood of each observation in each state up to a factor per row, shape (n, states)."""
    gap = (observations[:, None, :] - mean[None]) / deviation[None]
    logs = -0.5 * (gap**2).sum(axis=2) - np.log(deviation).sum(axis=1)
    return np.exp(logs - logs.max(axis=1, keepdims=True)) + 1e-300  # a far observation must not empty every state


def forward(likely: np.ndarray, moves: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Filter: state probabilities, shape (n, states); each row knows the rows up to it and no later one."""
    out = np.empty_like(likely)
    state = start
    for row, likelihoods in enumerate(likely):
        state = (state if row == 0 else state @ moves) * likelihoods
        state = state / state.sum()
        out[row] = state
    return out


def with_meaning(
    past: Past, columns: tuple[str, ...], *, mean: np.ndarray, deviation: np.ndarray, moves: np.ndarray
) -> Filtered:
    """Filter the past under these parameters and count what each state has meant.

    Raises
    ------
    Degenerate
        Where a parameter is not finite or a state has no width.
    """
    if not all(np.isfinite(one).all() for one in (mean, deviation, moves)) or (deviation <= 0).any():
        raise Degenerate("hidden states with parameters that are not finite")
    states = len(mean)
    likely = likelihood(observed(past.rows, columns), mean, deviation)
    path = forward(likely, moves, np.full(states, 1 / states))
    mature = past.labels.mature
    truth = np.eye(len(PHASES))[past.labels.code[mature]]
    counts = path[mature].T @ truth + PRIOR
    return Filtered(
        columns=columns,
        mean=mean,
        deviation=deviation,
        moves=moves,
        last=path[-1],
        day=past.rows.days[-1],
        meaning=counts / counts.sum(axis=1, keepdims=True),
    )
