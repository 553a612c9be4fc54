"""600 walk-forward refits, side by side with the libraries; measured, and equal where they fit the same model.

Run with ``make bench``, on an idle machine. On two cores shared with eight other jobs: ours 2.0 s, scikit-learn 147 s
(its threads wait for cores), hmmlearn about 313 s, the default's walk-forward 1.5 s of processor time.
"""

import datetime as dt
import time
import warnings

import numpy as np

from regime.models.challengers.filtering import forward, likelihood
from regime.models.softmax import fit_softmax
from tests.conftest import missing

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
            fit_softmax(features[:end], outcome[:end], classes=3, penalty=PENALTY).probabilities(
                features[end : end + 1]
            )[0]
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


def test_the_last_month_of_our_filter_is_that_of_hmmlearn(capsys):
    try:
        from hmmlearn import hmm
    except ImportError:
        missing("the package hmmlearn")
    features, _ = months()
    few = 60  # of 600; scaled below

    def refits():
        gaps = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for end in range(SHORTEST, SHORTEST + REFITS, REFITS // few):
                seen = features[:end, :2]
                model = hmm.GaussianHMM(4, n_iter=50, random_state=0).fit(seen)
                deviation = np.sqrt(np.array([np.diag(one) for one in model.covars_]))
                filtered = forward(likelihood(seen, model.means_, deviation), model.transmat_, model.startprob_)
                gaps.append(np.abs(filtered[-1] - model.predict_proba(seen)[-1]).max())  # nothing comes after the last
        return gaps

    took, gaps = timed(refits)

    assert len(gaps) == few
    assert max(gaps) < 1e-6
    with capsys.disabled():
        print(f"\n600 hidden Markov refits: hmmlearn about {took * REFITS / few:.0f} s (used as it is)")


def test_the_default_s_whole_walk_forward(store, capsys):
    from regime.settings import RegimeSettings
    from regime.walk_forward import probabilities
    from signals.calendars import cut, month_end_sessions
    from tests.support.cycles import TODAY, inputs_of

    view = inputs_of(store.as_of(cut(TODAY)))
    moments = [cut(day) for day in month_end_sessions(dt.date(1995, 1, 1), dt.date(2023, 12, 31))]

    first, said = timed(lambda: probabilities(view, moments, RegimeSettings()))
    again, same = timed(lambda: probabilities(view, moments, RegimeSettings()))

    assert np.array_equal(said, same)
    with capsys.disabled():
        print(f"\n348 months of the default, 58 refits: {first:.2f} s, remembered {again:.3f} s")
