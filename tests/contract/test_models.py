"""The promises of every model of the rate cycle, run over the registry."""

import datetime as dt
import pickle
from dataclasses import replace

import numpy as np
import pytest

from regime.evaluation.league import missing_package
from regime.features import COLUMNS, INPUTS, Rows
from regime.maturity import Labels
from regime.models import BASELINES, BY_NAME, MODELS
from regime.models.challengers.filtering import forward
from regime.models.model import FailedFit
from regime.phase import PHASES
from regime.settings import RegimeSettings
from regime.walk_forward import attempt, fit_moments, past, walk
from signals.asof import AsOf
from signals.calendars import cut
from tests.conftest import missing
from tests.support.cycles import inputs_of
from tests.support.later_facts import poison

TAUS = [dt.date(1995, 1, 31), dt.date(2003, 7, 31), dt.date(2016, 7, 29)]
ASKED = [dt.date(1997, 3, 31), dt.date(2007, 9, 28)]
QUICK = [model for model in MODELS if not model.slow]


@pytest.fixture(scope="module")
def world(rates) -> AsOf:
    return inputs_of(rates.as_of(cut(dt.date(2023, 12, 29))))


@pytest.fixture(params=MODELS, ids=lambda model: model.name)
def model(request):
    if why := missing_package(request.param):
        missing(f"{request.param.name}: {why}")
    return request.param


def answer(model, known):
    fitted = model.fit(known)
    return fitted.probabilities(known.rows)


@pytest.mark.parametrize("day", TAUS)
def test_every_answer_is_a_probability_over_four_phases(model, world, day):
    said = answer(model, past(world.at(cut(day))))

    assert said.shape[1] == len(PHASES)
    assert np.isfinite(said).all()
    assert (said >= 0).all()
    assert np.abs(said.sum(axis=1) - 1).max() < 1e-9


@pytest.mark.parametrize("day", TAUS[1:])
def test_labels_that_are_not_mature_teach_nothing(model, world, day):
    known = past(world.at(cut(day)))
    young = ~known.labels.mature
    assert young.any()
    wrong = known.labels.code.copy()
    wrong[young] = np.random.default_rng(7).integers(0, len(PHASES), young.sum())
    leaky = replace(known, labels=Labels(wrong, known.labels.mature))

    assert np.array_equal(answer(model, known), answer(model, leaky))


def test_mature_labels_do_teach(world):
    known = past(world.at(cut(TAUS[1])))
    wrong = np.random.default_rng(7).permutation(known.labels.code)
    other = replace(known, labels=Labels(wrong, known.labels.mature))

    model = BY_NAME["structural_logit"]
    assert not np.array_equal(answer(model, known), answer(model, other))


@pytest.fixture(scope="module")
def later_worlds(world):
    """For each day the world cut there, and the world with every later value made absurd."""
    moments = [cut(day) for day in ASKED]
    return [
        (
            moment,
            AsOf(moment, {name: world.at(moment).history(name) for name in INPUTS}),
            AsOf(world.moment, {name: poison(world.history(name), moment) for name in INPUTS}),
        )
        for moment in moments
    ]


def test_what_was_learned_later_changes_nothing(model, world, later_worlds):
    for moment, cropped, poisoned in later_worlds:
        late = walk(world, [moment], model)

        assert np.array_equal(late, walk(cropped, [moment], model))
        assert np.array_equal(late, walk(poisoned, [moment], model))


def test_a_fit_survives_being_sent_to_another_process(model, world):
    known = past(world.at(cut(TAUS[0])))
    fitted = model.fit(known)
    if model.name in BASELINES or "calibrated" in model.name:
        return  # rules hold a function of the module; nobody sends them
    assert np.array_equal(
        pickle.loads(pickle.dumps(fitted)).probabilities(known.rows), fitted.probabilities(known.rows)
    )


def test_names_are_the_keys_and_each_model_says_what_it_does():
    assert len(BY_NAME) == len(MODELS)
    assert all(model.says for model in MODELS)
    assert RegimeSettings().model in BY_NAME


