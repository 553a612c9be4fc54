"""Laws of the Fed path: probabilities sum to one, or the meeting is refused by name."""

import datetime as dt
import math
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signals.fedpath.path import Strip, path_of

FIRST = np.datetime64("2023-09", "M")
ALL = [str(FIRST + k) for k in range(16)]
price = st.floats(90, 100, allow_nan=False).map(lambda value: round(value, 4))
calm = st.floats(94.5, 95.5).map(lambda value: round(value, 4))
weekday = st.dates(dt.date(2023, 10, 2), dt.date(2024, 12, 20)).filter(lambda day: day.weekday() < 5)


def path(prices, days, kind="conditional"):
    held = np.array(sorted(days), dtype="datetime64[D]")
    return path_of(Strip(dt.date(2023, 9, 29), prices, "test"), held, tuple(sorted(days)), target=5.5, kind=kind)


@settings(max_examples=150)
@given(
    prices=st.dictionaries(st.sampled_from(ALL), st.one_of(price, calm), min_size=1),
    days=st.sets(weekday, min_size=1, max_size=10),
    kind=st.sampled_from(["conditional", "aggregated"]),
)
def test_every_meeting_sums_to_one_or_says_why_not(prices, days, kind):
    found = path(prices, days, kind)

    assert [m.date for m in found.meetings] == sorted(days)
    for meeting in found.meetings:
        if meeting.status == "ok":
            shares = [bucket.probability for bucket in meeting.probabilities]
            assert abs(math.fsum(shares) - 1) <= 1e-12
            assert all(0 < share <= 1 for share in shares)
            lower = [bucket.lower_bp for bucket in meeting.probabilities]
            assert lower == sorted(lower)
        else:
            assert meeting.probabilities == ()
            assert re.search(r"contract \d{4}-\d\d|two decisions|follows the refused|imply a move", meeting.reason)


@settings(max_examples=100)
@given(prices=st.dictionaries(st.sampled_from(ALL), calm, min_size=1), days=st.sets(weekday, min_size=1, max_size=10))
def test_nothing_is_answered_after_the_first_refusal(prices, days):
    statuses = [meeting.status for meeting in path(prices, days).meetings]

    assert statuses == sorted(statuses)  # "ok" sorts before "refused"


@settings(max_examples=100)
@given(prices=st.fixed_dictionaries(dict.fromkeys(ALL, calm)), days=st.sets(weekday, min_size=1, max_size=8))
def test_the_mean_of_the_probabilities_is_the_sum_of_the_expected_steps(prices, days):
    expected = 0.0
    for meeting in (m for m in path(prices, days).meetings if m.status == "ok"):
        expected += 100 * (meeting.end_rate - meeting.start_rate)
        mean = sum(bucket.lower_bp * bucket.probability for bucket in meeting.probabilities)
        assert mean - 525 == pytest.approx(expected, abs=1e-6)


@settings(max_examples=100)
@given(prices=st.fixed_dictionaries(dict.fromkeys(ALL, calm)), days=st.sets(weekday, min_size=1, max_size=8))
def test_both_views_expect_the_same_rates(prices, days):
    conditional, aggregated = path(prices, days), path(prices, days, "aggregated")

    assert [m.end_rate for m in conditional.meetings] == [m.end_rate for m in aggregated.meetings]
    assert conditional.bp == aggregated.bp
    for meeting in aggregated.meetings:
        assert len(meeting.probabilities) <= 2


@example(prices=dict.fromkeys(ALL, 95.0), days={dt.date(2024, 12, 16)}, gone="2024-11")  # both neighbours are missing
@settings(max_examples=100)
@given(
    prices=st.fixed_dictionaries(dict.fromkeys(ALL, calm)),
    days=st.sets(weekday, min_size=1, max_size=6),
    gone=st.sampled_from(ALL),
)
def test_a_missing_contract_never_changes_an_answer_into_another_refusal_without_its_name(prices, days, gone):
    whole = path(prices, days)
    left = path({month: value for month, value in prices.items() if month != gone}, days)

    newly = [b for a, b in zip(whole.meetings, left.meetings, strict=True) if a.status == "ok" and b.status != "ok"]
    named = (gone, "follows the refused", "imply a move", "two decisions")  # the last may bar the way from the right
    assert all(any(words in m.reason for words in named) for m in newly)
    assert not newly or "follows" not in newly[0].reason
