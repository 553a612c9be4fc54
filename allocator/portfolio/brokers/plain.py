"""A table of one's own: a header with symbol and quantity or value, in any order; price, leg and account welcome.

    symbol,quantity,price,leg
    IWM,1200,220.10,
    SPAXX,40000,,cash

Commas, semicolons, tabs or a workbook; `1,234.50` or `1.234,50`, as the file's own numbers show.
"""

from allocator.portfolio.brokers.numbers import DecimalMark
from allocator.portfolio.brokers.rows import Adapter, BookFile, TableReader, header_row, mark_of
from allocator.portfolio.brokers.sheet import Sheet
from signals.errors import InputError

SHOWN_CELLS = 8


def _recognises(sheet: Sheet) -> bool:
    header = header_row(sheet)
    return header is not None and bool({"quantity", "value"} & set(header[1]))


def _read(sheet: Sheet, mark: DecimalMark | None) -> BookFile:
    header = header_row(sheet)
    if header is None:
        first = next((cells for _, cells in sheet.rows if cells), ())
        raise InputError(
            f"the header of the holdings file is [{', '.join(cell[:40] for cell in first[:SHOWN_CELLS])}].",
            remedy="It needs symbol, and quantity or value.",
        )
    index, columns = header
    body = [(line, cells) for line, cells in sheet.rows[index + 1 :] if cells]
    table = TableReader(columns, mark or mark_of(sheet, columns, body), width=len(sheet.rows[index][1]))
    for line, cells in body:
        if len(cells) == 1 and len(columns) > 1:
            table.ignored.append(line)  # a note below the table
        else:
            table.take(line, cells)
    above = tuple(line for line, cells in sheet.rows[:index] if cells)
    return BookFile("table", tuple(table.rows), tuple(table.totals), (*above, *table.ignored))


ADAPTER = Adapter("table", "a table of symbols and quantities or values", _recognises, _read)
