"""What every signal promises, run over the registry."""

import datetime as dt
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from signals import calendars
from signals.asof import AsOf, History, UndeclaredInput
from signals.catalog import BY_NAME, DEFAULT, SIGNALS
from signals.look_ahead import DAYS, broken_promises, cannot_see_the_future, clock_reads, shuffled
from signals.new_york import instant
from signals.signal import CLIP, Gap, Reading, Signal, read, scores
from tests.support import worlds

ALL = pytest.mark.parametrize("signal", SIGNALS, ids=[signal.name for signal in SIGNALS])
FAMILIES = {"rates", "credit", "dealmaking", "season", "structure", "financing", "trend"}
CODES = {"missing", "short", "stale", "truncated", "contradiction", "not_point_in_time", "model"}


@pytest.fixture(scope="module")
def world() -> dict[str, History]:
    return worlds.world(name for signal in SIGNALS for name in signal.inputs)


def test_names_are_unique_and_the_default_three_are_among_them() -> None:
    assert len(BY_NAME) == len(SIGNALS)
    assert set(DEFAULT) <= set(BY_NAME)


@ALL
def test_a_signal_says_what_it_asks_its_unit_and_its_prior(signal: Signal) -> None:
    assert signal.family in FAMILIES
    assert signal.asks.endswith("?")
    assert signal.unit
    assert signal.prior
    assert signal.inputs
    assert re.fullmatch(r"[a-z_]+", signal.name)


@ALL
def test_a_signal_lives_in_a_file_of_its_own_name_with_a_reference(signal: Signal) -> None:
    import importlib

    module = importlib.import_module(f"signals.catalog.{signal.name}")

    assert signal is module.SIGNAL
    assert re.search(r"\(\d{4}\)", (module.__doc__ or "").split("References")[1])


RESULTS = re.compile(r"[-+]?\d*\.\d+|\d+ ?%|\bIR\b|\bt [-+]?\d|\b(?:19|20)\d\d-(?:19|20)?\d\d\b(?!-)|\bMETHOD\b")


@ALL
def test_the_prose_of_a_signal_holds_no_result(signal: Signal) -> None:
    """It is read beside studies of any past day: every number there is computed as of that day."""
    import importlib

    argument = (importlib.import_module(f"signals.catalog.{signal.name}").__doc__ or "").split("References")[0]

    for words in (argument, signal.prior, signal.asks):
        assert not RESULTS.findall(words), words


@ALL
def test_a_signal_answers_with_a_number_when_everything_is_known(signal: Signal, world: dict[str, History]) -> None:
    answer = read(signal, worlds.view(world))

    assert isinstance(answer, Reading), answer
    assert abs(answer.score) <= CLIP
    assert answer.name == signal.name
    assert answer.known_at <= calendars.cut(dt.date(2019, 6, 28))
    assert answer.period <= dt.date(2019, 6, 28)


@ALL
def test_a_signal_without_data_answers_with_a_named_gap(signal: Signal) -> None:
    answer = read(signal, worlds.view({}))

    assert isinstance(answer, Gap)
    assert answer.name == signal.name
    assert answer.code in CODES
    assert answer.reason


@ALL
def test_a_signal_answers_or_gaps_at_any_date(signal: Signal, world: dict[str, History]) -> None:
    for year in range(1965, 2020, 6):
        answer = read(signal, worlds.view(world, calendars.session_on_or_before(dt.date(year, 7, 1))))

        assert isinstance(answer, Reading | Gap)
        assert answer.name == signal.name


@ALL
def test_data_that_stopped_long_ago_is_a_gap_and_not_an_old_number(signal: Signal, world: dict[str, History]) -> None:
    stopped = calendars.cut(dt.date(2012, 6, 29))
    old = {name: world[name].until(instant(stopped)) for name in signal.inputs}

    answer = read(signal, worlds.view(old))

    if signal.name == "policy_change":  # a target holds until the next decision; health asks whether it was missed
        assert isinstance(answer, Reading)
    else:
        assert isinstance(answer, Gap)
        assert answer.code in {"stale", "short", "model"}


@ALL
def test_only_declared_inputs_can_be_read(signal: Signal, world: dict[str, History]) -> None:
    asked: list[str] = []

    def find(name: str) -> History | None:
        asked.append(name)
        return world.get(name)

    read(signal, AsOf(calendars.cut(dt.date(2019, 6, 28)), find))

    assert asked
    assert set(asked) <= set(signal.inputs)
    with pytest.raises(UndeclaredInput):
        worlds.view(world).only(signal.inputs).latest("fred:NOT_DECLARED")


@ALL
def test_a_signal_cannot_see_the_future(signal: Signal, world: dict[str, History]) -> None:
    for day in DAYS:
        assert cannot_see_the_future(signal, world, day), f"{signal.name} used what was learned after {day}"


@ALL
def test_arrival_order_does_not_matter(signal: Signal, world: dict[str, History]) -> None:
    mixed = {name: shuffled(world[name]) for name in signal.inputs}

    assert read(signal, worlds.view(mixed)) == read(signal, worlds.view(world))


