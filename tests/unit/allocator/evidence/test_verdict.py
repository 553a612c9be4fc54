"""The verdict is a rule, and its test belongs to its moment."""

import datetime as dt

import numpy as np
import pytest

from allocator.evidence import (
    Moments,
    TrackRecord,
    Trials,
    dsr,
    haircut_t,
    last_month_end,
    power_of_dsr,
    sharpe_test,
    verdict,
)
from signals.calendars import cut, month_end_sessions

GOOD = {"months": 300, "dsr": 0.97, "spa_p": 0.02, "pbo": 0.1, "ir_interval": (0.1, 0.8)}
TRIALS = Trials(25)


def record(months, first=dt.date(2000, 1, 1), mean=0.1):
    ends = month_end_sessions(first, dt.date(2030, 1, 1))[:months]
    return TrackRecord(np.array(ends, "datetime64[D]"), np.random.default_rng(1).standard_normal(months) + mean)


def test_all_four_tests_met_is_an_edge():
    assert verdict(**GOOD).answer == "edge supported"


@pytest.mark.parametrize(
    "worse",
    [{"dsr": 0.949}, {"spa_p": 0.051}, {"pbo": 0.251}, {"ir_interval": (-0.01, 0.8)}, {"ir_interval": (0.0, 0.8)}],
)
def test_any_one_test_failed_is_no_reliable_edge(worse):
    found = verdict(**{**GOOD, **worse})

    assert found.answer == "no reliable edge"
    assert sum("not met" in reason for reason in found.reasons) == 1


def test_a_test_not_yet_computed_cannot_support_an_edge():
    assert verdict(**{**GOOD, "pbo": None}).answer == "not evaluated"
    assert verdict(months=300, dsr=0.6).answer == "no reliable edge"


def test_under_sixty_months_nothing_is_said():
    assert verdict(**{**GOOD, "months": 59}).answer == "not evaluated"


def test_a_record_that_the_ratio_cannot_judge_is_not_judged():
    found = verdict(**GOOD, unfit="idle in 40% of months (at most 30%)")

    assert found.answer == "not evaluated"
    assert "idle in 40%" in found.reasons[0]


def test_a_short_record_has_no_ratio():
    found = sharpe_test(record(59), cut(dt.date(2010, 6, 30)), TRIALS)

    assert (found.dsr, found.t, found.power, found.months) == (None, None, None, 59)


def test_the_ratio_comes_with_its_t_its_haircut_and_its_power():
    whole = record(120)

    found = sharpe_test(whole, cut(dt.date(2012, 6, 15)), TRIALS)

    assert found.dsr == dsr(Moments.of(whole.net), trials=25)
    assert found.t == pytest.approx(whole.net.mean() / whole.net.std(ddof=1) * 120**0.5)
    assert found.haircut_t == haircut_t(found.t, 25)
    assert found.power == power_of_dsr(10, 25)
    assert found.unfit is None


def test_a_past_day_has_the_test_of_that_day():
    long, short = record(240), record(100)
    moment = cut(dt.date(2006, 3, 15))

    poisoned = TrackRecord(long.known_on, np.where(long.known_on > np.datetime64("2006-02-28"), 1e9, long.net))
    assert sharpe_test(long, moment, TRIALS) == sharpe_test(poisoned, moment, TRIALS)
    assert sharpe_test(long, moment, TRIALS).months == 74
    assert sharpe_test(short, moment, TRIALS).months == 74


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2023-12-29", "2023-11-30"),
        ("2023-12-28", "2023-11-30"),
        ("2024-01-02", "2023-12-29"),
        ("2023-03-31", "2023-02-28"),
    ],
)
def test_the_last_month_end_lies_strictly_before_the_moment(day, expected):
    assert last_month_end(cut(dt.date.fromisoformat(day))) == dt.date.fromisoformat(expected)


def test_every_reason_names_its_number_and_its_bar():
    reasons = " ".join(verdict(**GOOD).reasons)

    assert "0.97: met (at least 0.95)" in reasons
    assert "0.10 to 0.80: met" in reasons
