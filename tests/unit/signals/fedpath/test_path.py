"""One day's path: which decisions count, which prices are refused, and what is said instead."""

import datetime as dt

import numpy as np
import pytest

from captilt.contract.fedpath import fed_path_record
from captilt.contract.record import to_json
from signals.asof import AsOf, History
from signals.calendars import NEW_YORK, cut, instants, meetings_known, target_changes
from signals.fedpath.history import changes, path_table
from signals.fedpath.meetings import decisions_on, upcoming
from signals.fedpath.path import Strip, fed_path, path_of
from signals.fedpath.records import Bucket, MeetingOdds
from signals.fedpath.strip import series, symbol

DAY = dt.date(2026, 9, 18)
PRICES = {
    "2026-09": 96.2525, "2026-10": 96.105, "2026-11": 95.975, "2026-12": 95.835, "2027-01": 95.77, "2027-02": 95.68,
    "2027-03": 95.6, "2027-04": 95.51, "2027-05": 95.44, "2027-06": 95.385, "2027-07": 95.355, "2027-08": 95.335,
}  # fmt: skip


def plain(prices, *, day=DAY, target=4.0):
    return path_of(Strip(day, prices, "test"), decisions_on(day), upcoming(day, dt.date(2027, 8, 31)), target=target)


def world(prices, day=DAY, *, known=dt.time(15), kind="close", interest=None, volume=None):
    """A store with one day's strip and the shipped decisions."""
    one = np.array([day], dtype="datetime64[D]")
    at = instants(one, known)
    days = np.array([decided for decided, _ in target_changes()], dtype="datetime64[D]")
    found = {"fomc:target": History.of(days, instants(days, dt.time(14)), [rate for _, rate in target_changes()])}
    for contract, price in prices.items():
        found[series(contract, kind)] = History.of(one, at, [price])
        if interest is not None:
            found[series(contract, "open_interest")] = History.of(one, at, [interest.get(contract, 500.0)])
            found[series(contract, "volume")] = History.of(one, at, [(volume or {}).get(contract, 0.0)])
    return found


def test_a_held_meeting_keeps_its_month_a_meeting_month_until_it_ends():
    first = plain(PRICES).meetings[0]

    assert first.date == dt.date(2026, 10, 28)
    assert first.start_rate == pytest.approx((31 * 3.895 - 3 * 4.025) / 28)  # and not September's average


def test_a_hike_that_was_priced_is_no_repricing_of_the_meetings_after_it():
    eve, after = dt.date(2026, 9, 15), dt.date(2026, 9, 16)
    strip = {**PRICES, "2026-08": 96.37}
    facts = world(strip, eve)
    for contract, price in PRICES.items():
        held = facts[series(contract, "close")]
        later = np.array([after], dtype="datetime64[D]")
        facts[series(contract, "close")] = History.of(
            np.append(held.period, later),
            np.append(held.known_at, instants(later, dt.time(15))),
            np.append(held.value, price),
        )
    view = AsOf(cut(after), facts)

    path = fed_path(view)

    assert path.target_bp == (375, 400)
    assert fed_path(view.at(cut(eve))).target_bp == (350, 375)
    assert all(change.day_bp == pytest.approx(0, abs=1e-9) for change in changes(view, path))


def test_the_missing_contract_is_named_and_every_later_meeting_refused():
    path = plain({month: price for month, price in PRICES.items() if month != "2026-11"})

    assert "2026-11 (ZQX26)" in path.meetings[0].reason
    assert {meeting.status for meeting in path.meetings} == {"refused"}
    assert path.meetings[1].reason == "follows the refused meeting of 2026-10-28"
    assert to_json(fed_path_record(path))["bp"] == {"next": None, "m3": None, "m6": None, "m12": None}


def test_a_strip_that_ends_names_the_contract_beyond_its_end():
    path = plain({month: price for month, price in PRICES.items() if month <= "2027-01"})

    refused = [meeting for meeting in path.meetings if meeting.status == "refused"]
    assert refused[0].date == dt.date(2027, 1, 27)  # December is reached forward, from November
    assert "2027-02" in refused[0].reason
    assert path.bp.next is not None
    assert path.bp.m6 is None


