"""METHOD 5: what counts as a trial, and who may be judged."""

import numpy as np
import pytest

from allocator.evidence.effective_trials import distinct_rules, effective_rules, effective_trials, unfit_for_dsr

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize(("off_diagonal", "expected"), [(0.5, 3.427051), (0.0, 4.0), (1.0, 1.0)])
def test_the_golden_numbers_of_galwey(off_diagonal, expected):
    correlation = np.full((4, 4), off_diagonal) + (1 - off_diagonal) * np.eye(4)

    assert effective_trials(correlation) == pytest.approx(expected, abs=5e-7)


def test_a_copy_of_a_rule_is_no_second_try_and_an_idle_one_none():
    one, other = RANDOM.normal(size=(2, 5000))

    assert effective_rules(np.column_stack([one, 2 * one, other, np.zeros(5000)])) == pytest.approx(
        effective_rules(np.column_stack([one, one, other]))
    )
    assert effective_rules(np.zeros((50, 2))) == 0.0
    assert effective_rules(np.column_stack([one, other])) == pytest.approx(2.0, abs=0.01)


def test_a_rule_that_is_mostly_idle_or_lives_of_one_month_is_not_judged():
    steady = RANDOM.normal(size=400)
    idle = np.where(np.arange(400) % 3 == 0, 0.0, steady)
    lucky = np.append(0.01 * steady, 50.0)

    assert unfit_for_dsr(steady) is None
    assert "idle in 34%" in (unfit_for_dsr(idle) or "")
    assert "kurtosis" in (unfit_for_dsr(lucky) or "")
    assert unfit_for_dsr(np.array([])) == "no month has an outcome"


def test_near_copies_are_one_rule_and_the_first_one_stays():
    one, other = RANDOM.normal(size=(2, 400))
    near = one + 0.1 * RANDOM.normal(size=400)

    assert distinct_rules(np.column_stack([np.zeros(400), one, near, other, -one])).tolist() == [1, 3, 4]
