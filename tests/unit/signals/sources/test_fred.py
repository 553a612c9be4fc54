"""FRED's API: complete, dated as it was shown, and never faster or looser than promised."""

import datetime as dt
import random
from dataclasses import dataclass

import numpy as np
import pytest

from signals.asof import EMPTY, AsOf, History
from signals.series.dictionary import describe
from signals.sources.fred import FredSource, _windows, continued
from tests.support.servers.fred import KEY, Fred, daily
from tests.support.servers.http import serving

NOW = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)


@dataclass
class Shelf:
    held: dict[str, History]

    def __call__(self, name: str) -> History:
        return self.held.get(name, EMPTY)


def source(url: str) -> FredSource:
    return FredSource(KEY, f"{url}/fred", timeout=5.0, budget=60.0, per_second=500.0)


def revised(count: int, seed: int, *, periods: int = 12) -> list[tuple[str, str, str]]:
    """A monthly book whose periods are revised at random on `count` different days."""
    chance = random.Random(seed)
    first = dt.date(2012, 1, 3)
    months = [f"2011-{month:02}-01" for month in range(1, periods + 1)]
    book, last = [], {}
    for step in range(count):
        shown = (first + dt.timedelta(days=step)).isoformat()
        month = chance.choice(months)
        value = f"{chance.randint(30, 90) / 10:.1f}"
        if last.get(month) != value:
            book.append((month, shown, value))
            last[month] = value
    return book


def as_shown(book, day):
    """Brute force: the last row of each month shown by `day`."""
    found = {}
    for month, shown, value in sorted(book, key=lambda row: row[1]):
        if shown <= day:
            found[month] = float(value)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_more_than_two_thousand_vintages_equal_brute_force_on_any_day(seed):
    book = revised(2600, seed)
    with serving(Fred({"UNRATE": book}, frequency={"UNRATE": "M"})) as line:
        (arrival, _) = source(line.url).fetch("fred:UNRATE", Shelf({}), NOW).arrivals
    assert arrival.series.id == "alfred:UNRATE"
    assert len({shown for _, shown, _ in book}) > 2000

    for day in random.Random(seed).sample([row[1] for row in book], 24):
        evening = dt.datetime.fromisoformat(f"{day}T23:30:00+00:00")
        view = AsOf(evening, {"alfred:UNRATE": arrival.facts})["alfred:UNRATE"]
        assert {stamp.strftime("%Y-%m-%d"): value for stamp, value in view.items()} == as_shown(book, day)


def test_a_second_fetch_of_vintages_adds_only_what_is_new():
    book = revised(300, 7)
    early = [row for row in book if row[1] < "2012-09-01"]
    with serving(Fred({"UNRATE": early}, frequency={"UNRATE": "M"})) as line:
        (first, _) = source(line.url).fetch("fred:UNRATE", Shelf({}), NOW).arrivals
    with serving(Fred({"UNRATE": book}, frequency={"UNRATE": "M"})) as line:
        (second, _) = source(line.url).fetch("fred:UNRATE", Shelf({"alfred:UNRATE": first.facts}), NOW).arrivals

    assert first.facts.period.size + second.facts.period.size == len(book)


def test_a_window_edge_is_no_revision():
    held = History.of(["2020-01-01"], ["2020-02-07T23:00"], [3.5])
    clamped = History.of(["2020-01-01"], ["2021-06-01T22:00"], [3.5])

    assert continued(held, clamped).period.size == 0


def test_windows_cover_every_vintage_once():
    days = [f"d{n:05}" for n in range(4001)]

    found = _windows(days)

    assert [found[0][0], found[-1][1]] == ["d00000", "d04000"]
    assert [days.index(start) for start, _ in found[1:]] == [days.index(end) + 1 for _, end in found[:-1]]


def test_more_rows_than_one_page_are_all_read():
    book = daily("2010-01-04", "2026-11-19", lambda place: 4 + (place % 11) / 100)
    with serving(Fred({"DGS10": book}, most_rows=1000)) as line:
        (arrival,) = source(line.url).fetch("fred:DGS10", Shelf({}), NOW).arrivals

    assert arrival.facts.period.size == len(book)


def test_an_unrevised_series_is_known_by_its_rule():
    book = daily("2026-11-09", "2026-11-12", lambda _: 4.1)
    with serving(Fred({"DGS10": book})) as line:
        (arrival,) = source(line.url).fetch("fred:DGS10", Shelf({}), NOW).arrivals

    assert arrival.facts.known_at[-1] == np.datetime64("2026-11-13T21:15")


def test_first_releases_are_taken_where_the_whole_past_is_estimated_again():
    book = [
        ("2026-10-02", "2026-10-07", "-0.50"),
        ("2026-10-02", "2026-10-14", "-0.61"),
        ("2026-10-09", "2026-10-14", "-0.55"),
    ]
    with serving(Fred({"NFCI": book}, frequency={"NFCI": "W"})) as line:
        (arrival, _) = source(line.url).fetch("fred:NFCI", Shelf({}), NOW).arrivals

    assert arrival.series.id == "alfred:NFCI"
    assert arrival.facts.value.tolist() == [-0.5, -0.55]


def test_a_sentinel_of_real_time_is_as_published_not_as_revised():
    book = [("2023-08-01", "2023-09-01", "3.8"), ("2023-08-01", "2024-01-05", "3.7")]
    with serving(Fred({"UNRATE": book}, frequency={"UNRATE": "M"})) as line:
        (arrival, _) = source(line.url).fetch("fred:UNRATE", Shelf({}), NOW).arrivals
    facts = {"alfred:UNRATE": arrival.facts}

    assert AsOf(dt.datetime(2023, 9, 29, 22, tzinfo=dt.UTC), facts)["alfred:UNRATE"].iloc[-1] == 3.8
    assert AsOf(dt.datetime(2024, 1, 31, 23, tzinfo=dt.UTC), facts)["alfred:UNRATE"].iloc[-1] == 3.7


def test_a_vintage_dated_tomorrow_is_not_asked_for():
    book = [("2026-10-01", "2026-11-06", "4.1"), ("2026-10-01", "2026-11-23", "4.2")]
    with serving(Fred({"UNRATE": book}, frequency={"UNRATE": "M"})) as line:
        (arrival, _) = source(line.url).fetch("fred:UNRATE", Shelf({}), NOW).arrivals

    assert arrival.facts.value.tolist() == [4.1]


def test_the_key_is_in_no_error_whatever_the_server_echoes():
    from signals.errors import SourceError
    from tests.support.servers.http import Answer

    evil = Answer(f'<error code="400" message="your key {KEY} is bad"/>'.encode(), 400)
    with serving(Fred({}, before=lambda *_: evil)) as line, pytest.raises(SourceError) as told:
        source(line.url).fetch("fred:DGS10", Shelf({}), NOW)

    assert KEY not in str(told.value)
    assert told.value.__cause__ is None


def test_the_description_of_every_series_we_ask_for_is_in_the_dictionary():
    from signals.series.dictionary import dictionary
    from signals.sources.watchlist import FRED, YAHOO

    assert not [name for name in FRED if f"fred:{name}" not in dictionary()]
    assert not [name for name in YAHOO if f"yahoo:{name}" not in dictionary()]
    assert describe("alfred:UNRATE").point_in_time