def test_an_unscheduled_decision_counts_from_its_own_day_on():
    assert dt.date(2001, 4, 18) not in decisions_on(dt.date(2001, 4, 17)).tolist()
    assert dt.date(2001, 4, 18) in decisions_on(dt.date(2001, 4, 18)).tolist()


def test_a_statement_between_meetings_without_a_move_is_no_decision():
    assert dt.date(2019, 10, 4) not in decisions_on(dt.date(2019, 10, 15)).tolist()


def test_the_meeting_called_off_in_march_2020_was_expected_until_it_was():
    assert dt.date(2020, 3, 18) in upcoming(dt.date(2020, 2, 28), dt.date(2020, 12, 31))
    assert dt.date(2020, 3, 18) not in upcoming(dt.date(2020, 3, 15), dt.date(2020, 12, 31))


def test_every_part_of_the_desk_reckons_with_the_meeting_called_off_until_it_was():
    before = dt.datetime(2020, 3, 15, 16, 59, tzinfo=NEW_YORK)
    ahead = [m.date for m in meetings_known(before) if m.scheduled and m.announced > before]
    after = before + dt.timedelta(minutes=1)
    later = [m.date for m in meetings_known(after) if m.scheduled and m.announced > after]

    assert ahead[0] == dt.date(2020, 3, 18)
    assert later[0] == dt.date(2020, 4, 29)
    assert ahead[1:] == later


def test_two_decisions_in_a_month_are_flagged():
    prices = {f"2008-{month:02d}": 97.0 for month in range(1, 13)}
    path = fed_path(AsOf(cut(dt.date(2008, 1, 25)), world(prices, dt.date(2008, 1, 25))))

    assert path.status == "refused"
    assert "two decisions fall in 2008-01" in path.reason


def test_before_1994_every_meeting_is_refused_for_want_of_a_calendar():
    day = dt.date(1993, 12, 15)
    path = path_of(
        Strip(day, {"1994-02": 96.9}, "test"),
        np.array(["1994-02-04"], "datetime64[D]"),
        (dt.date(1994, 2, 4),),
        target=3.0,
    )

    assert path.status == "refused"
    assert "no meeting calendar before 1994" in path.meetings[0].reason
    assert fed_path(AsOf(cut(day), {})).reason == path.reason


def test_before_the_range_the_bounds_are_equal():
    day = dt.date(1995, 3, 1)
    strip = Strip(day, {"1995-03": 93.98, "1995-04": 93.93}, "test")
    path = path_of(strip, np.array(["1995-03-28"], "datetime64[D]"), (dt.date(1995, 3, 28),), target=6.0)

    first = path.meetings[0].probabilities[0]
    assert (first.lower_bp, first.upper_bp) == (600, 600)


def test_moves_and_terminal_follow_their_definitions():
    path = plain(PRICES)
    by_date = {meeting.date: meeting for meeting in path.meetings}
    start = path.meetings[0].start_rate

    assert path.bp.m3 == pytest.approx(100 * (by_date[dt.date(2026, 12, 9)].end_rate - start))
    assert path.bp.m6 == pytest.approx(100 * (by_date[dt.date(2027, 3, 17)].end_rate - start))
    farthest = max(path.meetings, key=lambda m: abs((m.end_rate or start) - start))
    assert (path.terminal.rate, path.terminal.date) == (farthest.end_rate, farthest.date)


def test_probabilities_that_do_not_sum_to_one_cannot_be_built():
    with pytest.raises(ValueError, match="sum to"):
        MeetingOdds(DAY, start_rate=4.0, end_rate=4.1, probabilities=(Bucket(375, 400, 0.5),))


def test_symbols_are_the_exchanges():
    assert (symbol("2026-12"), symbol("2027-01")) == ("ZQZ26", "ZQF27")


@pytest.mark.parametrize(("price", "word"), [(100.5, "impossible"), (-3.0, "impossible"), (0.0, "impossible")])
def test_an_impossible_price_is_refused_with_its_reason(price, word):
    path = fed_path(AsOf(cut(DAY), world({**PRICES, "2026-11": price})))

    assert word in path.refused["2026-11"]
    assert "2026-11" in path.reason
    assert word in path.reason


