"""Every number of a day is the same on terminal, page, report, brief, in mail, Slack, Teams, text, JSON, workbook."""

import datetime as dt
import gzip
import html
import io
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from openpyxl import load_workbook
from rich.console import Console

from allocator.backtest.backtest import backtest
from allocator.backtest.samples import sample_of
from allocator.ledger.ledger import Ledger
from allocator.portfolio.holdings import read_holdings
from captilt import sentences
from captilt.alerts.compose import compose
from captilt.channels.email.mail import html as mail_html
from captilt.channels.plain_text import plain_text
from captilt.channels.slack.blocks import render as slack
from captilt.channels.teams.card import render as teams
from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.contract.backtest import backtest_answer
from captilt.contract.record import plain, rounded
from captilt.contract.run import read_run, run_json
from captilt.contract.signals import signals_answer
from captilt.formats import number, points, signed
from captilt.review.answer_workbooks import record_workbook, signals_workbook
from captilt.review.book_file import BookFile
from captilt.review.day_view import day_view
from captilt.review.order_sheet import orders_workbook
from captilt.review.orders import orders_for
from captilt.review.run_index import RunIndex
from captilt.review.study_store import Study
from captilt.run.evaluate import Fetched, compute
from captilt.run.position import HeldPosition
from captilt.terminal.backtest import backtest_screen
from captilt.terminal.run import run_screen
from captilt.web.brief import brief_html
from captilt.web.report import html as report_html
from captilt.web.templating import render
from signals.calendars import cut
from tests.e2e.sample_run import a_run

FIRST_BOOK = Path(__file__).with_name("first_book.db.gz")
INVENTED = [
    a_run(),
    a_run(data={"status": "STALE", "confidence": 0.4, "gaps": [{"series": "fred:BAA10Y", "reason": "no value since"}]}),
    a_run(regime={"phase": "EASE", "confirmed": False}),
    a_run(evidence={"multiplier": 0.37}),
    a_run(recommendation={"held_weight": 0.26}),
]

REAL = (dt.date(2023, 12, 27), dt.date(2023, 12, 28), dt.date(2023, 12, 29))  # buy, hold, sell


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """The five days of the first book without their archive, and five invented ones after them."""
    folder = tmp_path_factory.mktemp("book")
    (folder / "first.db").write_bytes(gzip.decompress(FIRST_BOOK.read_bytes()))
    with closing(sqlite3.connect(folder / "first.db")) as database:
        rows = database.execute("SELECT payload FROM entry WHERE kind = 'run' ORDER BY seq").fetchall()
    first = [{name: value for name, value in json.loads(text).items() if name != "inputs"} for (text,) in rows]
    invented = [{**payload, "as_of": f"2023-12-{18 + n}"} for n, payload in enumerate(INVENTED)]
    opened = Ledger.open(folder / "ledger.db")
    for payload in (*first, *invented):
        day = dt.date.fromisoformat(payload["as_of"])
        opened.append("run", day, payload, at=cut(day) + dt.timedelta(minutes=5))
    yield opened
    opened.close()


