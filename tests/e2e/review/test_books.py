"""A real book on the page and on the command line: orders, questions, files to take away, guards on decisions."""

import io

import pytest
from openpyxl import load_workbook

from captilt.cli import dispatch
from tests.e2e.review.conftest import serving

BOOK = "symbol,quantity,price\nIWM,2000,187.05\nSPY,1900,417.39\nSPAXX**,40000,\n"


def form_token(web, path="/rebalance"):
    page = web.get(path).text
    return page.split('name="token" value="')[1].split('"')[0]


def send(web, site, **fields):
    token = form_token(web)
    return web.post("/rebalance", data={"token": token, **fields}, headers={"Origin": site})


def test_a_book_gets_its_three_lines_and_its_orders(web, site):
    page = send(web, site, text=BOOK)

    assert page.status_code == 200
    for words in ("View", "Position", "Action", "Trade, or do nothing", "How the file was read", "money-market fund"):
        assert words in page.text


def test_orders_can_be_taken_away_as_csv_and_excel(web, site):
    csv = send(web, site, text=BOOK, download="csv")
    excel = send(web, site, text=BOOK, download="xlsx")

    assert csv.text.startswith("book,day,side,symbol,shares")
    assert "attachment" in csv.headers["Content-Disposition"]
    assert load_workbook(io.BytesIO(excel.content)).sheetnames[0] == "Orders"


def test_a_book_that_is_not_understood_shows_its_questions_and_no_order(web, site):
    page = send(web, site, text="symbol,value\nIWM,20\nSPY,60\nQZQZX,20\n")

    assert page.status_code == 422
    assert "what is QZQZX?" in page.text
    assert "Trade, or do nothing" not in page.text


def test_books_of_the_settings_stand_side_by_side(desk, tmp_path):
    import httpx2

    from captilt.config.settings import Book

    (tmp_path / "p.csv").write_text(BOOK)
    books = {"pension": Book(file=str(tmp_path / "p.csv"), policy_weight=0.15), "lost": Book(file="absent.csv")}
    desk.settings = desk.settings.model_copy(update={"books": books})

    with serving(desk) as site, httpx2.Client(base_url=site) as client:
        page = client.get("/rebalance").text

    assert "pension: " in page
    assert "absent.csv cannot be read" in page


def test_a_slip_on_the_page_is_asked_about_and_written_once_confirmed(web, site, desk):
    page = web.get("/").text
    fields = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("token", "code", "seen")} | {
        "verdict": "modify",
        "who": "Ana",
    }

    unclear = web.post("/decide", data={**fields, "weight": "0.19"}, headers={"Origin": site})
    asked = web.post("/decide", data={**fields, "weight": "2"}, headers={"Origin": site})
    assert (unclear.status_code, asked.status_code) == (422, 409)
    assert "can be 0.19 % or 19 %" in unclear.text
    assert "points from policy" in asked.text
    assert desk.ledger.decisions() == []

    written = web.post("/decide", data={**fields, "weight": "2", "confirmed": "yes"}, headers={"Origin": site})
    assert written.status_code == 303
    assert [entry.payload["target_weight"] for entry in desk.ledger.decisions()] == [0.02]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["modify", "0123456789ab", "--weight", "0.19"], "can be 0.19 % or 19 %"),
        (["show", "0123456789ab"], "no recorded advice has the code"),
        (["undo", "0123456789ab"], "no recorded advice has the code"),
        (["books"], "the settings name no book"),
        (["show", "--out", "orders.csv"], "Name the book with --holdings"),
    ],
)
def test_the_command_line_says_what_is_missing(desk, capsys, arguments, words):
    assert dispatch(["review", *arguments, "--home", str(desk.home)]) == 2
    assert words in capsys.readouterr().err


def test_the_command_line_writes_orders_of_any_recorded_day(desk, capsys, tmp_path):
    (tmp_path / "b.csv").write_text(BOOK)
    from captilt.review.decisions import current

    code = current(desk.ledger, desk.clock(), 5).code

    for name in ("orders.csv", "orders.xlsx"):
        command = ["review", "show", code, "--holdings", str(tmp_path / "b.csv"), "--out", str(tmp_path / name)]
        assert dispatch([*command, "--home", str(desk.home)]) == 0
    assert (tmp_path / "orders.csv").read_text().startswith("book,day,side")
    assert load_workbook(tmp_path / "orders.xlsx").sheetnames[-1] == "Holdings as read"
    shown = capsys.readouterr().out
    for words in ("View", "Position", "Action", "do nothing", "read as"):
        assert words in shown