def test_a_filter_knows_no_later_month_and_a_smoother_would_be_caught():
    numbers = np.random.default_rng(3)
    likely = numbers.uniform(0.01, 1, (60, 3))
    moves = np.array([[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.05, 0.15, 0.8]])
    start = np.full(3, 1 / 3)

    whole, cut_off = forward(likely, moves, start), forward(likely[:40], moves, start)
    assert np.array_equal(whole[:40], cut_off)

    smoothed = [smooth(likely[:count], moves, start)[:40] for count in (60, 40)]
    assert np.abs(smoothed[0] - smoothed[1]).max() > 1e-3  # the law above fails for smoothed states


def smooth(likely, moves, start):
    filtered, later = forward(likely, moves, start), np.ones(likely.shape)
    for place in range(len(likely) - 2, -1, -1):
        later[place] = moves @ (likely[place + 1] * later[place + 1])
        later[place] /= later[place].sum()
    both = filtered * later
    return both / both.sum(axis=1, keepdims=True)


def test_a_model_that_peeks_at_smoothed_labels_is_caught(world):
    """The permutation law has teeth: a fit on every label, mature or not, fails it."""
    honest = BY_NAME["last_move_table"]
    known = past(world.at(cut(dt.date(2016, 7, 29))))
    everything = replace(known, labels=Labels(known.labels.code, known.labels.code >= 0))
    young = ~known.labels.mature
    wrong = known.labels.code.copy()
    wrong[young] = (wrong[young] + 2) % 4

    one = answer(honest, everything)
    other = answer(honest, replace(everything, labels=Labels(wrong, everything.labels.mature)))
    assert not np.array_equal(one, other)


def test_hikes_and_cuts_are_pooled_so_a_mirrored_world_gives_mirrored_answers(world):
    known = past(world.at(cut(TAUS[1])))
    signed = [
        place
        for place, name in enumerate(COLUMNS)
        if name in ("direction", "sign") or name.startswith(("change_", "gap_"))
    ]
    values = known.rows.values.copy()
    values[:, signed] *= -1
    mirrored = Rows(known.rows.days, values)

    for name in ("structural_hazard", "structural_hazard_market", "structural_logit"):
        fitted = BY_NAME[name].fit(known)
        one, other = fitted.probabilities(known.rows), fitted.probabilities(mirrored)
        assert np.abs(one - other[:, [2, 3, 0, 1]]).max() < 1e-12


def test_fits_happen_at_the_last_cuts_of_january_and_july():
    moments = fit_moments(cut(dt.date(2020, 1, 30)))

    assert moments[-1] == cut(dt.date(2019, 7, 31))
    assert {moment.month for moment in moments} == {1, 7}


@pytest.mark.slow
@pytest.mark.parametrize("quick", QUICK, ids=lambda model: model.name)
def test_no_fit_of_the_whole_record_learns_from_young_labels(quick, world):
    for moment in fit_moments(world.moment)[20:]:
        known = past(world.at(moment))
        young = ~known.labels.mature
        wrong = known.labels.code.copy()
        wrong[young] = np.random.default_rng(7).integers(0, len(PHASES), young.sum())
        assert np.array_equal(
            answer(quick, known), answer(quick, replace(known, labels=Labels(wrong, known.labels.mature)))
        )


@pytest.mark.slow
def test_every_month_end_says_the_same_with_and_without_the_later_years(world):
    from signals.calendars import month_end_sessions

    model = BY_NAME[RegimeSettings().model]
    for day in month_end_sessions(dt.date(1995, 1, 1), dt.date(2023, 12, 29))[::6]:
        moment = cut(day)
        cropped = AsOf(moment, {name: world.at(moment).history(name) for name in INPUTS})
        assert np.array_equal(walk(world, [moment], model), walk(cropped, [moment], model)), day


def test_a_fault_comes_back_as_its_sentence(world):
    known = past(world.at(cut(TAUS[0])))
    empty = replace(known, rows=known.rows.take(np.zeros(known.rows.size, dtype=bool)))

    assert attempt(BY_NAME["structural_hazard"], empty) == FailedFit("no rows")
