import numpy as np

from signals.lookup import NOT_A_DAY, NOT_A_MOMENT, on_days, rows_of

DAYS = np.array(["2023-12-27", "2023-12-28", "2023-12-29"], dtype="datetime64[D]")


def test_each_day_has_its_row_and_no_other_day_has_one():
    asked = np.append(
        np.array(["2023-12-28", "2023-12-26", "2024-01-02", "2023-12-29"], dtype="datetime64[D]"), NOT_A_DAY
    )

    row, there = rows_of(asked, DAYS)

    assert there.tolist() == [True, False, False, True, False]
    assert row[there].tolist() == [1, 2]
    assert (row < DAYS.size).all()  # a row can be read even where it is not the one


def test_nothing_is_in_an_empty_list():
    row, there = rows_of(DAYS, DAYS[:0])

    assert row.tolist() == [0, 0, 0]
    assert there.tolist() == [False, False, False]


def test_values_stand_on_their_days_and_days_from_outside_are_left_out():
    period = np.array(["2023-12-29", "2023-12-30"], dtype="datetime64[D]")

    assert on_days(DAYS, period, np.array([4.5, 9.0]), -1.0).tolist() == [-1.0, -1.0, 4.5]
    assert np.isnat(on_days(DAYS, period, period.astype("datetime64[us]"), NOT_A_MOMENT)).tolist() == [
        True,
        True,
        False,
    ]
    assert on_days(DAYS[:0], period, np.array([4.5, 9.0]), 0.0).size == 0
