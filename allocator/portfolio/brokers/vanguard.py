"""Vanguard, Download center, CSV: positions first, then a second table of transactions that is no position.

Account Number,Investment Name,Symbol,Shares,Share Price,Total Value,
12345678,VANGUARD SMALL-CAP INDEX ETF,VB,1200,220.10,264120.00,
12345678,VANGUARD FEDERAL MONEY MARKET FUND,VMFXX,40000,1.00,40000.00,

Account Number,Trade Date,Settlement Date,Transaction Type,...
"""

from allocator.portfolio.brokers.numbers import DecimalMark
from allocator.portfolio.brokers.rows import Adapter, BookFile, TableReader, columns_of, starts_with
from allocator.portfolio.brokers.sheet import Sheet

POSITIONS = (("account number", "investment name", "symbol"), ("fund account number", "fund name"))
HEADS = ("account number", "fund account number", "plan number")


def _recognises(sheet: Sheet) -> bool:
    return any(starts_with(cells, *start) for _, cells in sheet.rows[:5] for start in POSITIONS)


def _read(sheet: Sheet, mark: DecimalMark | None) -> BookFile:
    tables: list[TableReader] = []
    reading = False
    ignored: list[int] = []
    for line, cells in sheet.rows:
        if not cells:
            continue
        if cells[0].lower() in HEADS:
            reading = any(starts_with(cells, *start) for start in POSITIONS)
            if reading:
                columns = columns_of(cells) | {"account": 0}
                tables.append(TableReader(columns, mark or ".", width=len(cells)))
        elif reading and len(cells) > 1:
            tables[-1].take(line, cells)
        else:
            ignored.append(line)
    rows = tuple(row for table in tables for row in table.rows)
    totals = tuple(total for table in tables for total in table.totals)
    return BookFile("vanguard", rows, totals, tuple(ignored))


ADAPTER = Adapter("vanguard", "Vanguard download", _recognises, _read)
