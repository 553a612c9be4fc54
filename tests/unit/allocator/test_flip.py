"""Distance to flip: the value found does change the stance, and nothing nearer does."""

from functools import partial

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from allocator.flip import flips, pair_distance, phase_lever, signal_lever
from allocator.settings import TiltSettings
from allocator.tilt import Limits, stance_of

SETTINGS = TiltSettings()


def limits(position: float = 0.0, *, multiplier: float = 1.0) -> Limits:
    return Limits(position, position, -20.0, 80.0, 1.0, multiplier, 10.3)


def word(raw: float, bounds: Limits) -> str:
    return stance_of(raw, bounds, SETTINGS)


def test_what_is_held_moves_no_flip():
    levers = [signal_lever("x", 0.5, 4.0)]

    assert flips(levers, 2.0, partial(word, bounds=limits(position=9.0))) == flips(
        levers, 2.0, partial(word, bounds=limits(position=-9.0))
    )


def test_equal_distances_are_ordered_by_name_whatever_the_last_digit():
    levers = [signal_lever("b", 0.1, 5.0), signal_lever("a", 0.1 + 1e-16, 5.0)]

    assert [flip.input for flip in flips(levers, 2.0, partial(word, bounds=limits()))] == ["a", "b"]


@given(st.floats(-3, 3), st.floats(-6, 6), st.floats(-12, 12), st.floats(-9, 9))
def test_the_stance_changes_at_the_flip_and_not_before(score, slope, rest, held):
    bounds, raw = limits(held), slope * score + rest
    assume(abs(abs(raw) - SETTINGS.stance_min_points) > 1e-6)  # on the edge itself a last digit decides

    flip = flips([signal_lever("x", score, slope)], raw, partial(word, bounds=bounds))[0]

    if flip.flips_at is None:
        for value in np.linspace(-3, 3, 61):
            assert word(raw + slope * (value - score), bounds) == word(raw, bounds)
        return
    assert word(raw + slope * (flip.flips_at - score), bounds) == flip.to != word(raw, bounds)
    short = flip.now + 0.999999 * (flip.flips_at - flip.now)
    assert word(raw + slope * (short - score), bounds) == word(raw, bounds)


def test_an_input_that_moves_nothing_never_flips():
    assert flips([signal_lever("x", 1.0, 0.0)], 8.0, partial(word, bounds=limits()))[0].flips_at is None


def test_the_nearest_flip_comes_first():
    found = flips(
        [signal_lever("weak", 0.0, 1.0), signal_lever("strong", 0.0, 5.0)], 1.0, partial(word, bounds=limits())
    )

    assert [flip.input for flip in found] == ["strong", "weak"]


def test_a_phase_gains_what_the_others_lose_in_proportion():
    phases, points = np.array([0.5, 0.3, 0.1, 0.1]), np.array([-10.0, 4.0, 2.0, 0.0])
    lever = phase_lever("HIKE", 0, phases, points)

    moved = np.array([0.8, 0.3 * 0.4, 0.1 * 0.4, 0.1 * 0.4])

    assert np.isclose(lever.slope * (0.8 - 0.5), (moved - phases) @ points)


def test_two_inputs_together_need_less_than_either_alone():
    one, other = signal_lever("one", 0.0, 4.0), signal_lever("other", 0.0, -3.0)
    alone = flips([one], 1.0, partial(word, bounds=limits()))[0]

    together = pair_distance(one, other, raw=1.0, stance_of=partial(word, bounds=limits()))

    assert together is not None
    distance, to = together
    assert distance < abs(alone.flips_at or 9)
    sign = 1 if to == "overweight" else -1
    assert word(1.0 + sign * 7.0 * (distance + 1e-9), limits()) == to


def test_a_score_that_is_not_known_counts_as_average():
    assert signal_lever("x", float("nan"), 2.0).now == 0.0
