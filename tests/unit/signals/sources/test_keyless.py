"""Graph files, zip files, and the choice among providers: what answers is used and said."""

import datetime as dt
import io
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from signals.errors import SourceError
from signals.sources.fredgraph import FredGraphSource
from signals.sources.french import FrenchSource
from signals.sources.notes import served
from signals.sources.refresh import refresh
from signals.store.inventory import holdings
from signals.store.shipped_decisions import open_store
from tests.faults.test_fred_faults import NOW, TRUTH, Settings, Sources
from tests.support.servers.fred import KEY, Fred, daily
from tests.support.servers.http import Answer, serving

SERIES = "fred:DGS10"


pytestmark = pytest.mark.attempts(2)


@pytest.fixture
def fresh(tmp_path: Path):
    opened = open_store(tmp_path / "facts.db")
    yield opened
    opened.close()


def graph(url: str) -> FredGraphSource:
    return FredGraphSource(f"{url}/fredgraph.csv", timeout=1.0, budget=5.0)


def sources(url: str, mode: str = "auto") -> Sources:
    off = Settings(url, enabled=False)
    return Sources(
        fred=Settings(f"{url}/fred"),
        fredgraph=Settings(f"{url}/fredgraph.csv"),
        yahoo=off,
        french=off,
        edgar=off,
        mode=mode,
    )


BROKEN = {
    "a page": Answer(b"<!DOCTYPE html><html>maintenance</html>"),
    "another series": Answer(b"observation_date,DGS30\n2026-11-19,4.1\n"),
    "three columns": Answer(b"observation_date,DGS10,DGS30\n2026-11-19,4.1,4.2\n"),
    "empty": Answer(b""),
    "only a header": Answer(b"observation_date,DGS10\n"),
    "an open quote": Answer(b'observation_date,DGS10\n"2026-11-19,4.1\n'),
    "not text": Answer(b"\x89PNG\r\n" * 40),
    "404": Answer(b"<html>no</html>", 404),
    "500": Answer(b"", 500),
    "a redirect": Answer(b"", 302, {"Location": "http://127.0.0.1:9/"}),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_graph_file_that_is_none_is_an_error(kind):
    from signals.asof import EMPTY

    with (
        serving(lambda _path, _query: BROKEN[kind]) as line,
        pytest.raises(SourceError, match="Nothing of it was stored"),
    ):
        graph(line.url).fetch(SERIES, lambda _: EMPTY, NOW)


def test_the_old_header_is_still_read():
    from signals.asof import EMPTY

    with serving(lambda _path, _query: Answer(b"DATE,DGS10\n2026-11-18,4.05\n2026-11-19,.\n")) as line:
        (arrival,) = graph(line.url).fetch(SERIES, lambda _: EMPTY, NOW).arrivals

    assert arrival.facts.value.tolist() == [4.05]


def test_a_revision_between_two_fetches_is_a_fact_of_its_own_moment(fresh):
    book = [("2026-09-01", "2026-10-14", "320.0"), ("2026-08-01", "2026-09-11", "319.0")]
    later = [("2026-09-01", "2026-11-18", "321.0")]
    first, second = NOW - dt.timedelta(days=20), NOW
    for rows, now in ((book, first), (book + later, second)):
        server = Fred({"CPIAUCSL": rows, "DFF": TRUTH}, today=now.date().isoformat())
        with serving(server) as line:
            refresh(fresh, sources(line.url, "keyless"), now, wanted=["fred:CPIAUCSL"])

    assert fresh.as_of(second - dt.timedelta(seconds=1))["fred:CPIAUCSL"].tolist() == [319.0, 320.0]
    assert fresh.as_of(second)["fred:CPIAUCSL"].tolist() == [319.0, 321.0]


def test_auto_prefers_the_key_and_says_so(fresh):
    with serving(Fred({"DGS10": TRUTH, "DFF": TRUTH})) as line:
        report = refresh(fresh, sources(line.url), NOW, wanted=[SERIES], secret=lambda _: KEY)

    assert (report.mode, report.used) == ("api", ("fred",))
    assert report.notices[0] == "used fred"


def test_auto_without_a_key_uses_the_graph_files_and_says_so(fresh):
    with serving(Fred({"DGS10": TRUTH, "DFF": TRUTH})) as line:
        report = refresh(fresh, sources(line.url), NOW, wanted=[SERIES], secret=lambda _: None)

    assert (report.mode, report.used) == ("keyless", ("fredgraph",))
    assert any("not point in time" in notice for notice in report.notices)


def test_a_second_fetch_stores_nothing_new(fresh):
    with serving(Fred({"DGS10": TRUTH, "DFF": TRUTH})) as line:
        first = refresh(fresh, sources(line.url), NOW, wanted=[SERIES], secret=lambda _: KEY)
        again = refresh(fresh, sources(line.url), NOW, wanted=[SERIES], secret=lambda _: KEY)

    assert first.stored == len(TRUTH)
    assert again.stored == 0


def test_deciding_that_nothing_answers_is_quick_even_when_everything_hangs(fresh):
    with serving(lambda _path, _query: Answer(b"", hang=60.0)) as line:
        made = sources(line.url)
        made = replace(
            made, yahoo=replace(made.yahoo, enabled=True), french=replace(made.french, enabled=True), probe_seconds=1.0
        )
        start = time.monotonic()
        report = refresh(fresh, made, NOW, secret=lambda _: KEY)

    assert time.monotonic() - start < 4
    assert report.mode == "offline"
    assert "no provider answered" in report.notices[0]


def test_what_did_not_arrive_is_a_fact_of_the_cut_and_ends_when_it_does(fresh):
    with serving(Fred({"DFF": TRUTH})) as line:
        refresh(fresh, sources(line.url), NOW, wanted=[SERIES], secret=lambda _: KEY)
    cut = served(NOW)
    assert fresh.as_of(cut)["note:down:fred:DGS10"].tolist() == [1.0]
    assert "note:down:fred:DGS10" not in fresh.as_of(cut - dt.timedelta(days=1))

    with serving(Fred({"DGS10": TRUTH, "DFF": TRUTH})) as line:
        refresh(fresh, sources(line.url), NOW + dt.timedelta(hours=1), wanted=[SERIES], secret=lambda _: KEY)
    assert fresh.as_of(cut)["note:down:fred:DGS10"].tolist() == [0.0]


def test_a_disputed_price_is_a_trouble_of_the_series(fresh):
    from signals.series.fetch_notes import troubles
    from signals.sources.notes import notes

    fresh.write(notes({("disputed", "yahoo:IWM:close"): 2.0, ("down", "yahoo:IWM"): 1.0}, NOW), source="test", at=NOW)

    found = troubles(fresh.as_of(served(NOW)), "yahoo:IWM:close")
    assert [gap.code for gap in found] == ["contradiction", "missing"]
    assert "2 %" in found[0].reason
    assert troubles(fresh.as_of(served(NOW) - dt.timedelta(days=1)), "yahoo:IWM:close") == ()
    assert troubles(fresh.as_of(NOW + dt.timedelta(days=20)), "yahoo:IWM:close") == ()


def test_a_fetch_before_the_cut_serves_the_cut_before():
    noon_friday = dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC)

    assert served(noon_friday).isoformat() == "2026-11-19T18:00:00-05:00"
    assert served(NOW).isoformat() == "2026-11-20T18:00:00-05:00"


