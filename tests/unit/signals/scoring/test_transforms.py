import numpy as np
import pytest

from signals.asof import History
from signals.scoring.points import combine, joined, month_means, month_moments, months_before, newest


def moments(*days: str) -> np.ndarray:
    return np.array(days, dtype="datetime64[us]")


def history(*rows: tuple[str, str, float]) -> History:
    period, known_at, value = zip(*rows, strict=True)
    return History.of(period, known_at, value)


def test_a_number_counts_from_the_moment_it_is_known_not_from_its_period() -> None:
    held = history(("2020-01-01", "2020-02-10", 1.0), ("2020-02-01", "2020-03-10", 2.0))

    seen = newest(held, moments("2020-02-09", "2020-02-10", "2020-03-09", "2020-03-10"))

    assert np.array_equal(seen.value, [np.nan, 1.0, 1.0, 2.0], equal_nan=True)


def test_a_revision_of_the_newest_period_replaces_it_from_then_on() -> None:
    held = history(("2020-01-01", "2020-02-10", 1.0), ("2020-01-01", "2020-02-20", 1.5))

    assert newest(held, moments("2020-02-15", "2020-02-25")).value.tolist() == [1.0, 1.5]


def test_a_revision_of_an_older_period_leaves_the_newest_alone() -> None:
    held = history(
        ("2020-01-01", "2020-02-10", 1.0), ("2020-02-01", "2020-03-10", 2.0), ("2020-01-01", "2020-04-01", 9.0)
    )

    assert newest(held, moments("2020-04-02")).value.tolist() == [2.0]


def test_a_withdrawn_value_brings_back_the_period_before() -> None:
    held = history(
        ("2020-01-01", "2020-02-10", 1.0), ("2020-02-01", "2020-03-10", 2.0), ("2020-02-01", "2020-03-12", np.nan)
    )

    assert newest(held, moments("2020-03-11", "2020-03-13")).value.tolist() == [2.0, 1.0]


def test_nothing_known_is_not_a_number_and_no_day() -> None:
    seen = newest(history(("2020-01-01", "2020-02-10", 1.0)), moments("2020-01-01"))

    assert np.isnan(seen.value[0])
    assert np.isnat(seen.period[0])


def test_an_old_value_is_no_value() -> None:
    seen = newest(history(("2020-01-01", "2020-01-02", 1.0)), moments("2020-01-11", "2020-01-12"))

    assert np.isnan(seen.fresh(moments("2020-01-11", "2020-01-12"), max_age_days=10).value).tolist() == [False, True]


def test_a_formula_is_known_when_its_last_part_is() -> None:
    left = history(("2020-01-01", "2020-01-02", 5.0), ("2020-01-02", "2020-01-03", 6.0))
    right = history(("2020-01-01", "2020-01-09", 2.0))

    result = combine(np.subtract, left, right)

    assert result.value.tolist() == [3.0]
    assert result.known_at.tolist() == moments("2020-01-09").tolist()


def test_a_late_revision_of_a_part_is_a_late_revision_of_the_formula() -> None:
    left = history(("2020-01-01", "2020-01-02", 5.0), ("2020-01-01", "2020-06-01", 7.0))
    right = history(("2020-01-01", "2020-01-03", 2.0))

    result = combine(np.subtract, left, right)

    assert newest(result, moments("2020-01-02", "2020-01-04", "2020-06-01")).value.tolist()[1:] == [3.0, 5.0]
    assert np.isnan(newest(result, moments("2020-01-02")).value[0])


@pytest.mark.parametrize("seed", range(20))
def test_a_formula_over_revised_series_equals_the_formula_of_each_moment(seed: int) -> None:
    random = np.random.default_rng(seed)
    parts = [_random_history(random) for _ in range(2)]
    result = combine(np.subtract, *parts)

    for moment in moments(*(f"2020-0{month}-15" for month in range(1, 10))):
        left, right = (part.until(moment).latest() for part in parts)
        shared, in_left, in_right = np.intersect1d(left.period, right.period, return_indices=True)
        seen = result.until(moment).latest()
        assert np.array_equal(seen.period, shared)
        assert np.array_equal(seen.value, left.value[in_left] - right.value[in_right])


def _random_history(random: np.random.Generator) -> History:
    period = np.datetime64("2020-01-01") + random.integers(0, 40, 60)
    known_at = (period + random.integers(1, 200, 60)).astype("datetime64[us]")
    return History.of(period, known_at, random.normal(size=60))


def test_a_month_mean_is_known_with_its_last_day() -> None:
    held = history(
        ("2020-01-02", "2020-01-03", 1.0), ("2020-01-31", "2020-02-03", 3.0), ("2020-02-03", "2020-02-04", 9.0)
    )

    means = month_means(held)

    assert means.value.tolist() == [2.0, 9.0]
    assert means.known_at[0] == np.datetime64("2020-02-03")


def test_a_stand_in_ends_where_the_series_begins() -> None:
    early = history(
        ("2019-11-01", "2019-12-01", 1.0), ("2019-12-01", "2020-01-02", 2.0), ("2020-01-01", "2020-02-01", 3.0)
    )
    late = history(("2020-01-02", "2020-01-03", 7.0))

    assert joined(early, late).value.tolist() == [1.0, 2.0, 7.0]


def test_a_month_earlier_than_the_end_of_march_is_the_end_of_february() -> None:
    asked = moments("2020-03-31T22:00", "2021-03-31T22:00", "2020-02-29T23:00")

    assert months_before(asked, 1)[:2].tolist() == moments("2020-02-29T22:00", "2021-02-28T22:00").tolist()
    assert months_before(asked, 12)[2] == np.datetime64("2019-02-28T23:00")


def test_the_grid_of_month_ends_lies_before_each_moment() -> None:
    grid = month_moments(moments("2020-01-31T23:00"), before=3)

    assert [str(day)[:10] for day in grid] == ["2019-10-31", "2019-11-29", "2019-12-31"]
