"""Holdings files in the shapes that brokers send; every value is invented.

`expected.json` was checked by hand against the files: change it only with the file in sight.
"""

import datetime as dt
import json
from pathlib import Path

import pytest

from allocator.portfolio.brokers.sheet import sheet_of_cells
from allocator.portfolio.holdings import Quote, read_holdings

FOLDER = Path(__file__).parent / "holdings"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
CLOSES = {"IWM": 187.05, "SPY": 417.39}


def read(raw, **options):
    def close(symbol):
        return Quote(CLOSES[symbol], dt.date(2022, 6, 2)) if symbol in CLOSES else None

    return read_holdings(raw, small="IWM", large="SPY", prices=close, **options)


def summary(book):
    return {
        "shape": book.shape,
        "total": round(book.total, 2),
        "stated_total": book.stated_total,
        "small_percent": round(100 * book.weight("small"), 3),
        "unread_share": book.unread_share,
        "accounts": list(book.accounts),
        "positions": [[p.symbol, p.leg, round(p.value, 2), p.quantity, p.basis] for p in book.positions],
    }


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_file_as_the_broker_sends_it(name):
    assert summary(read((FOLDER / name).read_bytes())) == EXPECTED[name]


def test_every_file_of_the_folder_is_expected():
    assert sorted(EXPECTED) == sorted(f.name for f in FOLDER.iterdir() if f.name != "expected.json")


def test_the_totals_row_of_a_schwab_file_is_no_holding():
    book = read((FOLDER / "schwab.csv").read_bytes())

    assert book.total == 1_154_613
    assert book.weight("small") == pytest.approx((224_460 + 58_812) / 1_154_613)


def test_money_funds_that_schwab_lists_twice_are_counted_once():
    text = (FOLDER / "schwab.csv").read_text()
    once = text.replace('"$48,450.00"', '"$8,450.00"')

    assert read(once).total == read(text).total == 1_154_613


def test_one_account_of_several_can_be_read_alone():
    book = read((FOLDER / "schwab_all_accounts.csv").read_bytes(), account="Roth")

    assert (book.total, book.stated_total, book.weight("small")) == (80_000, 80_000, 0)


def test_a_workbook_reads_as_its_text_does():
    rows = [["Positions", None, None], ["Symbol", "Shares", "Price"], ["IWM", 1200.0, 187.05], ["SPY", 1900, 417.39]]

    book = read(sheet_of_cells(rows))

    assert book.total == pytest.approx(1200 * 187.05 + 1900 * 417.39)


def test_a_shape_can_be_named_and_an_unknown_one_is_refused():
    from signals.errors import UsageError

    raw = (FOLDER / "vanguard.csv").read_bytes()

    assert read(raw, shape="vanguard").total == read(raw).total
    with pytest.raises(UsageError, match="schwab, fidelity, vanguard"):
        read(raw, shape="etrade")
