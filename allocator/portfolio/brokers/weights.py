"""A model portfolio: symbols and weights, no money.

    symbol,weight
    IWM,20 %
    SPY,75 %
    CASH,5 %

Weights that add up to about one are shares of one, to about a hundred percent; anything else is refused. The book
is then worth a hundred units, so that money reads as percent of it.
"""

from dataclasses import replace

from allocator.portfolio.brokers.numbers import DecimalMark
from allocator.portfolio.brokers.plain import ADAPTER as TABLE
from allocator.portfolio.brokers.rows import Adapter, BookFile, header_row
from allocator.portfolio.brokers.sheet import Sheet
from signals.errors import InputError

BOOK = 100.0  # units that the whole is worth
SLACK = 0.02  # of the whole: rounding of many small weights


def _recognises(sheet: Sheet) -> bool:
    header = header_row(sheet)
    return header is not None and "weight" in header[1] and not {"quantity", "value"} & set(header[1])


def _read(sheet: Sheet, mark: DecimalMark | None) -> BookFile:
    file = TABLE.read(sheet, mark)
    total = sum(row.weight or 0.0 for row in file.rows)
    scale = next((scale for scale in (1.0, BOOK) if abs(total / scale - 1) <= SLACK), None)
    if scale is None:
        raise InputError(
            f"the weights of the holdings file add up to {total:g}.", remedy="Make them add up to 100 percent, or to 1."
        )
    rows = tuple(
        replace(row, value=None if row.weight is None else row.weight * BOOK / scale, weight=None) for row in file.rows
    )
    return BookFile("weights", rows, (), (*file.ignored, *(total.line for total in file.totals)))


ADAPTER = Adapter("weights", "a table of symbols and weights", _recognises, _read)
