"""A provider that serves the last years only: a gap or a stated splice, never a quiet smaller window."""

import numpy as np
import pytest

from signals.asof import History
from signals.catalog import BY_NAME
from signals.health.health import health
from signals.signal import Gap, Reading, read
from tests.support import worlds


def served_since(held: History, first: str) -> History:
    kept = held.period >= np.datetime64(first)
    return History(held.period[kept], held.known_at[kept], held.value[kept])


@pytest.fixture(scope="module")
def world() -> dict[str, History]:
    names = {
        name for key in ("high_yield", "credit_level", "curve_slope", "capital_access") for name in BY_NAME[key].inputs
    }
    return worlds.world(names)


@pytest.mark.parametrize(
    ("signal", "series"),
    [("credit_level", "fred:BAA10Y"), ("curve_slope", "fred:DGS10"), ("capital_access", "fred:DRTSCILM")],
)
def test_any_truncated_series_is_a_gap_that_names_it(world: dict[str, History], signal: str, series: str) -> None:
    short = {**world, series: served_since(world[series], "2012-01-01")}

    answer = read(BY_NAME[signal], worlds.view(short))

    assert isinstance(answer, Gap)
    assert (answer.code, answer.series) == ("truncated", series)


def test_the_high_yield_spread_is_scored_on_the_long_leg_until_ten_years_are_held(world: dict[str, History]) -> None:
    series = "fred:BAMLH0A0HYM2"
    short = {**world, series: served_since(world[series], "2016-07-01")}

    answer, long = (read(BY_NAME[name], worlds.view(short)) for name in ("high_yield", "credit_level"))

    assert isinstance(answer, Reading)
    assert isinstance(long, Reading)
    assert answer.score == long.score
    assert answer.raw == short[series].until(np.datetime64("2019-06-28T22:00")).latest().value[-1]
    assert "stored since 2016-07-01 only: scored on fred:BAA10Y" in answer.note
    assert "overlap" in answer.note


def test_with_ten_years_held_the_high_yield_spread_is_scored_on_itself_and_tells_the_overlap(
    world: dict[str, History],
) -> None:
    answer, long = (read(BY_NAME[name], worlds.view(world)) for name in ("high_yield", "credit_level"))

    assert isinstance(answer, Reading)
    assert isinstance(long, Reading)
    assert answer.score != long.score
    assert "correlation" in answer.note


def test_a_truncated_leg_of_the_advice_lowers_its_confidence(world: dict[str, History]) -> None:
    short = {**world, "fred:BAA10Y": served_since(world["fred:BAA10Y"], "2012-01-01")}

    assert "CREDIT_TRUNCATED" in health(worlds.view(short)).reason_codes
