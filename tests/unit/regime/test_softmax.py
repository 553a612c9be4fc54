"""Our few lines of multinomial logit give scikit-learn's answer."""

import numpy as np
import pytest

from regime.models.model import Degenerate
from regime.models.softmax import fit_softmax


def sample(seed=0, rows=200, classes=3):
    numbers = np.random.default_rng(seed)
    features = numbers.normal(size=(rows, 4)) * [1, 10, 0.1, 3] + [0, 5, -2, 1]
    scores = features @ numbers.normal(size=(4, classes)) + numbers.gumbel(size=(rows, classes)) * 3
    return features, scores.argmax(axis=1)


@pytest.mark.parametrize("penalty", [0.3, 1.0, 10.0])
@pytest.mark.parametrize("classes", [2, 3, 4])
def test_the_fit_is_that_of_scikit_learn(penalty, classes):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    features, outcome = sample(classes=classes)
    ours = fit_softmax(features, outcome, classes=classes, penalty=penalty).probabilities(features)

    shown = StandardScaler().fit_transform(features)
    strength = penalty if classes > 2 else penalty / 2  # its two-class form has one weight vector for our two
    theirs = LogisticRegression(C=1 / strength, tol=1e-10, max_iter=10_000).fit(shown, outcome).predict_proba(shown)
    assert np.abs(ours - theirs).max() < 1e-5


def test_a_whole_number_as_penalty_is_no_other_model():
    features, outcome = sample()

    one = fit_softmax(features, outcome, classes=3, penalty=1).weights
    other = fit_softmax(features, outcome, classes=3, penalty=1.0).weights

    assert np.array_equal(one, other)


def test_a_constant_feature_teaches_nothing_and_harms_nothing():
    features, outcome = sample()
    wider = np.column_stack([features, np.full(len(features), 7.0)])

    one = fit_softmax(features, outcome, classes=3, penalty=1.0).probabilities(features)
    other = fit_softmax(wider, outcome, classes=3, penalty=1.0).probabilities(wider)

    assert np.abs(one - other).max() < 1e-9


@pytest.mark.parametrize("spoil", ["one class", "nan", "infinite"])
def test_what_cannot_be_learned_is_said(spoil):
    features, outcome = sample()
    if spoil == "one class":
        outcome[:] = 1
    else:
        features[3, 2] = np.nan if spoil == "nan" else np.inf

    with pytest.raises(Degenerate):
        fit_softmax(features, outcome, classes=3, penalty=1.0)


def test_separated_classes_stay_finite_under_the_penalty():
    features = np.linspace(-1, 1, 40)[:, None]
    fitted = fit_softmax(features, (features[:, 0] > 0).astype(int), classes=2, penalty=1.0)

    assert np.isfinite(fitted.weights).all()
