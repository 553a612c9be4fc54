"""The report: one file that needs nothing from outside, with its tables beside it."""

import datetime as dt
import json
import re

import pytest

from captilt.charts.signals import score_history
from captilt.charts.strict_svg import strict
from captilt.cli import dispatch
from captilt.contract.record import plain
from captilt.contract.signals import ScoreOn
from captilt.review.decisions import Answer, current, decide
from captilt.review.study_store import Cabinet, Study
from captilt.studies.prepare import STUDIES, prepare
from captilt.web.report import day_report, month_report, write
from signals.calendars import cut
from signals.errors import CheckFailed, UsageError
from tests.e2e.review.conftest import desk_at
from tests.e2e.sample_run import DAY, a_run


def outside(page):
    """Addresses that a browser would fetch."""
    loads = re.findall(r'(?:src|href|action|xlink:href|srcset)="([^"]*)"|url\(["\']?([^"\')]*)', page)
    return {one or other for one, other in loads if not (one or other).startswith(("data:", "#"))}


def repeated(page):
    """Names that two parts of a page share."""
    names = re.findall(r'\sid="([^"]*)"', page)
    return {name for name in names if names.count(name) > 1}


def test_a_day_is_one_file_that_asks_for_nothing(desk, tmp_path):
    advice = current(desk.ledger, desk.clock(), 5)
    decide(desk, Answer("modify", advice.code, "<b>Ana</b>", "<script>alert(1)</script>", 0.18))

    page, listed, _ = day_report(desk, None)

    assert outside(page) == set()
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert len(page) < 2_000_000
    assert {"attribution", "signals", "meetings", "history", "decisions", "changes"} <= set(listed)


def test_every_table_is_written_twice_with_the_same_rows(desk, tmp_path):
    page, listed, _ = day_report(desk, DAY)

    file, folder = write(tmp_path / "out" / "day.html", page, listed)

    assert file.read_text() == page
    for name in listed:
        rows = json.loads((folder / f"{name}.json").read_text())["rows"]
        assert len((folder / f"{name}.csv").read_text().splitlines()) >= len(rows)


def test_a_day_or_month_without_a_run_is_refused(desk):
    with pytest.raises(CheckFailed, match=r"facts\.db is missing"):  # there is nothing to study it from
        day_report(desk, DAY.replace(year=1999))
    with pytest.raises(UsageError, match="nothing is recorded in 1999-01"):
        month_report(desk, "1999-01")


@pytest.mark.parametrize("month", ["2023", "2023-13", "december", "2023-12-01", "../x", ""])
def test_a_month_is_written_as_year_and_month(desk, month):
    with pytest.raises(UsageError):
        month_report(desk, month)


