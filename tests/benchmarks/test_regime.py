"""600 walk-forward refits, side by side with the libraries; measured, and equal where they fit the same model.

Run with ``make bench``. A first look on two busy cores: ours 1.0 s, scikit-learn 7 s, hmmlearn 40 s.
"""

import time
import warnings

import numpy as np
import pytest

from regime.models.softmax import fit_softmax

REFITS = 600
PENALTY = 1.0
SHORTEST = 120  # months before the first refit


def months(seed=1, rows=SHORTEST + REFITS):
    numbers = np.random.default_rng(seed)
    features = np.cumsum(numbers.normal(size=(rows, 8)), axis=0) * 0.1
    scores = features @ numbers.normal(size=(8, 3)) + 2 * numbers.gumbel(size=(rows, 3))
    return features, scores.argmax(axis=1)


def timed(work):
    began = time.perf_counter()
    answer = work()
    return time.perf_counter() - began, answer


def ours(features, outcome):
    return np.array(
        [
            fit_softmax(features[:end], outcome[:end], classes=3, penalty=PENALTY).probabilities(features[end : end + 1])[0]
            for end in range(SHORTEST, SHORTEST + REFITS)
        ]
    )


def theirs(features, outcome):
    from sklearn.linear_model import LogisticRegression

    out = []
    for end in range(SHORTEST, SHORTEST + REFITS):
        mean, scale = features[:end].mean(axis=0), features[:end].std(axis=0)
        model = LogisticRegression(C=1 / PENALTY, max_iter=1000).fit((features[:end] - mean) / scale, outcome[:end])
        out.append(model.predict_proba((features[end : end + 1] - mean) / scale)[0])
    return np.array(out)


def test_logit_refits_beside_scikit_learn(capsys):
    features, outcome = months()

    mine, said = timed(lambda: ours(features, outcome))
    peer, other = timed(lambda: theirs(features, outcome))

    assert np.abs(said - other).max() < 5e-3  # its solver stops at 1e-4 of the gradient
    with capsys.disabled():
        print(f"\n600 logit refits: ours {mine:.2f} s, scikit-learn {peer:.2f} s ({peer / mine:.1f}x)")


def test_hidden_markov_refits_are_the_library_s_own(capsys):
    hmm = pytest.importorskip("hmmlearn.hmm")
    features, _ = months()
    few = 60  # of 600; scaled below

    def refits():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for end in range(SHORTEST, SHORTEST + REFITS, REFITS // few):
                hmm.GaussianHMM(4, n_iter=50, random_state=0).fit(features[:end, :2])

    took, _ = timed(refits)
    with capsys.disabled():
        print(f"\n600 hidden Markov refits: hmmlearn about {took * REFITS / few:.0f} s (used as it is)")
