"""Hidden Markov model with four Gaussian states (hmmlearn), filtered."""

import logging
import warnings

import numpy as np

from regime.models.challengers.filtering import observed, with_meaning
from regime.models.model import Fitted, Model, Past

COLUMNS = ("change_6m", "change_12m")  # percentage points
STATES = 4
ROUNDS = 50  # of expectation maximisation
NARROWEST = 0.05  # percentage points: months without a move would otherwise shrink a state to a point


def fit(past: Past) -> Fitted:
    """Fit by expectation maximisation from a fixed seed; states get their meaning from mature labels."""
    from hmmlearn.hmm import GaussianHMM
    from threadpoolctl import threadpool_limits

    observations = observed(past.rows, COLUMNS)
    model = GaussianHMM(STATES, covariance_type="diag", n_iter=ROUNDS, min_covar=NARROWEST**2, random_state=0)
    logging.getLogger("hmmlearn.base").setLevel(logging.ERROR)  # a step back by rounding is no news
    with warnings.catch_warnings(), threadpool_limits(1):  # one thread: the same sums whoever else is working
        warnings.simplefilter("ignore")  # it warns of slow convergence; the answer is checked instead
        model.fit(observations)
    deviation = np.sqrt(np.array([np.diag(one) for one in np.asarray(model.covars_)]))
    moves = model.transmat_ / model.transmat_.sum(axis=1, keepdims=True)
    return with_meaning(past, COLUMNS, mean=model.means_, deviation=deviation, moves=moves)


MODEL = Model(
    name="hidden_markov",
    says="four hidden Gaussian states on 6- and 12-month changes, filtered",
    fit=fit,
    package="hmmlearn",
    slow=True,
)
