"""Every number of a day is the same on terminal, page, report and brief, in mail, Slack, Teams, text and JSON."""

import datetime as dt
import gzip
import html
import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from allocator.ledger.ledger import Ledger
from captilt import sentences
from captilt.alerts.channels.email.mail import html as mail_html
from captilt.alerts.channels.slack.blocks import render as slack
from captilt.alerts.channels.teams.card import render as teams
from captilt.alerts.message import compose
from captilt.alerts.plain_text import plain_text
from captilt.contract.run import read_run, run_json
from captilt.formats import points
from captilt.review.day_view import day_view
from captilt.review.run_index import RunIndex
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
