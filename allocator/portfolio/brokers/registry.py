"""Every known shape of a holdings file, and the way in."""

from allocator.portfolio.brokers import fidelity, ibkr_flex, ibkr_statement, plain, schwab, vanguard, weights
from allocator.portfolio.brokers.numbers import DecimalMark
from allocator.portfolio.brokers.rows import Adapter, BookFile
from allocator.portfolio.brokers.sheet import Sheet
from signals.errors import InputError, UsageError

ADAPTERS: tuple[Adapter, ...] = (
    schwab.ADAPTER,
    fidelity.ADAPTER,
    vanguard.ADAPTER,
    ibkr_statement.ADAPTER,
    ibkr_flex.ADAPTER,
    weights.ADAPTER,
    plain.ADAPTER,
)
BY_NAME = {adapter.name: adapter for adapter in ADAPTERS}


def read_book_file(sheet: Sheet, *, shape: str = "", mark: DecimalMark | None = None) -> BookFile:
    """Rows of a holdings file, by the adapter named or the first that recognises it.

    Parameters
    ----------
    sheet : Sheet
    shape : str
        Name of an adapter; empty to recognise the file.
    mark : str, optional
        Decimal mark, where the file's own numbers do not tell.

    Raises
    ------
    UsageError
        For a shape that does not exist.
    InputError
        Where the file is empty or has no header of holdings.
    """
    if shape and shape not in BY_NAME:
        raise UsageError(f"'{shape}' is no shape of a holdings file.", remedy=f"Choose one of {', '.join(BY_NAME)}.")
    if not any(cells for _, cells in sheet.rows):
        raise InputError("the holdings file is empty.", remedy="Give a header and one row per holding.")
    adapter = BY_NAME[shape] if shape else next((known for known in ADAPTERS if known.recognises(sheet)), plain.ADAPTER)
    return adapter.read(sheet, mark)
