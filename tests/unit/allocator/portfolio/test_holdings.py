"""Holdings files: what is understood, what is refused with its line and reason, and when no order may be written."""

import datetime as dt

import pytest

from allocator.portfolio.brokers.sheet import MAX_BYTES
from allocator.portfolio.fund_table import fund_table, small_cap_funds
from allocator.portfolio.holdings import MAX_ROWS, Quote, read_holdings
from signals.errors import InputError

DAY = dt.date(2022, 6, 2)


def read(text, *, legs=None, mark=None, **closes):
    def close(symbol):
        return Quote(closes[symbol], DAY) if symbol in closes else None

    return read_holdings(text, small="IWM", large="SPY", prices=close, legs=legs, mark=mark)


def test_quantity_and_price_become_value_and_weight():
    book = read("symbol,quantity,price\nIWM,100,200\nSPY,200,400\n")

    assert book.total == 100_000
    assert book.weight("small") == pytest.approx(0.2)
    assert book.bad == ()
    assert book.unread_share == 0


def test_value_alone_is_enough_and_quantity_beside_it_gives_the_price():
    book = read("Ticker;Market value;Shares\nIWM;20000;100\nSPY;80000;\n")

    assert [p.price for p in book.positions] == [200.0, None]
    assert book.weight("large") == pytest.approx(0.8)


def test_a_close_is_used_where_the_file_gives_no_price_and_its_day_is_kept():
    book = read("symbol,quantity\nIWM,10\n", IWM=200.0)

    assert book.total == 2_000
    assert book.positions[0].priced_on == DAY


def test_accounts_that_hold_the_same_symbol_are_added_up():
    book = read("symbol,quantity,price\nIWM,100,200\nIWM,50,200\nSPY,1,1\n")

    assert len(book.positions) == 2
    assert book.positions[0].quantity == 150
    assert book.positions[0].value == 30_000
    assert book.positions[0].line == 2


def test_the_leg_comes_from_the_file_then_the_settings_then_the_table():
    book = read(
        "symbol,value,leg\nIJR,10,\nVOO,20,\nFUND.X,30,small\nTLT,40,\nCASH,50,\nMINE,60,\n", legs={"MINE": "large"}
    )

    assert {p.symbol: p.leg for p in book.positions} == {
        "IJR": "small",
        "VOO": "large",
        "FUND.X": "small",
        "TLT": "other",
        "CASH": "cash",
        "MINE": "large",
    }


@pytest.mark.parametrize("symbol", [fund.symbol for fund in small_cap_funds()])
def test_every_small_cap_fund_of_the_table_counts_as_small_caps(symbol):
    assert read(f"symbol,value\n{symbol},20\nSPY,80\n").weight("small") == pytest.approx(0.2)


def test_the_fund_table_states_date_and_source_of_every_expense_ratio():
    for fund in fund_table().values():
        assert (fund.expense_ratio_percent is None) == (not fund.as_of) == (not fund.source)
        assert fund.expense_ratio_percent is None or 0 <= fund.expense_ratio_percent <= 2
        assert (fund.management in ("index", "rules", "active")) == (fund.asset != "other")


@pytest.mark.parametrize(
    "row", ["SPAXX**,HELD IN MONEY MARKET,,40000", "VMFXX,,,40000", "SWVXX,,40000,", "Cash,,,40000"]
)
def test_a_sweep_is_cash_whatever_its_columns_say(row):
    book = read(f"symbol,description,quantity,value\nIWM,,,20000\n{row}\n")

    assert book.total == 60_000
    assert book.weight("cash") == pytest.approx(2 / 3)
    assert book.open_questions == ()


@pytest.mark.parametrize(
    "word", ["TOTAL", "Total", "Account Total", "Positions Total", "Totals", "Grand Total", "Summe"]
)
def test_a_totals_row_is_a_check_and_never_a_holding(word):
    book = read(f"symbol,value\nIWM,20\nSPY,80\n{word},100\n")

    assert book.total == 100
    assert book.stated_total == 100
    assert book.open_questions == ()


def test_a_total_that_the_rows_do_not_reach_is_a_share_not_understood():
    book = read("symbol,value\nIWM,20\nSPY,60\nTOTAL,100\n")

    assert book.unread_share == pytest.approx(0.2)
    with pytest.raises(InputError, match="states a total of 100; the rows read add up to 80"):
        book.demand_understood()


