"""EDGAR's form indexes from a real server in the real layouts: counted, dated, paced, and refused where wrong."""

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from signals import calendars
from signals.asof import AsOf, History
from signals.catalog import BY_NAME
from signals.derived.filing_counts import unusual, weekly
from signals.errors import SourceError
from signals.signal import Reading, read
from signals.sources.edgar import COUNTED, EdgarSource, counted, series_of
from signals.sources.provider import Delivery
from tests.support import worlds
from tests.support.servers.edgar import Archive, Filing, index

NOW = dt.datetime(2019, 8, 15, 22, 0, tzinfo=dt.UTC)  # 18:00 in New York: today is not over
AGENT = "captilt tests tests@example.org"


pytestmark = pytest.mark.attempts(2)


def filings(first: dt.date, last: dt.date) -> list[Filing]:
    """One S-1 and one amendment a day, a tender offer on Mondays, and mergers in the filing season."""
    days = calendars.sessions_between(first, last).astype(dt.date).tolist()
    found: list[Filing] = []
    for day in days:
        found += [
            ("S-1", "NEW COMPANY INC", day),
            ("S-1/A", "NEW COMPANY INC", day),
            ("10-K", "OLD  COMPANY /DE/", day),
        ]
        if day.weekday() == 0:
            found.append(("SC TO-T", "TARGET CORP", day))
        if day.month in (3, 4):
            found += [("DEFM14A", f"MERGING {number}", day) for number in range(3)]
    return found


def source(url: str, agent: str = AGENT) -> EdgarSource:
    return EdgarSource(url, agent, timeout=5.0, budget=60.0, per_second=10.0)


def held(facts: dict[str, History] | None = None):
    return lambda name: (facts or {}).get(name, History.of([], [], []))


def facts(delivery: Delivery) -> dict[str, History]:
    return {arrival.series.id: arrival.facts for arrival in delivery.arrivals}


@pytest.fixture
def archive():
    with Archive(filings, posted=dt.date(2019, 8, 14)) as served:
        yield served


def test_both_layouts_and_both_date_forms_are_read() -> None:
    for day in (dt.date(2012, 3, 5), dt.date(2019, 3, 4)):
        for daily in (False, True):
            found = counted(index(filings(day, day), daily=daily))

            forms = {"S-1": 1, "S-1/A": 1, "10-K": 1, "10-K filers": 1, "SC TO-T": 1, "DEFM14A": 3}
            assert dict(found[np.datetime64(day)]) == forms


def test_a_first_fetch_brings_the_newest_quarters_and_amendments_do_not_count(archive: Archive) -> None:
    got = facts(source(archive.url).fetch("edgar:FORMS", held(), NOW))

    assert set(got) == {series_of(form) for form in COUNTED}
    registrations = got["edgar:S-1"]
    assert registrations.period[-1] == np.datetime64("2019-08-14")
    assert registrations.period[0] == np.datetime64("2018-04-02")
    assert set(registrations.value) == {1.0}
    assert got["edgar:S-4"].value.sum() == 0
    assert [path.rsplit("/", 3)[1:3] for path in archive.asked[:2]] == [["2019", "QTR3"], ["2019", "QTR2"]]


def test_a_count_is_known_when_the_last_filing_of_its_day_was_accepted(archive: Archive) -> None:
    got = facts(source(archive.url).fetch("edgar:FORMS", held(), NOW))["edgar:S-1"]

    assert got.known_at[-1] == np.datetime64("2019-08-14T21:30")  # 17:30 in New York


def test_a_day_that_is_not_over_is_not_counted() -> None:
    with Archive(filings, posted=dt.date(2019, 8, 15)) as served:
        early = facts(source(served.url).fetch("edgar:FORMS", held(), NOW))["edgar:S-1"]
        late = facts(source(served.url).fetch("edgar:FORMS", held(), NOW + dt.timedelta(hours=5)))["edgar:S-1"]

    assert early.period[-1] == np.datetime64("2019-08-14")
    assert late.period[-1] == np.datetime64("2019-08-15")


def test_later_days_come_from_daily_files_and_older_quarters_fill_up(archive: Archive) -> None:
    first = facts(source(archive.url).fetch("edgar:FORMS", held(), NOW - dt.timedelta(days=5)))
    archive.asked.clear()

    second = facts(source(archive.url).fetch("edgar:FORMS", held(first), NOW))

    daily = [path for path in archive.asked if "daily-index" in path]
    assert [path[-12:-4] for path in daily] == ["20190812", "20190813", "20190814"] or len(daily) == 4
    assert second["edgar:S-1"].period[0] < first["edgar:S-1"].period[0]


