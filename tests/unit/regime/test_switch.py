"""The hysteresis is an expected cost, not a number of days."""

import numpy as np

from regime.hysteresis import in_force

MOVING, HOLD = 0, 1
PAIR = np.array([[MOVING, HOLD]])


def force(hold_chances, waits, cost):
    chance = np.array([[1 - p, p, 0, 0] for p in hold_chances])
    return in_force(chance, np.repeat(PAIR, len(chance), axis=0), waits=np.array(waits), cost=cost).tolist()


def test_on_the_day_of_a_move_the_likelier_phase_is_taken_at_once():
    assert force([0.6], [1], 100.0) == [HOLD]


def test_without_a_cost_the_likelier_phase_is_in_force_every_day():
    assert force([0.2, 0.51, 0.49, 0.7], [1, 1, 1, 1], 0.0) == [MOVING, HOLD, MOVING, HOLD]


def test_the_rule_switches_where_delay_costs_more_than_a_switch_taken_back():
    # D (p_j - p_i) > c p_i: with D 1 and c 3 the new phase must be four times as likely
    assert force([0.1, 0.79], [1, 1], 3.0) == [MOVING, MOVING]
    assert force([0.1, 0.81], [1, 1], 3.0) == [MOVING, HOLD]


def test_long_before_the_next_decision_there_is_less_reason_to_wait():
    assert force([0.1, 0.55], [30, 30], 3.0) == [MOVING, HOLD]
    assert force([0.1, 0.55], [30, 2], 3.0) == [MOVING, MOVING]


def test_a_dearer_false_switch_never_switches_sooner():
    numbers = np.random.default_rng(1)
    for _ in range(50):
        chances, waits = numbers.uniform(0, 1, 40), numbers.integers(1, 30, 40)
        chances[0] = 0.2
        cheap, dear = force(chances, waits, 1.0), force(chances, waits, 8.0)
        first = [path.index(HOLD) if HOLD in path else 99 for path in (cheap, dear)]
        assert first[0] <= first[1]
