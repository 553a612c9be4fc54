"""Files at the border: workbooks in and out, the orders as a file, and where a book is found."""

import datetime as dt
import io

import pytest
from openpyxl import Workbook, load_workbook

from allocator.portfolio.holdings import Quote, read_holdings
from allocator.portfolio.rebalance import Terms, View, rebalance
from allocator.settings import TiltSettings
from captilt.config.settings import Book, Settings
from captilt.review.book_file import open_book
from captilt.review.order_sheet import COLUMNS, orders_csv, orders_workbook
from captilt.review.orders import old_closes
from captilt.review.workbook import read_sheet, write_workbook
from signals.errors import InputError


def workbook(*sheets):
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


POSITIONS = [["Positions of 2 June"], [], ["Symbol", "Shares", "Price"], ["IWM", 1200, 187.05], ["SPY", 1900.5, 417.39]]


def test_the_worksheet_with_holdings_is_read_wherever_it_stands():
    raw = workbook(("Notes", [["nothing here"]]), ("Positions", POSITIONS))

    book = read_holdings(read_sheet(raw), small="IWM", large="SPY")

    assert book.total == pytest.approx(1200 * 187.05 + 1900.5 * 417.39)


def test_a_number_of_a_workbook_is_never_a_thousand_of_another_office():
    raw = workbook(("P", [["symbol", "quantity", "price"], ["IWM", 1.2, 200], ["SPY", 1.234, 400]]))

    assert [p.quantity for p in read_holdings(read_sheet(raw), small="IWM", large="SPY").positions] == [1.2, 1.234]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"PK\x03\x04 and then nothing", "cannot be opened"), (b"\xd0\xcf\x11\xe0 old", "Excel 97")],
)
def test_a_damaged_or_old_workbook_is_refused_in_words(raw, reason):
    with pytest.raises(InputError, match=reason):
        read_sheet(raw)


def test_text_that_looks_like_a_formula_is_written_as_text():
    cell = load_workbook(io.BytesIO(write_workbook([("T", [("a",), ("=1+1",)])]))).active["A2"]

    assert (cell.data_type, cell.value) == ("s", "'=1+1")


@pytest.fixture
def orders():
    book = read_holdings("symbol,quantity,price\nIWM,1000,200\nSPY,2000,400\n", small="IWM", large="SPY")
    terms = Terms("IWM", "SPY", policy_weight=0.2, view=View(-4.0, 1.0, 10.3, 0.2), settings=TiltSettings())
    return book, rebalance(book, terms)


def test_orders_as_csv_state_side_shares_money_and_cost(orders):
    lines = orders_csv(orders[1], book="pension", day="2022-06-02").decode().splitlines()

    assert lines[0] == ",".join(COLUMNS)
    assert lines[1].startswith("pension,2022-06-02,sell,IWM,143,1,43,200.0,")
    assert lines[2].startswith("pension,2022-06-02,buy,SPY,")


def test_the_order_workbook_holds_orders_comparison_and_the_reading(orders):
    book = load_workbook(io.BytesIO(orders_workbook(*orders, book="pension", day="2022-06-02")))

    assert book.sheetnames == ["Orders", "Trade or do nothing", "Holdings as read"]
    assert [cell.value for cell in book["Orders"][2]][:5] == ["pension", "2022-06-02", "sell", "IWM", 143]
    comparison = {row[0].value: row[3].value for row in book["Trade or do nothing"].iter_rows(min_row=2)}
    assert comparison["Against policy"] == pytest.approx(orders[1].after.active_points)
    assert book["Holdings as read"]["C2"].value == "small"


def test_a_book_of_the_settings_keeps_its_policy_weight_and_shape(tmp_path):
    (tmp_path / "p.csv").write_text("symbol,value\nIWM,1\n")
    settings = Settings(books={"pension": Book(file=str(tmp_path / "p.csv"), policy_weight=0.15, shape="table")})

    book = open_book(settings, "pension")

    assert (book.name, book.policy_weight, book.shape) == ("pension", 0.15, "table")
    assert book.written_at <= dt.datetime.now(dt.UTC)
    assert open_book(settings, str(tmp_path / "p.csv")).policy_weight == settings.portfolio.policy_weight
    with pytest.raises(InputError, match="cannot be read"):
        open_book(settings, "absent.csv")


@pytest.mark.parametrize(("day", "old"), [(dt.date(2022, 6, 9), False), (dt.date(2022, 6, 10), True)])
def test_a_holding_valued_at_a_close_older_than_five_sessions_is_mentioned(day, old):
    def close(symbol):
        return Quote(187.0, dt.date(2022, 6, 2))

    read = read_holdings("symbol,quantity,value\nIWM,100,\nSPY,,80000\n", small="IWM", large="SPY", prices=close)

    sentence = "IWM is valued at the close of 2022-06-02, 6 sessions before 2022-06-10."
    assert old_closes(read, day) == ((sentence,) if old else ())