def words(text):
    """Text without markup, line breaks and padding."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\N{NO-BREAK SPACE}", " "))


def shown_everywhere(ledger, day):
    """The texts in which a person meets the run of `day`."""
    run = read_run(ledger.run_of(day).payload)
    message = compose("introduction", run, review_url="https://desk.example.org")
    page = io.StringIO()
    Console(file=page, width=4000, highlight=False).print(run_screen(run, 120))
    view = day_view(ledger, RunIndex(ledger).contents(), day, advice=None, studies={})
    texts = {
        "terminal": page.getvalue(),
        "report": report_html(view),
        "mail": mail_html(message),
        "slack": json.dumps(slack(message), ensure_ascii=False).replace("\\n", " "),
        "teams": json.dumps(teams(message), ensure_ascii=False),
        "plain text": plain_text(message),
        "page": render("day.html", page="review", view=view, token="", sections=render("sections.html", view=view)),
        "brief": brief_html(view),
    }
    return run, {name: words(text) for name, text in texts.items()}


def test_ten_recorded_days_read_the_same_everywhere(ledger):
    days = sorted(ledger.run_days())
    assert len(days) == 10

    for day in days:
        run, texts = shown_everywhere(ledger, day)
        told = (sentences.position(run), sentences.action(run), sentences.health(run))
        for name, text in texts.items():
            for sentence in told:
                assert words(sentence) in text, (day, name, sentence)


def test_weights_points_and_chances_are_those_of_the_json(ledger):
    for day in sorted(ledger.run_days()):
        run, texts = shown_everywhere(ledger, day)
        recorded = run_json(run)
        held = f"{100 * recorded['recommendation']['held_weight']:.1f} %"
        total = points(recorded["recommendation"]["active_weight_points"])
        assert all(held in text for text in texts.values()), day
        for name in ("terminal", "report", "page"):
            assert total in texts[name], (day, name, total)
        shown = re.findall(r"(?:^| )([+−]\d+\.\d)(?= █)", texts["terminal"])
        assert round(sum(float(number.replace("−", "-")) for number in shown), 1) == pytest.approx(
            float(total.replace("−", "-")), abs=1e-9
        ), day


@cache
def opened(content):
    """The workbook in these bytes."""
    return load_workbook(io.BytesIO(content))


def sheet(content, title):
    """Rows of a worksheet as dictionaries by its header."""
    head, *rows = opened(content)[title].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def desk(fill_home, tmp_path_factory):
    """Real days of method 2, the book below, at and above the view."""
    home = tmp_path_factory.mktemp("real")
    fill_home(home)
    desk = Desk(Settings(), home, clock=lambda: cut(REAL[-1]) + dt.timedelta(minutes=15))
    apart = 0.1
    for day, beyond in zip(REAL, (-apart, 0.0, apart), strict=True):
        view = desk.store.as_of(cut(day))
        wished = compute(desk, view, Fetched("offline"), HeldPosition(0.2, 0.2, "policy")).recommendation.view_points
        held = 0.2 + wished / 100 + beyond
        run = compute(desk, view, Fetched("offline"), HeldPosition(held, held, "setting"))
        desk.ledger.append("run", day, run_json(run), at=cut(day) + dt.timedelta(minutes=5))
    return desk


def test_the_order_workbook_of_the_book_of_the_day_has_its_weights(desk):
    sides = []
    for day in REAL:
        run, texts = shown_everywhere(desk.ledger, day)
        advice = run.recommendation
        raw = f"symbol,value\nIWM,{1e6 * advice.held_weight}\nSPY,{1e6 - 1e6 * advice.held_weight}\n"
        book = read_holdings(raw, small="IWM", large="SPY")
        orders = orders_for(desk, run, book, BookFile("own", raw.encode(), policy_weight=advice.policy_weight))

        content = orders_workbook(book, orders.result, book="own", day=str(day))

        small, _, against, *_ = sheet(content, "Trade or do nothing")
        shown = {"do nothing": advice.held_weight, "after the trade": advice.target_weight}
        for column, weight in shown.items():
            assert small[column] == pytest.approx(100 * weight, abs=1e-6), day
        assert points(against["after the trade"]) == points(advice.active_weight_points), day
        traded = {row["symbol"]: row["side"] for row in sheet(content, "Orders")}
        side = "" if advice.action == "hold" else "buy" if advice.trade_points > 0 else "sell"
        assert traded.get("IWM", "") == side
        assert all(f"{small['do nothing']:.1f} %" in text for text in texts.values()), day
        sides.append(side)
    assert sides == ["buy", "", "sell"]


def test_the_workbook_of_the_signals_is_the_recorded_day(desk):
    for day in REAL:
        run, texts = shown_everywhere(desk.ledger, day)
        recorded = {row["name"]: row for row in run_json(run)["signals"]}
        given = {name: row["contribution_points"] for name, row in recorded.items()}
        answer = signals_answer(desk.store.as_of(cut(day)), given, desk.settings.judgement.catalogue)

        written = sheet(signals_workbook(answer), "Signals")

        assert {row["name"] for row in written} == set(recorded)
        for row in written:
            same = recorded[row["name"]]
            assert (row["score"] is None) == (same["score"] is None)
            if row["score"] is not None:
                assert [row["score"], row["raw"]] == pytest.approx([same["score"], same["raw"]], abs=1e-9), row["name"]
                assert signed(row["score"], 2) in texts["page"], (day, row)


RECORD_FROM = dt.date(2017, 4, 1)  # a record of few years shows the same kinds of numbers, and is walked sooner


def record_of(desk, day):
    """The walk-forward record as known on `day`."""
    sample = replace(sample_of(desk.settings.portfolio), first=RECORD_FROM)
    judgement, regime = desk.settings.judgement, desk.settings.regime
    return backtest_answer(backtest(desk.store.as_of(cut(day)), sample, judgement, regime, thorough=False))


def shown_record(answer, day):
    """The record's screen and page as text without line breaks."""
    screen = io.StringIO()
    Console(file=screen, width=4000, highlight=False).print(backtest_screen(answer, cost_bp=20))
    study = Study("backtest", day.isoformat(), answer.to_json(), {"tilt": "<svg></svg>"}, "")
    return words(screen.getvalue()), words(render("walked.html", page="review", walked=study))


