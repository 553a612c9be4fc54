"""The laws of the degradation ladder, on made-up worlds worn down in random ways."""

import datetime as dt
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.asof import History
from signals.catalog import BY_NAME, DEFAULT
from signals.health.health import BY_MISSED, Health, health
from signals.health.required_inputs import BLOCKS, prices
from signals.series.fetch_notes import note_series
from tests.support import worlds

DAY = dt.date(2019, 6, 28)
SLOPED = (*DEFAULT, "curve_slope")  # with the third signal of method 1, whose block is read only where it is listed
INPUTS = sorted(
    {*(name for key in SLOPED for name in BY_NAME[key].inputs), "yahoo:IWM:adj_close", "yahoo:SPY:adj_close"}
)
RUNGS = ("OK", "DEGRADED", "STALE", "HOLD")
WHOLE = worlds.world(INPUTS)
World = dict[str, History]


def aged(held: History, days: int) -> History:
    """The same series, its last `days` never delivered."""
    kept = held.period <= np.datetime64(DAY, "D") - days
    return History(held.period[kept], held.known_at[kept], held.value[kept])


def removed(_: History, __: int) -> History:
    return History.of([], [], [])


def corrupted(held: History, factor: int) -> History:
    """The newest known value is off by a large factor."""
    known = np.flatnonzero(held.period < np.datetime64(DAY, "D"))
    value = held.value.copy()
    value[known[-3:]] = value[known[-3:]] * (100 + factor) + 50
    return History(held.period, held.known_at, value)


def state(world: World, names: tuple[str, ...] = DEFAULT) -> Health:
    return health(worlds.view(world, DAY), names)


def test_a_complete_world_is_ok() -> None:
    assert (state(WHOLE).status, state(WHOLE).confidence, state(WHOLE).reason_codes) == ("OK", 1.0, ())


steps = st.lists(
    st.tuples(st.sampled_from(INPUTS), st.sampled_from([aged, removed]), st.integers(0, 60)), min_size=1, max_size=5
)


@settings(max_examples=40, derandomize=True)
@given(steps=steps, last=st.sampled_from(INPUTS), factor=st.integers(0, 1000))
def test_removing_ageing_or_corrupting_an_input_never_raises_confidence(
    steps: list[tuple[str, object, int]], last: str, factor: int
) -> None:
    world, before = dict(WHOLE), state(WHOLE)
    for name, wear, amount in steps:
        world[name] = wear(world[name], amount)  # type: ignore[operator]
        after = state(world)
        assert after.confidence <= before.confidence
        assert RUNGS.index(after.status) >= RUNGS.index(before.status)
        before = after
    if world[last].period.size > 300:
        world[last] = corrupted(world[last], factor)
        after = state(world)
        assert after.confidence <= before.confidence


@pytest.mark.parametrize(
    "name", ["fred:BAA10Y", "fred:DGS10", "fred:DGS3MO", "yahoo:IWM:adj_close", "yahoo:SPY:adj_close"]
)
def test_each_missed_release_at_most_halves_a_block(name: str) -> None:
    block = next(b.name for b in (*BLOCKS.values(), prices()) for part in b.carriers if name in part.names)
    seen = []
    for days in range(30):
        parts = {part.name: part for part in state({**WHOLE, name: aged(WHOLE[name], days)}, SLOPED).blocks}
        seen.append(parts[block].confidence)

    assert all(later >= earlier / 2 for earlier, later in itertools.pairwise(seen))
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] <= BY_MISSED[-1]


@pytest.mark.parametrize("day", [dt.date(2027, 9, 30), dt.date(2028, 6, 30)])
def test_all_blocks_stale_is_at_most_a_fifth_and_at_least_stale(day: dt.date) -> None:
    told = health(worlds.view(WHOLE, day))  # prices and yields end in 2019, the decisions in 2026

    assert all(part.stale for part in told.blocks)
    assert told.confidence <= 0.2
    assert told.status in {"STALE", "HOLD"}