def test_a_wide_hole_is_filled_from_the_quarters_file(archive: Archive) -> None:
    first = facts(source(archive.url).fetch("edgar:FORMS", held(), dt.datetime(2019, 7, 10, 22, tzinfo=dt.UTC)))
    archive.asked.clear()

    second = facts(source(archive.url).fetch("edgar:FORMS", held(first), NOW))

    assert not [path for path in archive.asked if "daily-index" in path]
    assert second["edgar:S-1"].period[-1] == np.datetime64("2019-08-14")


def test_the_declared_agent_is_sent_and_the_pace_is_kept(archive: Archive) -> None:
    source(archive.url).fetch("edgar:FORMS", held(), NOW)

    assert archive.agents == {AGENT}
    assert len(archive.moments) == 6
    assert archive.moments[-1] - archive.moments[0] > 0.3  # at least 0.5 s were waited; a busy server may see less


def test_without_an_agent_the_archive_refuses_and_nothing_is_stored(archive: Archive) -> None:
    with pytest.raises(SourceError) as caught:
        source(archive.url, agent="nobody").fetch("edgar:FORMS", held(), NOW)

    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b"",
        b"\x1f\x8b\x08cut",
        index(filings(dt.date(2019, 7, 1), dt.date(2019, 7, 1)))[:700],
        b"\x00" * 5000,
    ],
)
def test_a_file_in_another_form_is_refused(archive: Archive, body: bytes) -> None:
    archive.broken["/Archives/edgar/full-index/2019/QTR3/form.gz"] = body

    with pytest.raises(SourceError):
        source(archive.url).fetch("edgar:FORMS", held(), NOW)


def test_what_came_before_a_failure_is_kept_and_said(archive: Archive) -> None:
    archive.broken["/Archives/edgar/full-index/2019/QTR1/form.gz"] = b"<html>maintenance</html>"

    delivery = source(archive.url).fetch("edgar:FORMS", held(), NOW)

    assert [remark.rule for remark in delivery.remarks] == ["series.partial"]
    assert facts(delivery)["edgar:S-1"].period[0] == np.datetime64("2019-04-01")


def test_a_season_that_comes_every_year_is_not_unusual() -> None:
    days = calendars.sessions_between(dt.date(2010, 1, 1), dt.date(2019, 6, 28))
    months = days.astype("datetime64[M]").astype(int) % 12
    daily = History.of(days, calendars.instants(days, dt.time(17, 30)), np.where(np.isin(months, (2, 3)), 30.0, 5.0))
    view = AsOf(calendars.cut(dt.date(2019, 6, 28)), {series_of(form): daily for form in ("S-1", "424B4")})

    adjusted = unusual(weekly(view, ("S-1", "424B4")))

    assert np.abs(adjusted.value).mean() < 0.12  # against a swing of log 6 = 1.8 in the raw counts


def test_a_week_counts_only_when_it_is_complete() -> None:
    days = calendars.sessions_between(dt.date(2019, 6, 3), dt.date(2019, 6, 13))
    daily = History.of(days, calendars.instants(days, dt.time(17, 30)), np.ones(days.size))
    view = AsOf(calendars.cut(dt.date(2019, 6, 13)), {"edgar:S-1": daily})

    assert weekly(view, ("S-1",)).value.tolist() == [5.0]


def test_with_filings_held_the_signals_read_them() -> None:
    inputs = BY_NAME["merger_activity"].inputs
    world = worlds.world([name for name in inputs if name.startswith("edgar:")], first=dt.date(2003, 1, 2))

    answer = read(BY_NAME["merger_activity"], worlds.view(world))

    assert isinstance(answer, Reading)
    assert "filings" in answer.note
    assert "merger arbitrage left out" in answer.note


def test_a_filing_of_several_companies_counts_once_and_a_company_once_a_day() -> None:
    day = dt.date(2019, 8, 1)
    lines = index([("10-K", "A", day), ("10-K", "B", day), *[("S-1", "FUND", day)] * 3])
    shared = lines.replace(b"-19-000004.txt", b"-19-000003.txt").replace(b"  1002  ", b"  1001  ")

    apart, together = (counted(body)[np.datetime64("2019-08-01")] for body in (lines, shared))

    assert (apart["S-1"], together["S-1"]) == (3, 2)
    assert (apart["10-K filers"], together["10-K filers"]) == (2, 1)


@pytest.mark.real_data
@pytest.mark.parametrize(("file", "day"), [("form.20200318.idx.gz", "2020-03-18")])
def test_real_indexes_have_the_published_counts(file: str, day: str, data: Path) -> None:
    found = counted((data / "fixtures" / "edgar" / file).read_bytes())[np.datetime64(day)]
    with (data / "fixtures" / "edgar" / "COUNTS.csv").open(encoding="utf-8") as rows:
        published = {row["form"]: int(row["accessions"]) for row in csv.DictReader(rows) if row["date"] == day}

    assert {form: found[form] for form in published} == published
