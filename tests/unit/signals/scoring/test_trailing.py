import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals import calendars
from signals.asof import AsOf, History
from signals.scoring.composite import Blend
from signals.scoring.points import known
from signals.scoring.zscore import Trailing
from signals.signal import Gap, Reading

RATE = "fred:DGS10"
DAY = dt.date(2019, 6, 28)


def monthly(values: list[float], last: dt.date = DAY) -> History:
    """One number at each of the last month-ends, known at once."""
    ends = calendars.month_end_sessions(dt.date(1990, 1, 1), last)[-len(values) :]
    days = np.array(ends, dtype="datetime64[D]")
    return History.of(days, calendars.instants(days, dt.time(17, 0)), values)


def view(values: list[float], day: dt.date = DAY) -> AsOf:
    return AsOf(calendars.cut(day), {RATE: monthly(values)})


def level(name: str = "made_up", sign: int = 1, **kinds: int) -> Trailing:
    return Trailing(name, lambda world, moments: known(world, RATE, moments), sign=sign, source=RATE, **kinds)


def test_the_score_is_the_distance_from_the_mean_in_standard_deviations() -> None:
    values = [1.0, 2.0] * 59 + [1.0, 3.0]

    answer = level().answer(view(values))

    assert isinstance(answer, Reading)
    assert answer.raw == 3.0
    assert answer.score == pytest.approx((3.0 - np.mean(values)) / np.std(values, ddof=1), rel=1e-12)


def test_a_negative_sign_turns_the_score_around() -> None:
    values = [1.0, 2.0] * 60

    up, down = level().answer(view(values)), level(sign=-1).answer(view(values))

    assert isinstance(up, Reading)
    assert isinstance(down, Reading)
    assert up.score == -down.score


def test_only_ten_years_count() -> None:
    recent = [1.0, 2.0] * 60

    assert level().answer(view([500.0, -500.0, *recent])) == level().answer(view(recent))


def test_the_score_is_clipped_at_three() -> None:
    answer = level().answer(view([1.0, 2.0] * 59 + [1.0, 1000.0]))

    assert isinstance(answer, Reading)
    assert answer.score == 3.0


def test_fewer_than_sixty_month_ends_are_a_gap() -> None:
    answer = level().answer(view([1.0, 2.0] * 29 + [1.0]))

    assert isinstance(answer, Gap)
    assert answer.code == "short"
    unlisted = Trailing("made_up", lambda world, moments: known(world, "made:UP", moments), sign=1, source="made:UP")
    sixty = AsOf(calendars.cut(DAY), {"made:UP": monthly([1.0, 2.0] * 30)})
    assert isinstance(unlisted.answer(sixty), Reading)


def test_a_history_cut_short_by_its_provider_is_a_gap_and_not_a_smaller_window() -> None:
    answer = level().answer(view([1.0, 2.0] * 45))  # seven and a half years of a series that exists since 1962

    assert isinstance(answer, Gap)
    assert answer.code == "truncated"


def test_a_history_that_is_short_because_it_is_young_gives_a_smaller_window() -> None:
    last = dt.date(2025, 9, 30)
    held = monthly([1.0, 2.0] * 45, last)  # from 2018-04 on, where the dictionary says that SOFR begins
    sofr = Trailing("young", lambda world, moments: known(world, "fred:SOFR", moments), sign=1, source="fred:SOFR")

    answer = sofr.answer(AsOf(calendars.cut(last), {"fred:SOFR": held}))

    assert isinstance(answer, Reading)


def test_a_series_that_has_not_moved_has_no_score() -> None:
    answer = level().answer(view([1.0] * 120))

    assert isinstance(answer, Gap)
    assert answer.code == "model"


def test_within_a_month_the_day_itself_is_the_newest_of_the_window() -> None:
    ends = [1.0, 2.0] * 60
    held = monthly(ends)
    day = np.array(["2019-07-15"], dtype="datetime64[D]")
    now = History.of(
        np.append(held.period, day), np.append(held.known_at, calendars.instants(day, dt.time(17))), [*ends, 5.0]
    )

    answer = level().answer(AsOf(calendars.cut(dt.date(2019, 7, 15)), {RATE: now}))

    window = [*ends[1:], 5.0]
    assert isinstance(answer, Reading)
    assert answer.score == pytest.approx(min(3.0, (5.0 - np.mean(window)) / np.std(window, ddof=1)))


def test_a_blend_is_the_mean_of_the_legs_that_answer_and_names_the_others() -> None:
    absent = Trailing("absent", lambda world, moments: known(world, "fred:DGS2", moments), sign=1, source="fred:DGS2")
    blend = Blend("both", (level("first"), absent))

    answer = blend.answer(view([1.0, 2.0] * 60))

    lone = level("first").answer(view([1.0, 2.0] * 60))
    assert isinstance(answer, Reading)
    assert isinstance(lone, Reading)
    assert answer.score == lone.score
    assert "absent left out: nothing is stored of fred:DGS2" in answer.note


def test_a_blend_that_is_led_is_silent_without_its_leader() -> None:
    absent = Trailing("absent", lambda world, moments: known(world, "fred:DGS2", moments), sign=1, source="fred:DGS2")

    assert isinstance(Blend("both", (absent, level())).answer(view([1.0, 2.0] * 60)), Gap)
    assert isinstance(Blend("both", (absent, level()), led=False).answer(view([1.0, 2.0] * 60)), Reading)


@given(st.floats(-2.9, 2.9), st.integers(0, 10_000), st.sampled_from([-1, 1]))
def test_a_score_and_its_raw_value_are_each_other_s_inverse(wanted: float, seed: int, sign: int) -> None:
    before = np.random.default_rng(seed).normal(2.0, 0.7, 119)
    signal = level(sign=sign)

    raw = signal.scale(view([*before, 0.0]), calendars.cut(DAY))[1].raw(wanted)
    assert raw is not None
    now, scale = signal.scale(view([*before, raw]), calendars.cut(DAY))
    answer = signal.answer(view([*before, raw]))

    assert now == raw
    assert isinstance(answer, Reading)
    assert answer.score == pytest.approx(wanted, abs=1e-9)
    assert scale.score(raw) == pytest.approx(answer.score, abs=1e-9)


def test_no_raw_value_has_a_score_beyond_what_a_window_allows() -> None:
    scale = level().scale(view([1.0, 2.0] * 60), calendars.cut(DAY))[1]

    assert scale.raw(10.9) is None  # (n - 1) / sqrt(n) = 10.86 for n = 120
    assert scale.raw(10.8) is not None


def test_a_short_or_flat_window_has_no_scale() -> None:
    short = level().scale(view([1.0, 2.0] * 20), calendars.cut(DAY))[1]
    flat = level().scale(view([1.0] * 120), calendars.cut(DAY))[1]

    assert np.isnan(short.score(1.5))
    assert short.raw(0.5) is None
    assert np.isnan(flat.score(1.0))
    assert flat.raw(0.5) is None
