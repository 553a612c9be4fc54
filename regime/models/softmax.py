"""Ridge-penalised multinomial logit by Newton's method, for fits of a few hundred rows.

The same estimator as scikit-learn's `LogisticRegression` (a test says so); written out because the daily job
needs nothing else of that library, whose import alone takes longer than all the fits of a walk-forward.
"""

from dataclasses import dataclass

import numpy as np

from regime.models.model import Degenerate

STEPS = 100
HALVINGS = 40
TOLERANCE = 1e-8  # of the largest parameter change
LARGEST = 1e3  # standardised coefficients beyond this mean separation that the penalty did not hold


@dataclass(frozen=True, slots=True)
class Softmax:
    """A fitted multinomial logit on standardised features.

    Attributes
    ----------
    mean, scale : ndarray, shape (k,)
        Of the training features.
    weights : ndarray, shape (k + 1, classes)
        The first row is the intercept.
    """

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities, shape (n, classes)."""
        return _softmax(_design(features, self.mean, self.scale) @ self.weights)


def fit_softmax(features: np.ndarray, outcome: np.ndarray, *, classes: int, penalty: float) -> Softmax:
    """Fit by Newton's method.

    Parameters
    ----------
    features : ndarray, shape (n, k)
    outcome : ndarray of int, shape (n,)
        Class of each row, 0 to classes - 1.
    penalty : float
        Half of it times the squared standardised coefficients is added to the summed negative log-likelihood;
        the intercepts are free but for a millionth of it, which pins down their common level.

    Raises
    ------
    Degenerate
        Where fewer than two classes occur, a number is not finite, or the iteration does not settle.
    """
    present = np.unique(outcome)
    if not np.isfinite(features).all() or present.size < 2 or present[0] < 0 or present[-1] >= classes:  # noqa: PLR2004 - one class teaches nothing
        raise Degenerate(f"{outcome.size} rows with classes {present[:classes].tolist()}, or features not finite")
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale > 1e-12, scale, 1.0)  # noqa: PLR2004 - a constant column stays at zero
    design = _design(features, mean, scale)
    truth = np.eye(classes)[outcome]
    ridge = np.full(design.shape[1], float(penalty))
    ridge[0] = penalty * 1e-6
    weights = np.zeros((design.shape[1], classes))
    loss = _loss(design, truth, weights=weights, ridge=ridge)
    for _ in range(STEPS):
        step = _newton_step(design, truth, weights=weights, ridge=ridge)
        weights, loss, moved = _descend(design, truth, weights=weights, ridge=ridge, step=step, loss=loss)
        if not np.isfinite(weights).all() or np.abs(weights).max() > LARGEST:
            raise Degenerate("the penalised likelihood has no finite maximum within reach")
        if moved < TOLERANCE:
            return Softmax(mean, scale, weights)
    raise Degenerate(f"no convergence in {STEPS} Newton steps")


def _descend(
    design: np.ndarray, truth: np.ndarray, *, weights: np.ndarray, ridge: np.ndarray, step: np.ndarray, loss: float
) -> tuple[np.ndarray, float, float]:
    """One Newton step, halved until the loss does not rise; the new weights, their loss, the largest change."""
    share = 1.0
    for _ in range(HALVINGS):
        tried = weights - share * step
        tried_loss = _loss(design, truth, weights=tried, ridge=ridge)
        if tried_loss <= loss:
            return tried, tried_loss, float(np.abs(share * step).max())
        share /= 2
    return weights, loss, 0.0


def _loss(design: np.ndarray, truth: np.ndarray, *, weights: np.ndarray, ridge: np.ndarray) -> float:
    scores = design @ weights
    top = scores.max(axis=1, keepdims=True)
    spread = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]
    return float((spread - (scores * truth).sum(axis=1)).sum() + 0.5 * (ridge[:, None] * weights**2).sum())


def _newton_step(design: np.ndarray, truth: np.ndarray, *, weights: np.ndarray, ridge: np.ndarray) -> np.ndarray:
    share = _softmax(design @ weights)
    gradient = design.T @ (share - truth) + ridge[:, None] * weights
    terms, classes = weights.shape
    curvature = np.empty((classes, terms, classes, terms))
    for one in range(classes):
        for other in range(classes):
            weight = share[:, one] * ((one == other) - share[:, other])
            curvature[one, :, other, :] = (design * weight[:, None]).T @ design
    flat = curvature.reshape(classes * terms, classes * terms) + np.diag(np.tile(ridge, classes))
    try:
        step = np.linalg.solve(flat, gradient.T.ravel())
    except np.linalg.LinAlgError:
        raise Degenerate("singular curvature") from None
    return step.reshape(classes, terms).T


def _design(features: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(features)), (features - mean) / scale])


def _softmax(scores: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
