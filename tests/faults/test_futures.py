"""Futures broken in every way seen: the probabilities sum to one, or the answer is "not available" and why.

Real strips are edited in memory; a fault may silence a meeting, never bend a probability without a word.
"""

import datetime as dt
import math

import numpy as np
import pytest

from signals.asof import AsOf, History
from signals.calendars import cut, instants, next_session, previous_session, sessions_between
from signals.fedpath.meetings import decisions_on, upcoming
from signals.fedpath.path import fed_path, path_of, strip_of, target_on
from signals.fedpath.strip import series

DAYS = tuple(
    dt.date.fromisoformat(day) for day in ("1996-05-14", "2001-01-02", "2007-12-10", "2015-09-16", "2022-06-14")
)
FAULTS = 8  # edits of a kind on every day
pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def whole(store):
    return store.as_of(cut(dt.date(2023, 9, 15)))


def edited(view, day, changes):
    """The world at the cut of `day` with some series replaced."""
    return AsOf(cut(day), lambda name: changes.get(name, view.history(name)))


def sound(path):
    """True where every meeting sums to one or is refused with a reason, and nothing follows a refusal."""
    for meeting in path.meetings:
        total = math.fsum(bucket.probability for bucket in meeting.probabilities)
        assert meeting.reason or abs(total - 1) <= 1e-12
        assert all(bucket.probability > 0 for bucket in meeting.probabilities)
    statuses = [meeting.status for meeting in path.meetings]
    assert statuses == sorted(statuses)
    assert path.status == "ok" or path.reason
    return path


def near(day):
    month = np.datetime64(day, "M")
    return [str(month + k) for k in range(FAULTS)]


def close(view, contract):
    return view.history(series(contract, "close"))


def with_value(held, day, value):
    """`held` with the price of `day` replaced."""
    here = held.period == np.datetime64(day, "D")
    return History(held.period, held.known_at, np.where(here, value, held.value))


def without(held, day):
    keep = held.period != np.datetime64(day, "D")
    return History(held.period[keep], held.known_at[keep], held.value[keep])


EACH = pytest.mark.parametrize("day", DAYS, ids=str)


@EACH
def test_a_missing_contract_is_named_where_it_is_needed(whole, day):
    before = sound(fed_path(whole.at(cut(day))))
    for contract in near(day):
        path = sound(fed_path(edited(whole, day, {series(contract, "close"): History.of([], [], [])})))
        lost = [b for a, b in zip(before.meetings, path.meetings, strict=False) if a.status == "ok" and b.reason]
        assert not lost or contract in lost[0].reason or "imply a move" in lost[0].reason


@EACH
def test_a_stale_settle_is_refused_by_name(whole, day):
    for contract in near(day):
        world = edited(whole, day, {series(contract, "close"): without(close(whole, contract), day)})
        sound(fed_path(world))
        strip = strip_of(world, day)
        assert contract not in strip.prices
        if contract in strip_of(whole, day).prices:
            assert "stale" in strip.refused[contract]


@EACH
@pytest.mark.parametrize("price", [100.01, 1e9, 0.0, -5.0, math.nan])
def test_an_impossible_price_never_enters(whole, day, price):
    for contract in near(day):
        path = sound(
            fed_path(edited(whole, day, {series(contract, "close"): with_value(close(whole, contract), day, price)}))
        )
        assert (
            contract not in path.refused
            or "outside 0 to 100" in path.refused[contract]
            or "stale" in path.refused[contract]
        )


@EACH
def test_a_price_a_hundred_times_too_small_shows_as_an_absurd_move_or_not_at_all(whole, day):
    for contract in near(day):
        wrong = with_value(close(whole, contract), day, 0.95)
        path = sound(fed_path(edited(whole, day, {series(contract, "close"): wrong})))
        steps = [abs(m.end_rate - m.start_rate) for m in path.meetings if m.end_rate is not None]
        assert not steps or max(steps) <= 2.0


@EACH
def test_a_print_after_expiry_changes_nothing(whole, day):
    gone = str(np.datetime64(day, "M") - 1)
    held = close(whole, gone)
    late = np.array([day], dtype="datetime64[D]")
    ghost = History.of(
        np.append(held.period, late), np.append(held.known_at, instants(late, dt.time(15))), np.append(held.value, 50.0)
    )

    assert sound(fed_path(edited(whole, day, {series(gone, "close"): ghost}))) == fed_path(whole.at(cut(day)))


@EACH
def test_a_meeting_that_moves_within_its_quarter_stays_sound(whole, day):
    strip, target = strip_of(whole, day), target_on(whole, day)
    ahead = upcoming(day, day + dt.timedelta(days=250))
    for shift in (-9, -1, 1, 6, 13, 30):
        moved = sorted({ahead[0], ahead[1] + dt.timedelta(days=shift), *ahead[2:]})
        held = np.array([d for d in decisions_on(day).tolist() if d <= day] + moved, dtype="datetime64[D]")
        sound(path_of(strip, held, tuple(moved), target=target))


@EACH
def test_an_emergency_move_makes_two_decisions_and_says_so(whole, day):
    strip, target = strip_of(whole, day), target_on(whole, day)
    ahead = upcoming(day, day + dt.timedelta(days=250))
    emergency = np.datetime64(ahead[0].replace(day=1), "D")
    if emergency == np.datetime64(ahead[0]):
        emergency += 1
    held = np.union1d(decisions_on(day), np.array([emergency]))

    path = sound(path_of(strip, held, ahead, target=target))

    assert "two decisions fall in" in path.reason


@EACH
def test_the_end_of_the_horizon_refuses_what_lies_beyond(whole, day):
    last = str(np.datetime64(day, "M") + 3)
    strip = strip_of(whole, day)
    cut_off = type(strip)(day, {month: price for month, price in strip.prices.items() if month <= last}, strip.source)
    ahead = upcoming(day, day + dt.timedelta(days=365))

    path = sound(path_of(cut_off, decisions_on(day), ahead, target=target_on(whole, day)))

    assert all(meeting.reason for meeting in path.meetings if f"{meeting.date:%Y-%m}" > last)


def test_real_emergencies_are_flagged_until_their_month_is_over(whole):
    flagged = [
        day
        for day in sessions_between(dt.date(2007, 12, 3), dt.date(2008, 12, 31)).tolist()
        if "two decisions" in sound(fed_path(whole.at(cut(day)))).reason
    ]

    assert flagged[0] == dt.date(2008, 1, 22)
    assert all((day.year, day.month) in {(2008, 1), (2008, 10)} for day in flagged)
    assert next_session(dt.date(2008, 1, 30)) not in flagged
    assert previous_session(dt.date(2008, 1, 22)) not in flagged
