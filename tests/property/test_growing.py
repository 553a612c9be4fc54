"""A table that only grows gives what computing every row anew would give."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals import growing
from signals.asof import AsOf, History
from signals.growing import LIBRARIES, code_of, facts_known, growing_table

DAY = np.timedelta64(1, "D")
FIRST = np.datetime64("2020-01-01", "D")
END = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
MOMENTS = (FIRST + np.arange(10, 200, 10)).astype("datetime64[us]")


def _history(days, values) -> History:
    period = FIRST + np.array(days, dtype=int)
    return History.of(period, (period + DAY).astype("datetime64[us]"), values)


def _row(view: AsOf, moment: np.datetime64) -> list[float]:
    seen = view.at(moment.astype(dt.datetime).replace(tzinfo=dt.UTC)).latest("x")
    return [float(seen.value.sum()), float(seen.period.size)]


class Counted:
    """Computes rows and notes how many."""

    def __init__(self, view: AsOf) -> None:
        self.view, self.rows = view, 0

    def __call__(self, moments: np.ndarray) -> np.ndarray:
        self.rows += moments.size
        return np.array([_row(self.view, moment) for moment in moments])


def _table(facts: dict[str, History], tables: dict[str, bytes], moments=MOMENTS, name: str = "t"):
    compute = Counted(AsOf(END, facts).kept_in(tables))
    return growing_table(compute.view, name, ("x", "y"), moments, compute, width=2), compute.rows


FACTS = st.lists(st.tuples(st.integers(0, 190), st.floats(-5, 5)), min_size=0, max_size=12)


@settings(max_examples=40)
@given(before=FACTS, later=FACTS, cut=st.integers(1, MOMENTS.size))
def test_it_equals_the_rows_computed_anew_whatever_was_learned(before, later, cut):
    tables: dict[str, bytes] = {}
    old = {"x": _history([day for day, _ in before], [value for _, value in before])}
    _table(old, tables, MOMENTS[:cut])
    both = [*before, *later]
    new = {"x": _history([day for day, _ in both], [value for _, value in both])}

    grown, _ = _table(new, tables)

    np.testing.assert_array_equal(grown, _table(new, {})[0])


def test_a_new_month_costs_one_row():
    tables: dict[str, bytes] = {}
    facts = {"x": _history(range(100), np.arange(100.0))}
    _table(facts, tables, MOMENTS[:-1])

    _, computed = _table(facts, tables)

    assert computed == 1


def test_a_fact_learned_later_changes_no_earlier_row():
    tables: dict[str, bytes] = {}
    _table({"x": _history(range(100), np.arange(100.0))}, tables)

    _, computed = _table({"x": _history(range(160), np.arange(160.0))}, tables)

    assert computed == int(((FIRST + 101).astype("datetime64[us]") <= MOMENTS).sum())


@pytest.mark.parametrize(
    "other",
    [
        {"x": _history([3], [2.0])},
        {"x": _history([3], [np.nan])},
        {"x": _history([4], [1.0])},
        {"y": _history([3], [1.0])},
        {"x": History.of([FIRST + 3], ["2020-01-05T00:00:00.000001"], [1.0])},
    ],
)
def test_any_other_fact_has_another_digest(other):
    one = AsOf(END, {"x": _history([3], [1.0])})

    digests = [facts_known(view, ("x", "y"), MOMENTS[:1]) for view in (one, AsOf(END, other))]

    assert (digests[0] != digests[1]).all()


def test_another_name_is_another_table():
    tables: dict[str, bytes] = {}
    facts = {"x": _history([3], [1.0])}
    _table(facts, tables)

    assert _table(facts, tables, name="other")[1] == MOMENTS.size


def test_a_supposed_future_shares_the_past_and_nothing_else():
    facts = {"x": _history(range(50), np.arange(50.0))}
    now = dt.datetime(2020, 3, 1, tzinfo=dt.UTC)
    view = AsOf(now, facts)
    later = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)
    supposed = [
        view.suppose(later, {"x": History.of(["2020-03-02"], ["2020-03-03"], [value])}) for value in (100.0, 200.0)
    ]
    past = now - dt.timedelta(days=5)

    totals = [world.remember("total", lambda world=world: world.latest("x").value.sum()) for world in supposed]
    shared = [world.at(past).remember("past", lambda value=value: value) for value, world in enumerate(supposed)]

    assert totals[1] - totals[0] == 100.0
    assert shared == [0, 0]
    assert view.at(past).remember("past", lambda: 9) == 0


def test_what_is_kept_by_moment_belongs_to_its_world():
    view = AsOf(dt.datetime(2020, 3, 1, tzinfo=dt.UTC), {})
    one, other = (view.suppose(dt.datetime(2020, 6, 1, tzinfo=dt.UTC), {}) for _ in range(2))
    past, later = (np.datetime64(day, "us") for day in ("2020-02-01", "2020-05-01"))

    one.keep("k", [(past, 1), (later, 2)])

    assert other.recall([past, later], "k") == {past: 1}
    assert one.recall([past, later], "k") == {past: 1, later: 2}


@pytest.mark.parametrize("changed", LIBRARIES)
def test_another_version_of_a_library_is_other_code(monkeypatch, changed):
    before = code_of("signals")
    installed = growing.metadata.version
    monkeypatch.setattr(growing.metadata, "version", lambda name: "0.0" if name == changed else installed(name))
    growing._versions.cache_clear()
    try:
        assert code_of("signals") != before
    finally:
        growing._versions.cache_clear()
