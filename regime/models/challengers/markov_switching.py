"""Markov-switching mean and variance of the six-month change (statsmodels), filtered."""

import warnings
from typing import Any

import numpy as np

from regime.models.challengers.filtering import observed, with_meaning
from regime.models.model import Degenerate, Fitted, Model, Past

COLUMNS = ("change_6m",)  # percentage points
STATES = 3  # falling, still, rising
EM_ROUNDS, NEWTON_ROUNDS = 10, 2  # expectation maximisation does the work; the optimiser only polishes
STARTS = np.array([-1.0, 0.0, 1.0])  # percentage points in six months
STEADY = 0.9  # starting chance that a state lasts another month


def fit(past: Past) -> Fitted:
    """Maximum likelihood from fixed starting values; states get their meaning from mature labels."""
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression
    from threadpoolctl import threadpool_limits

    observations = observed(past.rows, COLUMNS)[:, 0]
    with warnings.catch_warnings(), np.errstate(all="ignore"), threadpool_limits(1):  # the same sums everywhere
        warnings.simplefilter("ignore")  # it warns of slow convergence; the answer is checked instead
        model = MarkovRegression(observations, k_regimes=STATES, trend="c", switching_variance=True)
        result: Any = model.fit(
            _start(observations), em_iter=EM_ROUNDS, maxiter=NEWTON_ROUNDS, disp=False, cov_type="none"
        )
    values = dict(zip(model.param_names, np.asarray(result.params), strict=True))
    mean = np.array([[values[f"const[{state}]"]] for state in range(STATES)])
    variance = np.array([[values[f"sigma2[{state}]"]] for state in range(STATES)])
    if not (variance > 0).all():
        raise Degenerate("a Markov state has no width")
    moves = np.asarray(result.regime_transition)[:, :, 0].T
    return with_meaning(past, COLUMNS, mean=mean, deviation=np.sqrt(variance), moves=moves)


def _start(observations: np.ndarray) -> np.ndarray:
    moves = np.full((STATES, STATES - 1), (1 - STEADY) / (STATES - 1))
    np.fill_diagonal(moves, STEADY)
    return np.concatenate([moves.T.ravel(), STARTS, np.full(STATES, observations.var() / STATES)])


MODEL = Model(
    name="markov_switching",
    says="three Markov-switching means of the 6-month change, filtered",
    fit=fit,
    package="statsmodels",
    slow=True,
)