def test_a_decision_that_no_source_has_told_of_is_missed() -> None:
    told = health(worlds.view(WHOLE, dt.date(2026, 10, 30)))  # the shipped table ends with 2026-09-16

    assert {part.name: part.confidence for part in told.blocks}["policy"] == BY_MISSED[1]
    assert "POLICY_LATE" in told.reason_codes


def test_without_a_policy_rate_there_is_no_new_advice() -> None:
    told = state({**WHOLE, "fomc:target": removed(WHOLE["fomc:target"], 0)})

    assert told.status == "HOLD"
    assert "POLICY_MISSING" in told.reason_codes


def test_nothing_at_all_is_hold() -> None:
    told = state({})

    assert told.status == "HOLD"
    assert told.confidence < 0.1


def test_a_stale_policy_with_nothing_beside_it_is_hold() -> None:
    told = health(worlds.view({"fomc:target": WHOLE["fomc:target"]}, dt.date(2028, 6, 30)))

    assert "POLICY_MISSING" not in told.reason_codes
    assert told.confidence < 0.1
    assert told.status == "HOLD"


def test_each_reason_is_also_a_gap_in_words() -> None:
    told = state({**WHOLE, "fred:BAA10Y": aged(WHOLE["fred:BAA10Y"], 10)})

    assert told.reason_codes == ("CREDIT_STALE",)
    assert [gap.series for gap in told.gaps] == ["fred:BAA10Y"]
    assert "releases missed" in told.gaps[0].reason
    assert told.last_good == dt.date(2019, 6, 18)


@pytest.mark.parametrize(
    ("name", "code"), [("fred:BAA10Y", "CREDIT"), ("fred:DGS10", "SLOPE"), ("yahoo:IWM:adj_close", "PRICES")]
)
def test_a_number_a_hundred_times_too_large_is_not_believed(name: str, code: str) -> None:
    told = state({**WHOLE, name: corrupted(WHOLE[name], 0)}, SLOPED)

    assert f"{code}_UNBELIEVABLE" in told.reason_codes
    assert told.confidence < 0.8


@pytest.mark.parametrize(
    ("kind", "code"),
    [("disputed", "PRICES_CONTRADICTED"), ("refused", "PRICES_CONTRADICTED"), ("down", "PRICES_NOT_DELIVERED")],
)
def test_what_the_last_fetch_noted_against_a_price_degrades_it(kind: str, code: str) -> None:
    day = np.array([DAY], dtype="datetime64[D]")
    note = History.of(day, np.array(["2019-06-28T21:30"], dtype="datetime64[us]"), [2.0])

    told = state({**WHOLE, note_series(kind, "yahoo:IWM"): note})

    assert (told.status, told.reason_codes) == ("DEGRADED", (code,))
    assert told.confidence < 1
    assert told.gaps[0].reason.startswith("yahoo:IWM")


def test_the_prices_asked_after_are_those_of_the_pair_held() -> None:
    told = health(worlds.view(WHOLE, DAY), small="IJR")

    assert told.reason_codes == ("PRICES_MISSING",)
    assert [gap.series for gap in told.gaps] == ["yahoo:IJR:adj_close"]


def test_a_second_source_that_disagrees_degrades_the_block() -> None:
    ten, bill = WHOLE["fred:DGS10"], WHOLE["fred:DGS3MO"]
    shared = np.intersect1d(ten.period, bill.period)
    both = [held.value[np.isin(held.period, shared)] for held in (ten, bill)]
    known = np.maximum(*(held.known_at[np.isin(held.period, shared)] for held in (ten, bill)))
    agreeing = History(shared, known, both[0] - both[1])

    assert state({**WHOLE, "fred:T10Y3M": agreeing}, SLOPED).status == "OK"
    told = state({**WHOLE, "fred:T10Y3M": History(shared, known, agreeing.value + 0.5)}, SLOPED)
    assert (told.status, told.reason_codes) == ("DEGRADED", ("SLOPE_DISPUTED",))
