"""A shallow boosting challenger: what a flexible learner makes of five hundred months and eighteen phases."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from regime.features import Rows
from regime.models.challengers.free_logit import features
from regime.models.model import Fitted, Model, Past
from regime.phase import PHASES

TREES, DEPTH, RATE, LEAF = 60, 2, 0.1, 10  # shallow on purpose; fixed in advance
LEAST = 1e-3  # probability left to a phase the trees have never seen


@dataclass(frozen=True, slots=True)
class Boosted:
    """Fitted trees and the phases they have seen."""

    trees: Any
    classes: np.ndarray

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Probability of each phase, shape (n, 4)."""
        out = np.full((rows.size, len(PHASES)), LEAST)
        out[:, self.classes] += self.trees.predict_proba(features(rows, market=True))
        return out / out.sum(axis=1, keepdims=True)


def fit(past: Past) -> Fitted:
    """Grow the trees on mature labels."""
    rows, code = past.mature()
    return _grown(features(rows, market=True).tobytes(), code.astype(int).tobytes())


@lru_cache(maxsize=4)
def _grown(shown: bytes, outcome: bytes) -> Boosted:
    """Trees for these rows; within a hold no label matures, so the next fit often learns from the same ones."""
    from sklearn import config_context
    from sklearn.ensemble import GradientBoostingClassifier

    code = np.frombuffer(outcome, dtype=int)
    with config_context(skip_parameter_validation=True):  # else each of 240 trees is asked about its settings
        trees = GradientBoostingClassifier(
            n_estimators=TREES, max_depth=DEPTH, learning_rate=RATE, min_samples_leaf=LEAF, random_state=0
        ).fit(np.frombuffer(shown).reshape(code.size, -1), code)
    return Boosted(trees, np.asarray(trees.classes_))


MODEL = Model(
    name="boosting", says="shallow gradient boosting on policy path and yields", fit=fit, market=True, slow=True
)