def test_a_history_cut_at_the_source_is_told(fresh):
    from signals.series.dictionary import fault

    short = daily("2023-11-20", "2026-11-19", lambda place: 3.2 + place % 5 / 100)
    with serving(Fred({"BAMLH0A0HYM2": short, "DFF": TRUTH})) as line:
        refresh(fresh, sources(line.url), NOW, wanted=["fred:BAMLH0A0HYM2"], secret=lambda _: KEY)

    gap = fault(fresh.as_of(served(NOW)), "fred:BAMLH0A0HYM2")
    assert gap is not None
    assert gap.code == "truncated"
    (row,) = [each for each in holdings(fresh, NOW) if each.series == "fred:BAMLH0A0HYM2"]
    assert row.condition == "truncated"


FACTORS = """This file was created using the 202611 CRSP database.

,Mkt-RF,SMB,HML,RF
192607,    2.96,   -2.56,   -2.43,    0.22
192608,    2.64,   -1.17,    3.82,    0.25
202609,    1.00, -99.99,    0.10,    0.30

 Annual Factors: January-December
,Mkt-RF,SMB,HML,RF
  1927,   29.47,   -2.46,   -3.75,    3.12

Copyright 2026 Eugene F. Fama and Kenneth R. French
"""


def zipped(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("F-F_Research_Data_Factors.csv", text)
    return out.getvalue()


def french(body: bytes, held=None):
    from signals.asof import EMPTY

    with serving(lambda _path, _query: Answer(body)) as line:
        source = FrenchSource(line.url, timeout=2.0, budget=5.0)
        return source.fetch("french:FF3_MONTHLY", held or (lambda _: EMPTY), NOW)


def test_the_library_is_read_month_by_month_without_its_annual_table():
    delivery = french(zipped(FACTORS))
    by_name = {arrival.series.id: arrival.facts for arrival in delivery.arrivals}

    assert by_name["french:FF3_MONTHLY:SMB"].value.tolist() == [-2.56, -1.17]
    assert by_name["french:FF3_MONTHLY:Mkt-RF"].period.astype(str).tolist() == [
        "1926-07-31",
        "1926-08-31",
        "2026-09-30",
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        zipped(""),
        zipped(FACTORS.replace("SMB", "SMALL")),
        zipped(FACTORS.replace("-2.56", "=2+2")),
        zipped(FACTORS)[:-40],
    ],
    ids=["empty", "a page", "an empty table", "a column renamed", "a formula", "cut"],
)
def test_a_broken_zip_is_an_error(body):
    with pytest.raises(SourceError, match="Nothing of it was stored"):
        french(body)


def test_a_restated_release_is_told_and_stored_as_a_revision():
    first = {arrival.series.id: arrival.facts for arrival in french(zipped(FACTORS)).arrivals}
    second = french(zipped(FACTORS.replace("-1.17", "-1.20")), held=first.get)

    assert [remark.rule for remark in second.remarks] == ["series.restated"]
    assert np.allclose({a.series.id: a.facts for a in second.arrivals}["french:FF3_MONTHLY:SMB"].value, [-2.56, -1.20])


def test_without_a_network_those_that_cannot_be_reached_are_named_together(fresh):
    report = refresh(fresh, sources("http://127.0.0.1:9"), NOW)

    assert report.notices[0] == ("no provider answered (FRED without a key cannot be reached); using what is stored")
