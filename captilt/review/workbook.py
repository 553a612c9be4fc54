"""Excel at the border: cells of a holdings workbook in, an order workbook out."""

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

from allocator.portfolio.brokers.rows import header_row
from allocator.portfolio.brokers.sheet import MAX_BYTES, MAX_LINES, Sheet, sheet_of_cells, sheet_of_text
from signals.errors import InputError

if TYPE_CHECKING:
    from openpyxl import Workbook

MAX_COLUMNS = 60
MAX_UNPACKED = 60_000_000  # bytes of all members together: a bomb unpacks to far more
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"

Cell = str | float | int | dt.date | None


def read_sheet(raw: bytes | str) -> Sheet:
    """The rows of a holdings file, text or workbook.

    Raises
    ------
    InputError
        For a workbook that cannot be opened, or a file that is neither.
    """
    if isinstance(raw, str) or not raw.startswith((ZIP, OLD_EXCEL)):
        return sheet_of_text(raw)
    if raw.startswith(OLD_EXCEL):
        raise InputError("the holdings file is an Excel 97 workbook (.xls).", remedy="Save it as .xlsx or as CSV.")
    if len(raw) > MAX_BYTES:
        raise InputError(
            f"the workbook has {len(raw):,} bytes; at most {MAX_BYTES:,} are read.", remedy="Save the positions alone."
        )
    return _first_sheet_with_holdings(raw)


def _first_sheet_with_holdings(raw: bytes) -> Sheet:
    """The first worksheet with a header of holdings; the first of all where none has one."""
    book = _opened(raw)
    sheets = [
        sheet_of_cells(list(worksheet.iter_rows(max_row=MAX_LINES, max_col=MAX_COLUMNS, values_only=True)))
        for worksheet in book.worksheets
    ]
    if not sheets:
        raise InputError("the workbook has no worksheet.", remedy="Save the positions as CSV.")
    return next((sheet for sheet in sheets if header_row(sheet) is not None), sheets[0])


def _opened(raw: bytes) -> "Workbook":
    from openpyxl import load_workbook

    try:
        members = zipfile.ZipFile(io.BytesIO(raw)).infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked <= MAX_UNPACKED:
            return load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    except Exception:  # noqa: BLE001 - the library raises whatever the damaged part made it raise
        raise InputError("the workbook cannot be opened.", remedy="Save it again as .xlsx, or as CSV.") from None
    raise InputError(
        f"the workbook unpacks to {unpacked:,} bytes; at most {MAX_UNPACKED:,} are read.",
        remedy="Save the positions alone.",
    )


def write_workbook(sheets: Sequence[tuple[str, Sequence[Sequence[Cell]]]]) -> bytes:
    """A workbook of titled tables; the first row of each is its header, columns as wide as their longest cell."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        worksheet = book.create_sheet(title)
        for row in rows:
            worksheet.append([_plain(cell) for cell in row])
        for cell in worksheet[1]:
            cell.font = Font(bold=True)
        worksheet.freeze_panes = "A2"
        for column in range(len(rows[0])):
            longest = max(len(_width(row[column])) for row in rows if column < len(row))
            worksheet.column_dimensions[get_column_letter(column + 1)].width = min(longest + 2, 60)
            for cell in worksheet[get_column_letter(column + 1)][1:]:
                if isinstance(cell.value, dt.date):
                    cell.number_format = "yyyy-mm-dd"
                elif isinstance(cell.value, float):
                    cell.number_format = "#,##0.00"
                elif isinstance(cell.value, int):
                    cell.number_format = "#,##0"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _width(cell: Cell) -> str:
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else cell or ""


def _plain(cell: Cell) -> Cell:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell
