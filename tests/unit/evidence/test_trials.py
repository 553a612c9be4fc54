"""Every try is counted, and a past day keeps its count when the file grows."""

import datetime as dt
from dataclasses import replace

import pytest

from allocator.evidence import registered_trials, specification, trials_at
from allocator.evidence.trials import parse
from signals.calendars import cut

HEAD = "date,room,specification,sample,metric,value,note\n"
START = "2026-11-22,method,before the file,1963-2026,count,25,\n"
REGISTERED = dt.date(2026, 11, 22)


def lines(*rows):
    return parse([HEAD, START, *rows])


def test_the_file_starts_at_twenty_five():
    first = registered_trials()[0]

    assert first.tries == 25
    assert first.room == "method"


def test_every_later_line_is_one_try_whatever_it_measures():
    written = lines("2026-11-22,regime,hazard,1995-2007,log_score,0.58,\n", "2026-11-22,allocator,a,b,ir,0.4,\n")

    assert trials_at(cut(dt.date(2026, 11, 23)), written, registered=REGISTERED).count == 27


def test_what_was_tried_before_registration_counts_on_every_past_day():
    written = lines("2026-11-20,allocator,a,b,ir,0.4,\n")

    assert trials_at(cut(dt.date(2006, 7, 31)), written, registered=REGISTERED).count == 26


def test_a_later_try_leaves_past_days_as_they_were():
    before, after = lines(), lines("2027-03-01,allocator,a,b,ir,0.4,\n")

    day = cut(dt.date(2026, 12, 31))
    assert trials_at(day, after, registered=REGISTERED) == trials_at(day, before, registered=REGISTERED)
    assert trials_at(cut(dt.date(2027, 3, 1)), after, registered=REGISTERED).count == 26


def test_the_spread_is_that_of_the_monthly_ratios():
    written = lines("2026-11-22,allocator,a,b,ir,0.4,\n", "2026-11-22,allocator,b,b,ir,0.1,\n")

    found = trials_at(cut(dt.date(2026, 11, 23)), written, registered=REGISTERED)

    assert found.variance == pytest.approx(0.3**2 / 2 / 12)


def test_a_line_that_cannot_be_read_is_never_dropped():
    with pytest.raises(ValueError, match="many"):
        lines("2026-11-22,allocator,a,b,ir,many,\n")


def test_a_new_registration_brings_every_earlier_try_into_every_moment():
    written = lines("2027-03-01,allocator,a,b,ir,0.4,\n")
    later = replace(specification(), registered=dt.date(2027, 3, 1))

    assert trials_at(cut(dt.date(2006, 7, 31)), written, registered=later.registered).count == 26


def test_listing_a_signal_that_was_not_declared_is_a_try():
    day = cut(dt.date(2026, 11, 23))
    declared = specification().declared["signals"]["names"]

    plain = trials_at(day, lines(), registered=REGISTERED, listed=declared)
    more = trials_at(day, lines(), registered=REGISTERED, listed=(*declared, "january", "high_yield"))
    fewer = trials_at(day, lines(), registered=REGISTERED, listed=declared[:1])

    assert (plain.count, more.count, fewer.count) == (25, 27, 25)


def test_tries_judged_by_another_score_count_and_are_told_apart():
    written = lines(
        "2026-11-22,regime,a,1995-2007,count:log_score,36,\n",
        "2026-11-22,regime,b,1995-2007,log_score,0.44,\n",
        "2026-11-22,allocator,c,1985-2023,ir,0.4,\n",
    )

    found = trials_at(cut(dt.date(2026, 11, 23)), written, registered=REGISTERED)

    assert (found.count, found.on_returns) == (25 + 36 + 1 + 1, 26)