@ALL
def test_the_fast_path_equals_the_slow_one(signal: Signal, world: dict[str, History]) -> None:
    days = calendars.sessions_between(dt.date(2015, 11, 2), dt.date(2019, 6, 28))[::60]
    moments = calendars.instants(days, calendars.CUT)
    whole = worlds.view(world)

    fast = scores(signal, whole, moments)

    slow = [read(signal, whole.at(calendars.cut(day.astype(dt.date)))) for day in days]
    assert np.array_equal(
        fast, [answer.score if isinstance(answer, Reading) else math.nan for answer in slow], equal_nan=True
    )


@ALL
def test_the_fast_path_survives_revisions_and_days_that_came_late(signal: Signal, world: dict[str, History]) -> None:
    days = calendars.sessions_between(dt.date(2018, 9, 4), dt.date(2019, 6, 28))[::45]
    moments = calendars.instants(days, calendars.CUT)
    for name in signal.inputs[:2]:
        messy = {**world, name: _messy(world[name])}
        whole = worlds.view(messy)

        fast = scores(signal, whole, moments)

        slow = [read(signal, whole.at(calendars.cut(day.astype(dt.date)))) for day in days]
        told = [answer.score if isinstance(answer, Reading) else math.nan for answer in slow]
        assert np.array_equal(fast, told, equal_nan=True), name


def _messy(held: History) -> History:
    """Every 20th period arrives 40 days late, every 30th is revised after 20 days."""
    known = held.known_at.copy()
    known[::20] += np.timedelta64(40, "D")
    return History.of(
        np.append(held.period, held.period[::30]),
        np.append(known, held.known_at[::30] + np.timedelta64(20, "D")),
        np.append(held.value, held.value[::30] * 1.1),
    )


def looks_ahead(signal: Signal, days: int) -> Signal:
    """`signal` asked of the world as it will be `days` later, around the door."""

    def answer(view: AsOf) -> Reading | Gap:
        return signal.answer(AsOf(view.moment + dt.timedelta(days=days), view._find))

    return replace(signal, answer=answer)


def forgets_the_release(signal: Signal, days: int) -> Signal:
    """`signal` asked as if every number were known `days` before it was."""

    def answer(view: AsOf) -> Reading | Gap:
        def find(name: str) -> History | None:
            held = view._find(name)
            return held and History(held.period, held.known_at - np.timedelta64(days, "D"), held.value)

        return signal.answer(AsOf(view.moment, find))

    return replace(signal, answer=answer)


def standardises_over_everything(signal: Signal, _: int) -> Signal:
    """`signal` with the sum of its inputs over the whole sample, past and future, in its raw value."""

    def answer(view: AsOf) -> Reading | Gap:
        told = signal.answer(view)
        stored = [history for name in signal.inputs if (history := view._find(name)) is not None]
        whole = sum(float(np.nansum(history.value)) for history in stored)
        return replace(told, raw=told.raw - whole) if isinstance(told, Reading) else told

    return replace(signal, answer=answer)


@pytest.mark.parametrize("number", range(3))
def test_the_check_of_own_signals_finds_a_planted_leak(number: int, world: dict[str, History]) -> None:
    honest = BY_NAME["credit_change"]
    leaky = KINDS[number](honest, 300)
    needed = {name: world[name] for name in honest.inputs}

    assert broken_promises(honest, needed) == ()
    assert any("looks ahead" in sentence for sentence in broken_promises(leaky, needed))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("dt.date.today()", "dt.date.today (line 1)"),
        ("datetime.now(UTC)", "datetime.now (line 1)"),
        ("time.time()", "time.time (line 1)"),
        ("pd.Timestamp.now()", "pd.Timestamp.now (line 1)"),
        ("np.datetime64('today')", "np.datetime64('today') (line 1)"),
        ("dt.time(18, 0)", None),
        ("Trailing('today', raw)", None),
        ("moment.time()", None),
    ],
)
def test_a_signal_that_reads_the_clock_is_found_in_its_code(code: str, found: str | None) -> None:
    assert clock_reads(code) == ((found,) if found else ())


KINDS = (looks_ahead, forgets_the_release, standardises_over_everything)
LEAKS = 20


@pytest.mark.parametrize("number", range(LEAKS))
def test_a_planted_leak_is_found(number: int, world: dict[str, History]) -> None:
    days = int(np.random.default_rng(number).integers(200, 400))
    leaky = KINDS[number % len(KINDS)](SIGNALS[number % len(SIGNALS)], days)

    found = any(not cannot_see_the_future(leaky, world, day) for day in DAYS)

    assert found, f"{leaky.name} leaking {days} days was not found"


@pytest.mark.slow
@pytest.mark.timeout(3600)  # the Fed path at 300 month-ends, on two busy cores
@pytest.mark.parametrize("signal", SIGNALS, ids=[signal.name for signal in SIGNALS])
def test_no_signal_sees_the_future_at_300_month_ends(signal: Signal, world: dict[str, History]) -> None:
    days = calendars.month_end_sessions(dt.date(1994, 12, 1), dt.date(2019, 11, 30))

    assert len(days) == 300
    assert all(cannot_see_the_future(signal, world, day) for day in days)
