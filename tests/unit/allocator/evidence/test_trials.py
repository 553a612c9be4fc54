"""Every try is counted, and a past day keeps its count when the file grows."""

import datetime as dt

import pytest

from allocator.evidence import registered_trials, specification, trials_at
from allocator.evidence.trials import parse
from signals.calendars import cut

HEAD = "date,register,room,specification,sample,metric,value,tries,effective,note\n"
START = "2026-11-26,returns,method,before the file,1963-2026,,,315,12,declared\n"
REGISTERED = dt.date(2026, 11, 26)
TRY = "{day},returns,allocator,{name},b,ir,{ir},1,,\n"


def lines(*rows):
    return parse([HEAD, START, *rows])


def test_the_file_declares_the_tries_of_the_audits_with_their_effective_number():
    first = registered_trials()[0]

    assert (first.register, first.tries, first.effective) == ("returns", 315, 12.0)
    assert "11.9" in first.note
    assert {line.register for line in registered_trials()} == {"returns", "log_score"}


def test_every_later_line_judged_on_returns_is_one_try():
    written = lines(TRY.format(day="2026-11-26", name="a", ir=0.4), TRY.format(day="2026-11-26", name="c", ir=0.1))

    found = trials_at(cut(dt.date(2026, 11, 27)), written, registered=REGISTERED)

    assert (found.count, found.on_returns) == (14.0, 317)


def test_tries_judged_by_log_score_are_shown_and_add_nothing():
    written = lines(
        "2026-11-22,log_score,regime,a,1995-2007,,,36,,\n",
        "2026-11-22,log_score,regime,b,1995-2007,log_score,0.44,1,,\n",
    )

    found = trials_at(cut(dt.date(2026, 11, 27)), written, registered=REGISTERED)

    assert (found.count, found.on_returns, found.on_log_score) == (12.0, 315, 37)


def test_what_was_tried_before_registration_counts_on_every_past_day():
    written = lines(TRY.format(day="2026-11-20", name="a", ir=0.4))

    assert trials_at(cut(dt.date(2006, 7, 31)), written, registered=REGISTERED).count == 13


def test_a_later_try_leaves_past_days_as_they_were():
    before, after = lines(), lines(TRY.format(day="2027-03-01", name="a", ir=0.4))

    day = cut(dt.date(2026, 12, 31))
    assert trials_at(day, after, registered=REGISTERED) == trials_at(day, before, registered=REGISTERED)
    assert trials_at(cut(dt.date(2027, 3, 1)), after, registered=REGISTERED).count == 13


def test_a_new_registration_brings_every_earlier_try_into_every_moment():
    written = lines(TRY.format(day="2027-03-01", name="a", ir=0.4))

    assert trials_at(cut(dt.date(2006, 7, 31)), written, registered=dt.date(2027, 3, 1)).count == 13


def test_the_spread_is_that_of_the_monthly_ratios():
    written = lines(TRY.format(day="2026-11-22", name="a", ir=0.4), TRY.format(day="2026-11-22", name="b", ir=0.1))

    found = trials_at(cut(dt.date(2026, 11, 27)), written, registered=REGISTERED)

    assert found.variance == pytest.approx(0.3**2 / 2 / 12)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (TRY.format(day="2026-11-22", name="a", ir="many"), "many"),
        ("2026-11-22,hearsay,allocator,a,b,,,1,,\n", "hearsay"),
        ("2026-11-22,returns,allocator,a,b,,,3,4,\n", "amount to"),
    ],
)
def test_a_line_that_cannot_be_read_is_never_dropped(line, fault):
    with pytest.raises(ValueError, match=fault):
        lines(line)


def test_listing_a_signal_that_was_not_declared_is_a_try():
    day = cut(dt.date(2026, 11, 27))
    declared = specification().declared["signals"]["names"]

    plain = trials_at(day, lines(), registered=REGISTERED, listed=declared)
    more = trials_at(day, lines(), registered=REGISTERED, listed=(*declared, "january", "curve_slope"))
    fewer = trials_at(day, lines(), registered=REGISTERED, listed=declared[:1])

    assert (plain.count, more.count, fewer.count) == (12, 14, 12)
