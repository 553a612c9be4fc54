"""The laws of facts in time, over histories that hypothesis makes up."""

import datetime as dt
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.asof import AsOf, History
from signals.fact import Fact
from signals.store.shipped_decisions import open_store
from signals.store.store import Store
from tests.benchmarks.asof_panels import panel, panel_slowly, standing

START = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
DAY = dt.date(2020, 1, 1)
periods = st.integers(0, 8).map(lambda n: DAY + dt.timedelta(days=n))
moments = st.integers(0, 60).map(lambda n: START + dt.timedelta(hours=7 * n))
values = st.one_of(st.floats(-1e6, 1e6, allow_nan=False), st.just(float("nan")))
facts = st.lists(st.builds(Fact, st.sampled_from(["fred:A", "fred:B"]), periods, moments, values), max_size=40).map(
    lambda found: list({(each.series, each.period, each.known_at): each for each in found}.values())
)


@cache
def empty() -> bytes:
    """A store with nothing but what ships: made once, because making the tables takes longer than a law."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "facts.db"
        open_store(place).close()
        return place.read_bytes()


def opened(folder: str) -> Store:
    place = Path(folder) / "facts.db"
    place.write_bytes(empty())
    return open_store(place)


def picture(view: AsOf) -> list[bytes]:
    """Every byte that a view gives away."""
    return [
        part.tobytes()
        for name in ("fred:A", "fred:B")
        for part in (view.latest(name).period, view.latest(name).known_at, view.latest(name).value)
    ]


@given(facts, moments)
@settings(max_examples=40)
def test_a_store_cut_at_a_moment_says_the_same_at_that_moment(found, moment):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        whole, prefix = opened(one), opened(two)
        whole.append(found)
        prefix.append([each for each in found if each.known_at <= moment])

        assert picture(whole.as_of(moment)) == picture(prefix.as_of(moment))
        assert whole.as_of(moment).fingerprint(["fred:A"]) == prefix.as_of(moment).fingerprint(["fred:A"])
        whole.close(), prefix.close()


@given(facts, moments, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_arrival_does_not_matter(found, moment, chance):
    shuffled = list(found)
    chance.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        together, apart = opened(one), opened(two)
        together.append(found)
        for each in shuffled:
            apart.append([each])

        assert picture(together.as_of(moment)) == picture(apart.as_of(moment))
        together.close(), apart.close()


@given(facts, moments, st.sampled_from([float("nan"), 1e9, -1e9]))
@settings(max_examples=40)
def test_poison_in_the_future_changes_nothing(found, moment, poison):
    later = [
        Fact(each.series, each.period, each.known_at, poison) if each.known_at > moment else each for each in found
    ]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        clean, poisoned = opened(one), opened(two)
        clean.append(found)
        poisoned.append(later)

        assert picture(clean.as_of(moment)) == picture(poisoned.as_of(moment))
        clean.close(), poisoned.close()


@given(facts, moments, periods, st.floats(-10, 10))
@settings(max_examples=40)
def test_a_late_revision_changes_nothing_before_it(found, moment, period, value):
    with tempfile.TemporaryDirectory() as folder:
        store = opened(folder)
        store.append(found)
        before = picture(store.as_of(moment))
        store.append([Fact("fred:A", period, moment + dt.timedelta(microseconds=1), value)])

        assert picture(store.as_of(moment)) == before
        store.close()


@given(facts)
@settings(max_examples=40)
def test_storing_twice_is_storing_once(found):
    with tempfile.TemporaryDirectory() as folder:
        store = opened(folder)
        first, again = store.append(found), store.append(found)

        assert first.stored == len(found)
        assert (again.stored, again.contradictions) == (0, ())
        store.verify()
        store.close()


histories = facts.map(
    lambda found: History.of(
        [each.period for each in found],
        [each.known_at.replace(tzinfo=None) for each in found],
        [each.value for each in found],
    )
)


@given(histories, st.lists(moments, max_size=12))
@settings(max_examples=200)
def test_the_fast_panel_equals_the_slow_one(history, asked):
    instants = np.array([each.replace(tzinfo=None) for each in asked], dtype="datetime64[us]")
    fast, slow = panel(history, instants), panel_slowly(history, instants)

    assert np.array_equal(fast.period, slow.period)
    assert np.array_equal(fast.value, slow.value, equal_nan=True)


@given(histories, moments)
@settings(max_examples=200)
def test_what_stands_is_the_last_version_known(history, asked):
    instant = np.datetime64(asked.replace(tzinfo=None), "us")
    fast, slow = standing(history, instant), history.until(instant).latest()

    assert np.array_equal(fast.period, slow.period)
    assert np.array_equal(fast.known_at, slow.known_at)
    assert np.array_equal(fast.value, slow.value)