def test_a_far_contract_that_nobody_holds_is_derived_and_refused():
    facts = world(PRICES, interest={"2027-04": 0.0, "2026-09": 0.0})

    path = fed_path(AsOf(cut(DAY), facts))

    assert set(path.refused) == {"2027-04"}  # the month in delivery is exempt: it empties on its last day
    assert "no open interest" in path.refused["2027-04"]


def test_a_contract_that_traded_is_a_price_whatever_the_open_interest():
    facts = world(PRICES, interest={"2027-04": 0.0}, volume={"2027-04": 10.0})

    assert fed_path(AsOf(cut(DAY), facts)).refused == {}


def test_open_interest_that_is_nowhere_reported_refuses_nothing():
    facts = world(PRICES, interest=dict.fromkeys(PRICES, 0.0))

    assert fed_path(AsOf(cut(DAY), facts)).refused == {}


def test_a_stale_contract_is_refused_with_the_day_of_its_last_price():
    facts = world(PRICES)
    facts[series("2026-11", "close")] = world(PRICES, dt.date(2026, 9, 16))[series("2026-11", "close")]

    path = fed_path(AsOf(cut(DAY), facts))

    assert path.refused == {"2026-11": "stale: its newest price is of 2026-09-16"}
    assert "stale" in path.reason


def test_a_strip_from_before_a_decision_cannot_speak_for_the_day_after():
    facts = world(PRICES, dt.date(2026, 9, 15))

    assert "before the decision of 2026-09-16" in fed_path(AsOf(cut(DAY), facts)).reason


def test_on_a_decision_day_the_strip_of_the_eve_is_refused():
    eve, day = dt.date(2026, 9, 15), dt.date(2026, 9, 16)

    assert "before the decision of 2026-09-16" in fed_path(AsOf(cut(day), world(PRICES, eve))).reason


def test_an_old_strip_is_refused_with_its_age():
    path = fed_path(AsOf(cut(dt.date(2026, 9, 30)), world(PRICES)))

    assert path.reason == "the newest futures prices are of 2026-09-18, 8 sessions old"


def test_settlement_goes_before_close_and_kinds_are_never_mixed():
    facts = world(PRICES) | world({month: price - 0.5 for month, price in PRICES.items()}, kind="settle")
    fewer = world(PRICES) | world({"2026-10": 90.0}, kind="settle")

    assert fed_path(AsOf(cut(DAY), facts)).price_source.startswith("settle of 2026-09-18")
    path = fed_path(AsOf(cut(DAY), fewer))
    assert path.price_source == "close of 2026-09-18, known 2026-09-18 15:00 New York"
    assert path.meetings[0].start_rate == plain(PRICES).meetings[0].start_rate


def test_the_last_price_of_an_expired_month_is_an_anchor():
    day, last = dt.date(2022, 9, 20), dt.date(2022, 8, 31)
    facts = world({"2022-09": 97.4475}, day) | {
        series("2022-08", "close"): world({"2022-08": 97.67}, last)[series("2022-08", "close")]
    }

    first = fed_path(AsOf(cut(day), facts)).meetings[0]

    assert first.start_rate == pytest.approx(2.33)


def test_a_print_after_expiry_is_never_read():
    day = dt.date(2022, 9, 20)
    late = world({"2022-08": 97.67}, dt.date(2022, 9, 19))

    first = fed_path(AsOf(cut(day), world({"2022-09": 97.4475}, day) | late)).meetings[0]

    assert first.status == "refused"


def test_a_table_row_equals_the_single_day():
    view = AsOf(cut(DAY), world(PRICES))
    table = path_table(view, np.array([DAY], dtype="datetime64[D]"))
    path = fed_path(view)

    answered = [meeting for meeting in path.meetings if meeting.status == "ok"]
    assert table.end[0, : len(answered)].tolist() == [meeting.end_rate for meeting in answered]
    assert table.lowest[0, 0] == path.meetings[0].probabilities[0].lower_bp
    assert {name: value[0] for name, value in table.moves().items()} == pytest.approx(
        {
            "next": path.bp.next,
            "m3": path.bp.m3,
            "m6": path.bp.m6,
            "m12": np.nan if path.bp.m12 is None else path.bp.m12,
        },
        nan_ok=True,
    )
    assert table.terminal()[0] == path.terminal.rate
