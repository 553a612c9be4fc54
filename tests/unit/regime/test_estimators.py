"""Regime models and splits keep scikit-learn's conventions and the walk-forward law."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_predict, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from regime.estimators import PhaseClassifier, WalkForward, training_frame
from regime.maturity import labels_known
from regime.phase import PHASES
from signals.calendars import cut
from tests.support.cycles import inputs_of, shipped

OWN_FEATURES = {  # these wrap the refusal of made-up features in a message of their own
    "check_positive_only_tag_during_fit",
    "check_classifiers_one_label",
}


@pytest.fixture(scope="module")
def frame(rates):
    return training_frame(inputs_of(rates.as_of(cut(dt.date(2023, 12, 29)))))


def test_every_check_of_scikit_learn_passes_that_needs_no_features_of_its_own():
    results = check_estimator(PhaseClassifier(), on_fail=None, on_skip=None)

    failed = {result["check_name"]: str(result["exception"]) for result in results if result["status"] == "failed"}
    assert sum(result["status"] == "passed" for result in results) >= 22
    assert {name for name, why in failed.items() if "columns of training_frame" not in why} <= OWN_FEATURES


def test_a_clone_fits_the_same_and_params_round_trip(frame):
    rows, y = frame
    first = PhaseClassifier(model="structural_hazard").fit(rows, y)

    again = clone(first)

    assert again.get_params() == {"model": "structural_hazard"}
    assert np.array_equal(again.fit(rows, y).predict_proba(rows), first.predict_proba(rows))
    assert list(first.classes_) == sorted(phase.value for phase in PHASES)
    assert first.predict_proba(rows).sum(axis=1) == pytest.approx(1)


def test_the_estimator_gives_what_the_registry_gives(frame, rates):
    from regime.models import named
    from regime.walk_forward import past

    rows, y = frame
    view = inputs_of(rates.as_of(cut(dt.date(2023, 12, 29))))

    ours = PhaseClassifier("structural_hazard_bound").fit(rows, y).predict_proba(rows.tail(3))

    known = past(view)
    theirs = named("structural_hazard_bound").fit(known).probabilities(known.rows.take(slice(-3, None)))
    in_their_order = [sorted(PHASES, key=lambda phase: phase.value).index(phase) for phase in PHASES]
    assert ours[:, in_their_order] == pytest.approx(theirs, abs=1e-12)


def test_metrics_of_scikit_learn_read_the_probability_of_the_right_phase(frame):
    rows, y = frame
    known = y != ""
    fitted = PhaseClassifier("structural_hazard").fit(rows, y)
    chances = pd.DataFrame(fitted.predict_proba(rows[known]), columns=fitted.classes_, index=rows.index[known])

    by_hand = -np.log([chances.loc[month, phase] for month, phase in y[known].items()]).mean()

    assert log_loss(y[known], chances) == pytest.approx(by_hand)
    assert list(fitted.predict(rows[known])) == list(chances.idxmax(axis=1))


def test_it_works_in_a_pipeline_and_cross_validate(frame):
    rows, y = frame
    scores = cross_validate(
        make_pipeline(PhaseClassifier("structural_hazard")),
        rows,
        y,
        cv=WalkForward(),
        scoring="accuracy",
        error_score="raise",
    )

    assert len(scores["test_score"]) == 58  # 348 months in blocks of six
    assert scores["test_score"].mean() > 0.7
    with pytest.raises(ValueError, match="partitions"):
        cross_val_predict(PhaseClassifier(), rows, y, cv=WalkForward())


def test_no_block_trains_on_a_label_that_was_not_final(frame):
    rows, y = frame
    days, target = shipped()
    index = rows.index.to_numpy().astype("datetime64[D]")

    for train, test in WalkForward(every=12).split(rows):
        today = index[test[0]] - np.timedelta64(1, "D")
        known = days <= today
        labels = labels_known(days[known], target[known], label_days=index[train], today=today)
        assert labels.mature.all()
        assert index[train].max() < index[test].min()
        assert [PHASES[code].value for code in labels.code] == y.iloc[train].tolist()


def test_purging_leaves_the_months_before_a_block_out(frame):
    rows, _ = frame

    blocks = zip(WalkForward(purge=18).split(rows), WalkForward().split(rows), strict=True)

    assert all(purged.max() < test[0] - 17 and set(purged) <= set(whole) for (purged, test), (whole, _) in blocks)
    assert WalkForward().get_n_splits(rows) == 58


def test_legs_are_groups(frame):
    rows, _ = frame

    legs = pd.Series(WalkForward().legs(rows), index=rows.index)

    assert legs.is_monotonic_increasing
    assert legs["2022-02-28"].item() != legs["2022-03-31"].item()
    assert legs["2004-07-30"].item() == legs["2007-08-31"].item()


@pytest.mark.parametrize(
    ("columns", "labels", "says"),
    [(3, ["HIKE", "EASE"], "columns of training_frame"), (41, ["HIKE", "up"], "none of the phases")],
)
def test_what_cannot_be_learned_from_is_named(frame, columns, labels, says):
    size = frame[0].shape[1] if columns > 3 else columns

    with pytest.raises(ValueError, match=says):
        PhaseClassifier().fit(np.zeros((2, size)), labels)


def test_an_array_cannot_be_split_in_time():
    with pytest.raises(ValueError, match="indexed by day"):
        next(WalkForward().split(np.zeros((3, 2))))