def as_json(row):
    """A row of a workbook as the JSON has it: midnights are days, a number has ten decimals."""
    days = {name: cell.date() if isinstance(cell, dt.datetime) else cell for name, cell in row.items()}
    return rounded(plain(days))


LISTS = {"Months": "rows", "Years": "years", "Worst spells": "spells", "Bets": "positions"}  # worksheet and JSON


def test_the_workbook_of_the_record_has_the_numbers_of_screen_page_and_json_on_ten_days(desk, ledger):
    days = sorted(ledger.run_days())
    assert len(days) == 10

    for day in days:
        answer = record_of(desk, day)
        screen, page = shown_record(answer, day)
        content = record_workbook(answer)
        tables = {title: sheet(content, title) for title in (*LISTS, "Rules")}
        same_as_json(tables, answer.to_json())
        months, years, spells, bets, rules = tables.values()
        simple = {row.name for row in (*answer.variants, *answer.benchmarks)}
        for row in rules:
            earned, ratio = signed(row["active_return_bp"], 0), number(row["ir"])
            off, fall = number(row["tracking_error_percent"]), number(row["max_active_drawdown_percent"], 1)
            if row["ir"] is not None:
                assert ratio in screen, (day, row)
            if row["rule"] in simple:
                assert f"{earned} {off} % {ratio} {fall} %" in page, (day, row)
        for row in years:
            by_month = [month["net_percent"] for month in months if month["traded"].year == row["year"]]
            total = signed(row["active_return_bp"], 0)
            cells = (row["year"], *(signed(100 * net, 0) for net in by_month), total, signed(row["mean_tilt_points"]))
            assert f"{row['year'] % 100:02d} {total}" in screen, (day, row)
            assert " ".join(map(str, cells)) in page, (day, row)
        for row in spells:
            depth = signed(row["depth_bp"], 0)
            assert f"{depth} bp from {row['start']:%b %Y} to {row['trough']:%b %Y}" in screen, (day, row)
            assert re.search(f"{row['start']:%b %Y} {row['trough']:%b %Y} [a-zA-Z0-9 ]+ {depth}", page), (day, row)
        for row in bets:
            assert f"{row['months']} {signed(row['mean_points'])} {signed(row['net_bp'], 0)}" in page, (day, row)


def same_as_json(tables, written):
    """Every row of every worksheet is that of the JSON."""
    for title, field in LISTS.items():
        assert [as_json(row) for row in tables[title]] == written[field], title
    listed = {row["name"]: row for part in ("costs", "variants", "benchmarks") for row in written[part]}
    named = {**listed, "recommended, net": written["net"], "gross": written["gross"]}
    named["before both cuts"] = written["unscaled"]
    assert {row["rule"] for row in tables["Rules"]} == set(named)
    for row in tables["Rules"]:
        same = named[row["rule"]]
        assert as_json(row) == {name: same.get(name, row["rule"]) for name in row}, row