def test_an_unlabelled_sum_below_the_rows_stops_the_orders():
    book = read("symbol,value\nIWM,20\nSPY,80\n,100\n")

    with pytest.raises(InputError, match="symbol is missing"):
        book.demand_understood()


def test_an_unknown_security_is_asked_about_and_above_five_percent_refused():
    small = read("symbol,value\nIWM,200\nSPY,796\nABCDX,4\n")
    large = read("symbol,description,value\nIWM,,20\nSPY,,70\nABCDX,ACME SMALL CAP FUND,10\n")

    small.demand_understood()
    assert small.open_questions == ("Line 4: what is ABCDX? 4, not in the fund table.",)
    with pytest.raises(InputError, match=r"10 % of this book is not understood.*by its name a US small-cap fund"):
        large.demand_understood()


def test_a_row_without_any_value_stops_the_orders():
    book = read("symbol,quantity,price\nIWM,100,200\nSPY,200,400\nVBK,10,\n")

    assert book.unread_share is None
    with pytest.raises(InputError, match=r"an unknown part .* no price of VBK is known"):
        book.demand_understood()


def test_a_single_dot_and_three_digits_is_never_guessed():
    book = read("symbol;quantity\nIWM;1.200\nSPY;100\n", IWM=200, SPY=400)

    assert "1,200 or 1.2" in book.bad[0].reason
    assert read("symbol;quantity\nIWM;1.200\nSPY;100\n", mark=",", IWM=200, SPY=400).weight("small") == pytest.approx(
        6 / 7
    )


def test_a_value_that_contradicts_quantity_and_price_is_refused():
    book = read("symbol,quantity,price,value\nIWM,1.2,200,240000\nSPY,100,400,40000\n")

    assert book.bad[0].reason == "1.2 at 200 is 240, not the 240,000 it states"
    assert book.bad[0].value == 240_000


def test_borrowed_cash_lowers_the_book():
    book = read('symbol,value\nIWM,50\nSPY,100\nMargin loan,"($50.00)"\n')

    assert book.total == 100
    assert book.weight("small") == pytest.approx(0.5)


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
        ("IWM,12,34,5", "more cells than the header"),
        ("IWM," + "9" * 300 + ",5", "longer than"),
        ("I W M,1,1", "is no symbol"),
        ("IWM 220617C00190000,1,1", "an option"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_the_others_are_used(row, reason):
    book = read(f"symbol,quantity,price\nSPY,1,1\n{row}\nTLT,1,1\n")

    assert [bad.line for bad in book.bad] == [3]
    assert reason in book.bad[0].reason
    assert {p.symbol for p in book.positions} == {"SPY", "TLT"}


def test_notes_above_and_below_the_table_are_no_rows():
    book = read("Book of 2 June\n\nsymbol,quantity,price\nIWM,1,1\nSPY,1,1\n\nPrices as of the close.\n")

    assert book.bad == ()
    assert book.total == 2


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "no text"),
        (b"symbol,quantity\nIWM,\x00", "NUL"),
        (b"a,b\n1,2\n", "header"),
        (b"symbol,price\nIWM,2\n", "header"),
        (b"symbol,shares,shares\nIWM,2,2\n", "2 columns"),
        (b'symbol,quantity\n"IWM,2\n', "not CSV"),
        (b"symbol,quantity\nIWM,x\n", "no row"),
        (b"x" * (MAX_BYTES + 1), "bytes"),
        (b"symbol,value\n" + b"A,1\n" * (MAX_ROWS + 1), "rows"),
        (b"symbol,weight\nIWM,20\nSPY,70\n", "add up to 90"),
        (b"<FlexQueryResponse><!DOCTYPE x></FlexQueryResponse>", "entities"),
        (b"<FlexQueryResponse>", "not XML"),
        (b"symbol;quantity\nIWM;1,5\nSPY;200.25\n", "two ways"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(raw, reason):
    with pytest.raises(InputError, match=reason):
        read(raw)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_office_programs_are_understood(encoding):
    assert read('Symbol,Stück,Kurs\nIWM,"1,000","$1,234.50"\n'.encode(encoding)).total == 1_234_500


def test_lines_are_counted_as_an_editor_counts_them():
    book = read("\n\nsymbol,quantity,price\n\nSPY,1,1\nXX YY,1,1\n")

    assert book.bad[0].line == 6
