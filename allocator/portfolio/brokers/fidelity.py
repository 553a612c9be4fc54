"""Fidelity, Portfolio Positions, Download: sweeps marked ``**``, activity that is pending, notes at the end.

    Account Number,Account Name,Symbol,Description,Quantity,Last Price,Last Price Change,Current Value,...,Type
    X12345678,Individual,SPAXX**,HELD IN MONEY MARKET,,,,$40000.00,...,Cash,
    X12345678,Individual,IWM,ISHARES RUSSELL 2000 ETF,1200,$220.10,+$0.65,$264120.00,...,Margin,
    X12345678,Individual,Pending activity,,,,,$136.75,,,,,,,,,

    "The data and information in this spreadsheet is provided to you solely for your use ..."
    "Date downloaded Oct-02-2026 4:45 p.m ET"

The last column says cash or margin, which is the kind of account, not of the security.
"""

from allocator.portfolio.brokers.numbers import DecimalMark
from allocator.portfolio.brokers.rows import Adapter, BookFile, TableReader, columns_of, starts_with
from allocator.portfolio.brokers.sheet import Sheet

START = ("account number", "account name", "symbol")


def _recognises(sheet: Sheet) -> bool:
    return any(starts_with(cells, *START) for _, cells in sheet.rows[:5])


def _read(sheet: Sheet, mark: DecimalMark | None) -> BookFile:
    table = None
    ignored: list[int] = []
    for line, cells in sheet.rows:
        if starts_with(cells, *START):
            columns = columns_of(cells)
            columns.pop("kind", None)
            table = TableReader(columns, mark or ".", width=len(cells))
        elif table is None or len(cells) <= 1 or not any(cells[1:]):
            ignored.extend([line] if cells else [])
        else:
            table.take(line, cells)
    rows, totals = (table.rows, table.totals) if table else ([], [])
    return BookFile("fidelity", tuple(rows), tuple(totals), tuple(ignored))


ADAPTER = Adapter("fidelity", "Fidelity portfolio positions", _recognises, _read)
