"""Log-score pool: a mixture of the structural models with weights learned walk-forward.

The weights maximise the log score of the mixture over past forecasts that were made before their outcome was
known and whose labels are mature now (Hall and Mitchell 2007; Geweke and Amisano 2011), by expectation
maximisation with one prior forecast for each member.
"""

from dataclasses import dataclass

import numpy as np

from regime.features import Rows
from regime.models.model import Degenerate, Fitted, Model, Past

MEMBERS = ("structural_hazard", "structural_hazard_market", "structural_logit", "structural_logit_market")
PRIOR = 6.0  # forecasts granted to each member in advance, so that one good leg does not take all the weight
ROUNDS = 200  # of expectation maximisation; it converges in a few dozen
LEAST = 24  # scored forecasts before the weights may differ from equal
FLOOR = 1e-3  # as in the score


@dataclass(frozen=True, slots=True)
class Pool:
    """Fitted members and their weights, which sum to 1."""

    members: tuple[Fitted, ...]
    weights: np.ndarray

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Weighted mean of the members' answers, shape (n, 4)."""
        return sum(
            (weight * member.probabilities(rows) for weight, member in zip(self.weights, self.members, strict=True)),
            start=np.zeros((rows.size, 4)),
        )


def fit(past: Past) -> Fitted:
    """Learn the weights from forecasts whose labels are mature."""
    experts = [past.expert(name) for name in MEMBERS]
    code = past.labels.code
    scored = past.labels.mature & np.all([np.isfinite(one.forecasts[:, 0]) for one in experts], axis=0)
    hits = np.column_stack([one.forecasts[scored, code[scored]] for one in experts])
    return Pool(tuple(one.fitted for one in experts), log_score_weights(np.maximum(hits, FLOOR)))


def log_score_weights(hits: np.ndarray) -> np.ndarray:
    """Mixture weights, shape (k,), from the probability each of k members gave to what happened, shape (n, k)."""
    count, members = hits.shape
    weights = np.full(members, 1 / members)
    if count < LEAST:
        return weights
    if not np.isfinite(hits).all():
        raise Degenerate("a member's past forecast is not a number")
    for _ in range(ROUNDS):
        share = weights * hits
        share /= share.sum(axis=1, keepdims=True)
        weights = (share.sum(axis=0) + PRIOR) / (count + members * PRIOR)
    return weights


MODEL = Model(
    name="pool",
    says="mixture of the structural models, weights by past log score",
    fit=fit,
    market=True,
)
