"""METHOD 2 by hand: anchors, backward, forward, and what is left unknown."""

import numpy as np
import pytest

from signals.fedpath.meetings import month_lengths, month_marks
from signals.fedpath.solve import TWO_DECISIONS, odds, solve, trusted


def strip(first, prices, decisions):
    """Rates by month from prices by month; `decisions` are days."""
    month = np.datetime64(first, "M")
    marks = month_marks(np.array(decisions, "datetime64[D]"), month, len(prices))
    start, end = solve(np.array([prices], float), marks[None], month_lengths(month, len(prices))[None])
    return start[0], end[0]


def test_the_published_example_of_2022_is_reproduced():
    start, end = strip("2022-09", [97.4475, 96.94, 96.43], ["2022-09-21", "2022-11-02"])

    assert start[[0, 2]] == pytest.approx([2.335, 3.06], abs=1e-9)
    assert end[[0, 2]] == pytest.approx([3.06, 3.606429], abs=5e-7)


def test_an_expired_month_without_a_meeting_starts_the_first_meeting():
    start, end = strip("2022-08", [97.67, 97.4475, np.nan], ["2022-09-21"])

    assert start[1] == pytest.approx(2.33)
    assert end[1] == pytest.approx((30 * 2.5525 - 21 * 2.33) / 9)


def test_a_meeting_pinned_on_both_sides_ignores_its_own_contract():
    with_price = strip("2022-08", [97.67, 90.0, 96.94], ["2022-09-21"])
    without = strip("2022-08", [97.67, np.nan, 96.94], ["2022-09-21"])

    assert (with_price[0][1], with_price[1][1]) == pytest.approx((2.33, 3.06))
    assert (without[0][1], without[1][1]) == pytest.approx((2.33, 3.06))


def test_the_decision_day_counts_at_the_old_rate():
    start, _ = strip("2022-09", [97.4475, 96.94], ["2022-09-21"])

    old_convention = (30 * 2.5525 - 10 * 3.06) / 20
    assert start[0] == pytest.approx((30 * 2.5525 - 9 * 3.06) / 21)
    assert abs(start[0] - old_convention) > 0.03


def test_neighbouring_meetings_are_handed_backward():
    start, end = strip("2026-12", [95.835, 95.77, 95.68], ["2026-12-09", "2027-01-27"])

    january = (31 * 4.23 - 4 * 4.32) / 27
    assert (start[1], end[1]) == pytest.approx((january, 4.32))
    assert (start[0], end[0]) == pytest.approx(((31 * 4.165 - 22 * january) / 9, january))


def test_neighbouring_meetings_are_handed_forward_where_no_anchor_follows():
    start, end = strip("2023-05", [95.0, 94.9, 94.8], ["2023-06-14", "2023-07-05"])

    june = (30 * 5.1 - 14 * 5.0) / 16
    assert (start[1], end[1]) == pytest.approx((5.0, june))
    assert (start[2], end[2]) == pytest.approx((june, (31 * 5.2 - 5 * june) / 26))


def test_a_meeting_on_the_last_day_starts_at_its_own_month():
    start, end = strip("2024-01", [94.67, 94.68], ["2024-01-31"])

    assert (start[0], end[0]) == pytest.approx((5.33, 5.32))


def test_a_meeting_on_the_last_day_ends_the_meeting_before_it():
    _, end = strip("2023-12", [94.66, 94.67, 94.68], ["2023-12-13", "2024-01-31"])

    assert end[0] == pytest.approx(5.33)


@pytest.mark.parametrize(("day", "known"), [("2023-05-23", True), ("2023-05-24", False)])
def test_the_forward_form_needs_eight_days_at_the_new_rate(day, known):
    _, end = strip("2023-04", [95.1, 95.0], [day])

    assert np.isfinite(end[1]) == known


def test_two_decisions_in_a_month_are_not_told_apart():
    start, end = strip("2007-12", [95.8, 96.05, 97.0], ["2008-01-22", "2008-01-30"])

    marks = month_marks(np.array(["2008-01-22", "2008-01-30"], "datetime64[D]"), np.datetime64("2007-12"), 3)
    assert marks.tolist() == [0, TWO_DECISIONS, 0]
    assert (start[1], end[1]) == pytest.approx((4.2, 3.0))  # the month's ends, which belong to two meetings


def test_nothing_is_carried_through_a_month_without_a_price():
    start, end = strip("2026-10", [96.105, np.nan, 95.835, 95.77], ["2026-10-28", "2026-12-09"])

    assert np.isnan([start[0], end[0]]).all()
    assert end[2] == pytest.approx(4.23)


def test_many_strips_at_once_equal_each_alone():
    rng = np.random.default_rng(20261122)
    price = np.where(rng.random((200, 14)) < 0.1, np.nan, 95 + rng.normal(0, 0.3, (200, 14)))
    marks = rng.choice([0, 0, 15, 28, 31, TWO_DECISIONS], (200, 14))
    length = np.full((200, 14), 31)

    together = solve(price, marks, length)
    alone = [solve(price[k : k + 1], marks[k : k + 1], length[k : k + 1]) for k in range(200)]

    for side in (0, 1):
        assert np.array_equal(together[side], np.concatenate([one[side] for one in alone]), equal_nan=True)


def test_a_whole_number_of_steps_leaves_no_second_outcome():
    lowest, probability = odds(np.array([[5.33]]), np.array([[5.58 + 1e-12]]), "conditional")

    assert lowest[0, 0] == 1
    assert probability[0, 0].tolist() == [1.0, 0.0]


def test_a_cut_splits_between_the_two_neighbouring_steps():
    lowest, probability = odds(np.array([[5.0]]), np.array([[4.9]]), "conditional")

    assert lowest[0, 0] == -1
    assert probability[0, 0] == pytest.approx([0.4, 0.6])


def test_an_absurd_move_and_all_after_it_are_not_trusted():
    start, end = trusted(np.array([[5.0, 5.1, 8.0]]), np.array([[5.1, 8.0, 8.1]]))

    assert np.isnan(start[0]).tolist() == [False, True, True]
    assert np.isnan(end[0]).tolist() == [False, True, True]