def test_the_command_writes_report_and_tables(desk, tmp_path, capsys):
    out = tmp_path / "report.html"
    (desk.home / "facts.db").touch()  # runs cannot have been recorded without a facts file

    assert dispatch(["report", "--out", str(out), "--home", str(desk.home), "--as-of", str(DAY), "--json"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert said["files"][0] == str(out)
    assert out.stat().st_size > 100_000


@pytest.mark.browser
def test_a_month_of_real_runs_prints_as_a_document(real_home, chromium, tmp_path):
    desk = desk_at(real_home, cut(DAY))
    page, listed, _ = month_report(desk, "2023-09")
    file, _ = write(tmp_path / "month.html", page, listed)

    shown = chromium.new_page()
    shown.goto(file.as_uri())
    paper = shown.pdf(format="A4")

    assert outside(page) == set()
    assert paper.startswith(b"%PDF")
    assert "September 2023" in shown.inner_text("h1")
    assert [row["name"] for row in listed["race"].as_rows()["rows"]] == ["engine", "person", "neutral"]


def test_studies_are_prepared_once_and_shown_beside_the_newest_day(real_home, tmp_path):
    desk = desk_at(real_home, cut(DAY))
    kept = dict(STUDIES)
    try:
        for name in ("scenarios", "claims", "backtest", "evidence", "signals"):  # the slow ones: see the benchmark
            del STUDIES[name]

        first, again = prepare(desk), prepare(desk)
    finally:
        STUDIES.clear()
        STUDIES.update(kept)
    page, listed, known = day_report(desk, DAY)
    _, folder = write(tmp_path / "day.html", page, listed, known)

    phases = (folder / "chronology.csv").read_text().splitlines()
    said = json.loads((folder / "phases_said.json").read_text())["rows"]
    assert phases[0] == "phase,first_move,last_move,from,to,confirmed_on,open"
    assert len(phases) > 10
    assert sum(said[-1][phase] for phase in ("HIKE", "HOLD_AFTER_HIKE", "EASE", "HOLD_AFTER_EASE")) == pytest.approx(1)
    assert len(json.loads((folder / "study-cycle.json").read_text())["said"]) == len(said)
    assert {"chronology", "phases_said", "race", "scores"} <= set(listed)
    assert set(first) == {"fedpath", "cycle", "record", "financing", "challengers"}
    assert again == ()
    assert "The target rate since 1982" in page
    assert "Meetings that passed until the call saw each turning point" in page
    assert repeated(page) == set()
    assert "Doing nothing: the policy weight" in page


def test_pictures_of_the_day_are_drawn_beforehand_and_shown(store, desk, web):
    result, charts = STUDIES["fedpath"](desk, store.as_of(cut(dt.date(2023, 9, 14))))
    history = [ScoreOn(date=dt.date(2000 + year, 1, 31), score=year / 10) for year in range(10, 24)]
    past = score_history("credit level", history)
    Cabinet(desk.home).keep(Study("fedpath", DAY.isoformat(), plain(result), charts))
    Cabinet(desk.home).keep(Study("signals", DAY.isoformat(), {"rows": []}, {"credit_level": past}))

    page, signal = web.get("/").text, web.get(f"/day/{DAY}/signal/credit_level").text

    assert set(charts) == {"path", "odds", "history"}
    assert "7 Sep 2023" in charts["path"]
    assert "Expected rate after each meeting, the same a week before" in page
    assert "Next meeting 20 Sep 2023" in page
    assert "14 month-end scores since Jan 2010" in signal
    assert repeated(page) == set()
    assert "Expected rate after each meeting" not in web.get("/day/2023-12-28").text


def test_scenarios_of_the_day_are_shown_and_those_of_another_day_are_not(desk, web):
    row = {
        "scenario": "cuts faster",
        "probabilities": {"EASE": 0.9, "HIKE": 0.1},
        "forecast_annual_percent": 1.5,
        "active_weight_points": 3.0,
        "probability_wrong": 0.4,
        "stance": "overweight",
    }
    Cabinet(desk.home).keep(Study("scenarios", DAY.isoformat(), {"rows": [row]}))

    assert "Cuts faster" in web.get("/").text
    assert "Cuts faster" not in web.get("/day/2023-12-28").text
    assert "cuts faster,1.5" in web.get(f"/day/{DAY}/table/scenarios.csv").text
    assert web.get("/day/2023-12-28/table/scenarios.csv").status_code == 404
    assert web.get("/api/study/scenarios").json()["rows"] == [row]


def test_the_track_record_of_a_run_is_told_at_first_glance(tmp_path):
    scores = [{"kind": "direction_1m", "words": "next month", "n": 40, "hit_rate": 0.55}]
    race = [{"name": "engine", "net_percent": 0.31, "ir": None}]
    desk = desk_at(tmp_path, cut(DAY))
    kept = {"runs": 60, "scores": scores, "race": race}
    desk.ledger.append("run", DAY, {**a_run(), "track_record": kept}, at=desk.clock())

    page, listed, _ = day_report(desk, DAY)

    assert "So far, 60 days recorded" in page
    assert "next month 55" in page
    assert listed["track_race"].as_csv() == "name,net_percent,ir\nengine,0.31,\n"
    assert listed["track_scores"].as_rows()["rows"][0]["hit_rate"] == 0.55


def test_a_damaged_study_counts_as_not_prepared(desk, web):
    folder = desk.home / "studies"
    folder.mkdir()
    for name, content in {"claims": "{", "record": "[]", "cycle": "null", "backtest": '{"as_of": 1}'}.items():
        (folder / f"{name}.json").write_text(content)

    assert web.get("/").status_code == 200
    assert "have not been tested" in web.get("/claims").text


def test_a_drawing_keeps_its_shape_without_style_attributes():
    svg = (
        '<svg width="10pt" height="5pt" viewBox="0 0 10 5"><defs><style type="text/css">*{stroke-linejoin:round}</style></defs>'
        '<g id="free"><clipPath id="used"/><path d="M 1.23456 2" style="fill: none; stroke: currentColor; stroke-width: 0.5"/>'
        '<path d="M 0 0" style="stroke: #000000"/>'
        '<text style="font: 9px \'DejaVu Sans\'; text-anchor: end">IR 0.4321</text><use href="#used"/></g></svg>'
    )

    made, marked = strict(svg), strict(svg, mark="one")

    assert "style" not in made
    assert made.count('stroke="currentColor"') == 2  # black that nobody chose is the page's ink
    assert 'font-size="9"' in made
    assert 'text-anchor="end"' in made
    assert 'id="used"' in made
    assert 'id="one-used"' in marked
    assert 'href="#one-used"' in marked
    assert 'id="free"' not in made
    assert 'd="M 1.2 2"' in made
    assert "IR 0.4321" in made  # numbers that a person reads are left alone
    assert 'viewBox="0 0 10 5"' in made
