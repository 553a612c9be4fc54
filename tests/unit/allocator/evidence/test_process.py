"""The resampled process: whole legs, a true edge of the stated size, and a life without hindsight."""

import dataclasses
import math

import numpy as np
import pytest

from allocator.evidence import process
from allocator.evidence.process import History, live_through, passes, resample, resampled, with_edge
from allocator.settings import Judgement

JUDGEMENT = Judgement()


def _history(size: int = 150, seed: int = 3) -> History:
    rng = np.random.default_rng(seed)
    width = len(JUDGEMENT.forecast.signals)
    legs = np.repeat(np.arange(size // 15), 15)
    return History(rng.normal(size=(size, width)), rng.dirichlet(np.ones(4), size), legs, 3 * rng.normal(size=size))


def test_legs_are_drawn_whole_and_numbered_anew():
    history = _history()
    history = dataclasses.replace(history, following=np.arange(150.0))

    drawn = resampled(history, np.random.default_rng(1))

    starts = np.flatnonzero(np.diff(drawn.legs, prepend=-1))
    assert (drawn.legs[starts] == np.arange(starts.size)).all()
    months = drawn.following.reshape(-1, 15)
    assert (np.diff(months, axis=1) == 1).all()
    assert (months[:, 0] % 15 == 0).all()


def test_predictors_and_outcomes_come_from_different_draws():
    history = _history(1500)
    told = dataclasses.replace(history, following=history.scores[:, 0].copy())

    drawn = resampled(told, np.random.default_rng(1))

    assert abs(np.corrcoef(drawn.scores[:, 0], drawn.following)[0, 1]) < 0.3


def test_whoever_knows_the_slopes_earns_the_stated_ratio():
    history = _history(60_000)

    edge = with_edge(history, 0.5)

    total = history.scores.sum(axis=1)
    earned = (total - total.mean()) * edge.following
    assert math.sqrt(12) * earned.mean() / earned.std() == pytest.approx(0.5, abs=0.03)
    assert with_edge(history, 0.0) is history


def test_a_month_knows_nothing_of_later_ones():
    history = with_edge(_history(), 4.0)
    later = dataclasses.replace(history, following=np.where(np.arange(150) < 120, history.following, 9.0))

    one, other = live_through(history, JUDGEMENT), live_through(later, JUDGEMENT)

    assert np.ptp(one[: 120 - process.WARM_UP]) > 0
    assert one[: 120 - process.WARM_UP].tolist() == other[: 120 - process.WARM_UP].tolist()
    assert one[120 - process.WARM_UP :].tolist() != other[120 - process.WARM_UP :].tolist()


def test_costs_are_paid():
    free = dataclasses.replace(JUDGEMENT, tilt=dataclasses.replace(JUDGEMENT.tilt, cost_bp=1e-9))
    history = with_edge(_history(seed=4), 4.0)
    dear = dataclasses.replace(JUDGEMENT, tilt=dataclasses.replace(JUDGEMENT.tilt, cost_bp=40.0))

    assert live_through(history, dear).sum() < live_through(history, free).sum()


def test_a_strong_record_passes_and_a_weak_or_idle_one_does_not():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=480)

    assert passes(noise - noise.mean() + 0.4, trials=12.0)
    assert not passes(noise - noise.mean() + 0.05, trials=12.0)
    assert not passes(np.where(np.arange(480) % 3 == 0, 1.0, 0.0), trials=12.0)
    assert not passes(np.zeros(480), trials=12.0)


def test_a_resample_depends_on_its_seed_alone():
    history = _history()

    one, again, other = (resample(history, JUDGEMENT, seed=seed, trials=12.0, worlds=(0.0, 3.0)) for seed in (5, 5, 6))

    assert one.tobytes() == again.tobytes() != other.tobytes()
    assert one[1, 1] > one[0, 1]


@pytest.mark.real_data
def test_the_real_history_lived_through_is_the_walk_forward_record(store):
    import datetime as dt

    from allocator.track_record import month_end_panel, sample, walk_forward_record
    from regime.settings import RegimeSettings
    from signals.calendars import cut

    view = store.as_of(cut(dt.date(2010, 12, 31)))
    past = month_end_panel(view, JUDGEMENT, RegimeSettings())
    whole = sample(view, past, JUDGEMENT)
    known = np.isfinite(whole.outcome)
    record = walk_forward_record(view, JUDGEMENT, RegimeSettings())
    days = np.array(past.days, dtype="datetime64[D]")[known][process.WARM_UP :]

    net = live_through(
        History(whole.scores[known], whole.phases[known], whole.legs[known], whole.outcome[known]), JUDGEMENT
    )

    both = np.isin(days, record.decided[np.isfinite(record.net)])
    theirs = record.net[np.isin(record.decided, days) & np.isfinite(record.net)]
    # calendar months here, closes of the trades there: the same decisions, not the same day
    assert np.corrcoef(net[both], theirs)[0, 1] > 0.9
