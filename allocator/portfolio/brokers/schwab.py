"""Charles Schwab, Positions, Export: a title line for each account, headings that change, a total at the end.

    "Positions for account Individual ...123 as of 04:15 PM ET, 2026/10/02"

    "Symbol","Description","Qty (Quantity)","Price",...,"Mkt Val (Market Value)",...,"Security Type"
    "IWM","ISHARES RUSSELL 2000 ETF","1,200","$220.10",...,"$264,120.00",...,"ETFs & Closed End Funds"
    "Cash & Cash Investments","--","--","--",...,"$25,431.18",...,"Cash and Money Market"
    "Account Total","--","--","--",...,"$289,551.18",...,"--"

The cash line sometimes counts the money-market funds listed above it again; the total tells.
"""

from dataclasses import replace

from allocator.portfolio.brokers.numbers import DecimalMark
from allocator.portfolio.brokers.rows import Adapter, BookFile, FileRow, StatedTotal, TableReader, columns_of
from allocator.portfolio.brokers.sheet import Sheet

TITLE = "positions for "
CASH = "CASH & CASH INVESTMENTS"
MONEY_MARKET = "cash and money market"
WITHIN = 0.002  # of the stated total: a rounding, never a position


def _recognises(sheet: Sheet) -> bool:
    first = next((cells for _, cells in sheet.rows if cells), ())
    return bool(first) and first[0].lower().startswith(TITLE)


def _read(sheet: Sheet, mark: DecimalMark | None) -> BookFile:
    account, table = "", None
    rows: list[FileRow] = []
    totals: list[StatedTotal] = []
    ignored: list[int] = []
    for line, cells in sheet.rows:
        if not cells:
            continue
        if cells[0].lower().startswith(TITLE):
            account = cells[0][len(TITLE) :].removeprefix("account ").split(" as of ")[0]
            ignored.append(line)
        elif columns := columns_of(cells):
            table = TableReader(columns, mark or ".", account, len(cells))
        elif not any(cells[1:]):  # the title of one account among several, or a note below the table
            account = cells[0]
            ignored.append(line)
        elif table is not None:
            table.take(line, cells)
            rows, totals = [*rows, *table.rows], [*totals, *table.totals]
            table.rows, table.totals = [], []
    return BookFile("schwab", _cash_once(rows, totals), tuple(totals), tuple(ignored))


def _cash_once(rows: list[FileRow], totals: list[StatedTotal]) -> tuple[FileRow, ...]:
    """The cash line without the money-market funds, where only that adds up to the account's total."""
    corrected = {row.line: _own_cash(row, rows, totals) for row in rows if row.symbol == CASH}
    return tuple(corrected.get(row.line, row) for row in rows)


def _own_cash(cash: FileRow, rows: list[FileRow], totals: list[StatedTotal]) -> FileRow:
    own = [row for row in rows if row.account == cash.account]
    stated = next((total.value for total in totals if total.account == cash.account), None)
    funds = sum(
        row.value or 0.0 for row in own if row.kind.lower() == MONEY_MARKET and row.symbol != CASH and row.value
    )
    if stated is None or not funds or cash.value is None:
        return cash
    total = sum(row.value or 0.0 for row in own)
    tolerance = WITHIN * abs(stated)
    twice = abs(total - stated) > tolerance and abs(total - funds - stated) <= tolerance
    return replace(cash, value=cash.value - funds) if twice else cash


ADAPTER = Adapter("schwab", "Charles Schwab positions", _recognises, _read)
