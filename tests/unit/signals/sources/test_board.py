"""FOMC decisions from the Board's feed and statements, on a server in the Board's own layout."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from signals.asof import EMPTY, History
from signals.calendars import NEW_YORK, cut
from signals.errors import SourceError
from signals.sources.board import FOMC, LOWER, UPPER, BoardSource
from signals.sources.provider import Delivery
from tests.support.servers.board import KEPT, Board, Statement
from tests.support.servers.http import Answer, serving

JUNE = dt.date(2022, 6, 15)
EVENING = cut(JUNE)
MAY = Statement.of(dt.date(2022, 5, 4), 0.75, 1.0)
HIKE = Statement.of(JUNE, 1.5, 1.75)


pytestmark = pytest.mark.attempts(2)


def fetch(board: Board, held: dict[str, History] | None = None, now: dt.datetime = EVENING) -> Delivery:
    with serving(board) as line:
        source = BoardSource(f"{line.url}/feeds/press_monetary.xml", timeout=2.0, budget=10.0)
        return source.fetch(FOMC, lambda name: (held or {}).get(name, EMPTY), now)


def ranges(delivery: Delivery) -> dict[dt.date, tuple[float, float]]:
    facts = {arrival.series.id: arrival.facts for arrival in delivery.arrivals}
    days = facts[UPPER].period.astype(dt.date).tolist()
    return dict(zip(days, zip(facts[LOWER].value.tolist(), facts[UPPER].value.tolist(), strict=True), strict=True))


def test_the_decision_is_known_from_the_time_stamp_of_the_feed() -> None:
    delivery = fetch(Board([MAY, HIKE], EVENING))

    assert ranges(delivery) == {MAY.day: (0.75, 1.0), JUNE: (1.5, 1.75)}
    assert delivery.arrivals[1].facts.known_at[-1] == np.datetime64("2022-06-15T18:00:00")


def test_before_the_announcement_nothing_of_today_is_known() -> None:
    noon = dt.datetime.combine(JUNE, dt.time(13, 59), NEW_YORK)

    assert ranges(fetch(Board([MAY, HIKE], noon), now=noon)) == {MAY.day: (0.75, 1.0)}


def test_a_decision_that_is_held_is_not_asked_for_again() -> None:
    held = {UPPER: History.of([MAY.day], [np.datetime64("2022-05-04T18:00")], [1.0])}
    board = Board([MAY, HIKE], EVENING)

    assert ranges(fetch(board, held)) == {JUNE: (1.5, 1.75)}
    assert MAY.path not in board.asked


def test_minutes_and_projections_are_not_opened() -> None:
    others = [
        Statement(JUNE, "projections", title="Federal Reserve Board and FOMC release economic projections", letter="b"),
        Statement(JUNE, "3 to 4 percent", title="Minutes of the Federal Open Market Committee, May 3-4, 2022"),
    ]
    board = Board([HIKE, *others], EVENING)

    assert ranges(fetch(board)) == {JUNE: (1.5, 1.75)}
    assert others[0].path not in board.asked


def test_several_documents_of_a_day_agree_or_none_is_stored() -> None:
    agreeing = Statement.of(JUNE, 1.5, 1.75, letter="c", title="Statement on implementation")
    other = Statement.of(JUNE, 1.25, 1.5, letter="c", title="Statement on implementation")

    assert ranges(fetch(Board([HIKE, agreeing], EVENING))) == {JUNE: (1.5, 1.75)}
    delivery = fetch(Board([HIKE, other], EVENING))
    assert ranges(delivery) == {}
    assert {refusal.rule for refusal in delivery.refused} == {"statement.target"}


def test_an_unscheduled_decision_on_a_sunday_is_read() -> None:
    at = dt.datetime(2020, 3, 15, 17, 0, tzinfo=NEW_YORK)
    sunday = Statement.of(at.date(), 0.0, 0.25, at=at)

    delivery = fetch(Board([sunday], at), now=at)

    assert ranges(delivery) == {at.date(): (0.0, 0.25)}
    assert delivery.arrivals[0].facts.known_at[0] == np.datetime64("2020-03-15T21:00")


def test_a_statement_without_a_target_stores_nothing() -> None:
    purchases = Statement(dt.date(2020, 3, 23), "the Committee will purchase Treasury securities")

    delivery = fetch(Board([purchases], cut(purchases.day)), now=cut(purchases.day))

    assert ranges(delivery) == {}
    assert [remark.rule for remark in delivery.remarks] == ["statement.no_target"]


def test_a_step_that_no_meeting_took_is_refused() -> None:
    delivery = fetch(Board([MAY, Statement.of(JUNE, 4.5, 4.75)], EVENING))

    assert ranges(delivery) == {MAY.day: (0.75, 1.0)}
    assert "a step from 1 to 4.75 percent" in delivery.refused[0].reason


def test_a_maintained_range_is_a_fact_too() -> None:
    delivery = fetch(Board([Statement.of(JUNE, 0.75, 1.0, KEPT)], EVENING))

    assert ranges(delivery) == {JUNE: (0.75, 1.0)}


PAGES = {
    "a block page": Answer(b"<html><title>Access Denied</title>http&#58;//www.federalreserve.gov/ #18.2f</html>", 200),
    "403": Answer(b"<html>Access Denied</html>", 403),
    "empty": Answer(b""),
    "a redirect": Answer(b"", 302, {"Location": "http://127.0.0.1:9/"}),
}


@pytest.mark.parametrize("kind", PAGES)
def test_a_statement_that_cannot_be_read_is_reported_and_the_others_arrive(kind: str) -> None:
    delivery = fetch(Board([MAY, HIKE], EVENING, pages={HIKE.path: PAGES[kind]}))

    assert ranges(delivery) == {MAY.day: (0.75, 1.0)}
    assert [remark.rule for remark in delivery.remarks] == ["statement.unread"]


FEEDS: dict[str, Callable[[], Any]] = {
    "a page": lambda: Answer(b"<!DOCTYPE html><html>maintenance</html>"),
    "empty": lambda: Answer(b""),
    "another document": lambda: Answer(b"<?xml version='1.0'?><seriess/>"),
    "no entries": lambda: Answer(b"<rss version='2.0'><channel><title>FRB</title></channel></rss>"),
    "cut off": lambda: Answer(b"<rss version='2.0'><channel><item><title>Federal"),
    "403": lambda: Answer(b"<html>Access Denied</html>", 403),
    "500": lambda: Answer(b"", 500),
}


@pytest.mark.parametrize("kind", FEEDS)
def test_a_feed_that_is_none_is_an_error(kind: str) -> None:
    with pytest.raises(SourceError, match="Nothing of it was stored"):
        fetch(Board([HIKE], EVENING, feed=FEEDS[kind]()))


def test_a_link_to_another_host_is_not_followed() -> None:
    delivery = fetch(Board([HIKE], EVENING, host="https://www.federalreserve.example"))

    assert ranges(delivery) == {}
    assert "another host" in delivery.remarks[0].sentence


def test_a_release_of_the_future_or_under_a_foreign_date_is_ignored() -> None:
    tomorrow = Statement.of(JUNE, 1.5, 1.75, at=EVENING + dt.timedelta(days=1))
    board = Board([tomorrow], EVENING + dt.timedelta(days=2))

    assert ranges(fetch(board)) == {}
    assert ranges(fetch(board, now=EVENING + dt.timedelta(days=2))) == {}  # its address names another day
