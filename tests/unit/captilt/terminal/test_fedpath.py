"""The Fed path as a person sees it: table, chart, and the words where there is nothing to show."""

import datetime as dt
import io
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.console import Console

from captilt.charts.fedpath import odds_chart, path_chart
from captilt.contract.fedpath import FedPath as RecordedPath
from captilt.contract.fedpath import Moves
from captilt.contract.fedpath import Outlook as RecordedOutlook
from captilt.terminal.fedpath import CAVEAT, face, ranges_of
from captilt.terminal.run import fed_path as first_screen_path
from signals.asof import AsOf
from signals.calendars import cut
from signals.fedpath.history import changes
from signals.fedpath.records import START_GAP_BP, ExpectedMoves, FedPath
from signals.fedpath.summary import FedReport, newest_surprise
from signals.fedpath.yield_outlook import Outlook
from tests.unit.signals.fedpath.test_path import DAY, PRICES, plain, world


def printed(path, report=None, then=None, width=80):
    page = io.StringIO()
    Console(file=page, width=width, highlight=False).print(*face(path, report, then, width), sep="\n")
    return page.getvalue()


def report_of(path, outlook=None):
    told = outlook or Outlook("futures", "", path.bp, ExpectedMoves(15.0, 30.0, 60.0, 120.0))
    return FedReport(
        path, told, (), {"next": 0.5}, dt.date(1994, 1, 3), (dt.date(2026, 9, 16), 3.2), ((dt.date(2026, 9, 16), 3.2),)
    )


def test_the_table_fits_eighty_characters_and_its_rows_sum_to_a_hundred():
    out = printed(plain(PRICES))

    assert max(len(line) for line in out.splitlines()) <= 80
    rows = [re.findall(r"[\d.·]+", line[11:])[6:] for line in out.splitlines() if re.match(r"\d+ \w{3} 20\d\d ", line)]
    assert len(rows) > 5
    for row in rows:
        assert sum(float(cell) for cell in row if cell != "·") == pytest.approx(100, abs=0.4)


def test_a_wider_terminal_shows_more_ranges():
    path = plain(PRICES)

    narrow, wide = printed(path), printed(path, width=120)
    assert wide.count("-\n") >= narrow.count("-\n")
    assert len(ranges_of(path.meetings, 14).lower) >= len(ranges_of(path.meetings, 7).lower)


def test_everything_beyond_the_shown_ranges_is_in_the_open_edges():
    path = plain(PRICES)
    ranges = ranges_of(path.meetings, 3)

    for meeting in (m for m in path.meetings if not m.reason):
        assert sum(ranges.shares(meeting)) == pytest.approx(1)


def test_the_face_names_day_source_target_and_term_premium():
    out = printed(plain(PRICES), report_of(plain(PRICES)))

    for words in (
        "18 Sep 2026",
        "target 3.75–4.00 %",
        "prices: test",
        "next +",
        "(50)",
        "±15",
        "surprise at the decision of 16 Sep 2026: +3.2",
    ):
        assert words in out
    assert CAVEAT.split(".")[0] in out


def test_a_refused_path_shows_the_reason_and_the_yields_instead():
    path = plain({month: price for month, price in PRICES.items() if month != "2026-11"})
    out = printed(
        path,
        report_of(
            path, Outlook("yields", "", ExpectedMoves(5.0, 10.0, 20.0, 40.0), ExpectedMoves(20.0, 40.0, 80.0, 160.0))
        ),
    )

    assert "from one- and two-year Treasury yields, with a wider band" in out
    assert "not available: 28 Oct 2026" in out
    assert "2026-11 (ZQX26) is missing" in " ".join(out.split())


def test_an_empty_path_still_prints():
    out = printed(FedPath(dt.date(1993, 5, 3), "conditional", "there is no meeting calendar before 1994", ""))

    assert "prices: none of that day" in out


def test_what_changed_stands_beside_each_meeting():
    facts = world(PRICES)
    view = AsOf(cut(DAY), facts)

    assert [c.day_bp for c in changes(view, plain(PRICES))] == [None] * len(
        [m for m in plain(PRICES).meetings if not m.reason]
    )


def test_the_pictures_are_the_same_bytes_twice_and_have_a_text():
    path = plain(PRICES)

    assert odds_chart(path) == odds_chart(path)
    assert "<title" in path_chart(path, [path])
    assert "Next meeting 28 Oct 2026" in odds_chart(path)


def test_without_an_answer_there_is_no_picture():
    assert odds_chart(plain({"2026-10": 96.1})) == path_chart(plain({"2026-10": 96.1})) == ""


def test_a_rate_that_has_left_its_target_is_said_before_the_numbers():
    path = plain(PRICES)
    low, high = path.target_bp
    away = replace(path, target_bp=(low + 40, high + 40))

    assert abs(path.start_gap_bp) < START_GAP_BP
    assert path.warning == ""
    assert "below the target" in away.warning
    assert printed(away).index("Futures put the rate") < printed(away).index("meeting")


def test_the_warning_begins_at_fifteen_basis_points():
    path = plain(PRICES)
    gap = path.start_gap_bp
    low, high = path.target_bp

    at, under = (
        replace(path, target_bp=(low + gap + shift, high + gap + shift))
        for shift in (-START_GAP_BP, 0.1 - START_GAP_BP)
    )

    assert at.warning
    assert not under.warning


def test_the_first_screen_reads_yields_where_futures_are_refused():
    moves, band = Moves(next=-20.0, m3=-40.0, m6=-60.0, m12=-77.0), Moves(m12=185.0)
    outlook = RecordedOutlook(source="yields", note="", bp=moves, band_90_bp=band)
    path = RecordedPath(status="refused", reason="contract 2024-10 (ZQV24) is missing", outlook=outlook)

    line = first_screen_path(SimpleNamespace(fed_path=path))

    assert line.startswith("\N{MINUS SIGN}77 bp within 12 months by one- and two-year Treasury yields")
    assert line.endswith("Futures: contract 2024-10 (ZQV24) is missing")


def test_the_surprise_is_that_of_the_newest_decision_or_none(store):
    assert newest_surprise(store.as_of(cut(dt.date(2023, 7, 28))))[0] == dt.date(2023, 7, 26)
    assert newest_surprise(store.as_of(cut(dt.date(2023, 12, 29)))) is None
