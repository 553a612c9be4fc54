"""Holdings files: what is understood, and what is refused with its line and reason."""

import pytest

from allocator.portfolio.holdings import MAX_BYTES, MAX_ROWS, read_holdings
from signals.errors import InputError


def read(text, **prices):
    return read_holdings(text, small="IWM", large="SPY", prices=prices)


def test_quantity_and_price_become_value_and_weight():
    book = read("symbol,quantity,price\nIWM,100,200\nSPY,200,400\n")

    assert book.total == 100_000
    assert book.weight("small") == pytest.approx(0.2)
    assert book.bad == ()


def test_value_alone_is_enough_and_quantity_beside_it_gives_the_price():
    book = read("Ticker;Market value;Shares\nIWM;20000;100\nSPY;80000;\n")

    assert [p.price for p in book.positions] == [200.0, None]
    assert book.weight("large") == pytest.approx(0.8)


def test_a_recorded_price_is_used_where_the_file_gives_none():
    book = read("symbol,quantity\nIWM,10\n", IWM=200.0)

    assert book.total == 2_000


def test_accounts_that_hold_the_same_symbol_are_added_up():
    book = read("symbol,quantity,price\nIWM,100,200\nIWM,50,200\nSPY,1,1\n")

    assert len(book.positions) == 2
    assert book.positions[0].quantity == 150
    assert book.positions[0].value == 30_000
    assert book.positions[0].line == 2


def test_other_index_funds_count_to_their_leg_and_a_leg_may_be_named():
    book = read("symbol,value,leg\nIJR,10,\nVOO,20,\nFUND.X,30,small\nTLT,40,\nCASH,50,\n")

    assert {p.symbol: p.leg for p in book.positions} == {
        "IJR": "small",
        "VOO": "large",
        "FUND.X": "small",
        "TLT": "other",
        "CASH": "cash",
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("IWM,ten,5", "quantity 'ten' is not a number"),
        ("IWM,-10,5", "short positions"),
        ("IWM,(10),5", "short positions"),
        ('"=HYPERLINK(""x"")",10,5', "is no symbol"),
        ("IWM,=1+1,5", "is a formula"),
        (",10,5", "the symbol is missing"),
        ("IWM,1e308,5", "is not a number"),
        ("IWM,1e99,5", "beyond"),
        ("IWM,nan,5", "is not a number"),
        ("IWM,inf,5", "is not a number"),
        ("IWM,,5", "neither quantity nor value"),
        ("ABC,10,", "no price of ABC is known"),
        ("IWM,1.234,56", None),
        ("IWM,12,34,5", None),
        ("IWM," + "9" * 300 + ",5", "longer than"),
        ("IWM", "neither quantity nor value"),
        ("I W M,1,1", "is no symbol"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_the_others_are_used(row, reason):
    book = read(f"symbol,quantity,price\nSPY,1,1\n{row}\nTLT,1,1\n")

    if reason is None:
        assert book.bad == ()
        return
    assert [bad.line for bad in book.bad] == [3]
    assert reason in book.bad[0].reason
    assert {p.symbol for p in book.positions} == {"SPY", "TLT"}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"symbol,quantity\nIWM,\x00", "NUL"),
        (b"a,b\n1,2\n", "header"),
        (b"symbol,price\nIWM,2\n", "header"),
        (b"symbol,quantity,shares\nIWM,2,2\n", "2 columns"),
        (b'symbol,quantity\n"IWM,2\n', "not CSV"),
        (b"symbol,quantity\nIWM,x\n", "no row"),
        (b"x" * (MAX_BYTES + 1), "bytes"),
        (b"symbol,value\n" + b"A,1\n" * (MAX_ROWS + 1), "rows"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(raw, reason):
    with pytest.raises(InputError, match=reason):
        read(raw)


def test_a_byte_order_mark_and_thousands_are_understood():
    book = read('\ufeffsymbol,value\nIWM,"$1,234.50"\n'.encode())

    assert book.total == 1234.5


def test_lines_are_counted_as_an_editor_counts_them():
    book = read("\n\nsymbol,quantity,price\n\nSPY,1,1\nXX YY,1,1\n")

    assert book.bad[0].line == 6


def test_a_price_book_that_is_looked_up_and_not_listed_is_used():
    class Closes(dict):
        def get(self, symbol, default=None):
            return {"IWM": 200.0}.get(symbol, default)

    found = read_holdings("symbol,quantity\nIWM,10\n", small="IWM", large="SPY", prices=Closes())

    assert [each.value for each in found.positions] == [2000.0]
