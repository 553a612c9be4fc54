"""A holdings file as rows of cells, before anybody asks what they mean.

Text arrives as bytes of unknown encoding with commas, semicolons or tabs; a workbook arrives here as cells that
the shell has read already. Nothing is interpreted: a number is still the text that stood in the file.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from signals.errors import InputError

MAX_BYTES = 2_097_152  # an activity statement of a large account has about a quarter of this
MAX_LINES = 20_000
MAX_CELL = 200  # characters; longer cells are notes, never numbers or symbols
SEPARATORS = (",", ";", "\t")
LOOKED_AT = 200  # lines from which the separator is told

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of one holdings file.

    Attributes
    ----------
    rows : tuple of (int, tuple of str)
        Line number in the file, from 1, and its cells; blank lines are rows without cells.
    separator : str
        Empty for a workbook.
    text : str
        The whole text, for formats that are no table; empty for a workbook.
    """

    rows: tuple[tuple[int, Cells], ...]
    separator: str = ","
    text: str = ""


def sheet_of_text(raw: bytes | str) -> Sheet:
    """Cells of a text file with commas, semicolons or tabs.

    Raises
    ------
    InputError
        Where it is too large, no text, or its quotes do not close.
    """
    text = _decode(raw)
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, Cells]] = []
    line = 1
    try:
        for cells in reader:
            rows.append((line, _trimmed(cells)))
            line = reader.line_num + 1
            if len(rows) > MAX_LINES:
                raise InputError(
                    f"the holdings file has more than {MAX_LINES:,} lines.", remedy="Export positions only."
                )
    except csv.Error as error:
        raise InputError(
            f"line {reader.line_num} of the holdings file is not CSV: {error}.", remedy="Check the quotes on that line."
        ) from None
    return Sheet(tuple(rows), separator, text)


def sheet_of_cells(rows: Sequence[Sequence[object]]) -> Sheet:
    """Cells of a workbook; numbers keep a decimal point, whatever the workbook shows on screen."""
    if len(rows) > MAX_LINES:
        raise InputError(f"the holdings file has more than {MAX_LINES:,} lines.", remedy="Export positions only.")
    return Sheet(tuple((line, _trimmed([_shown(cell) for cell in cells])) for line, cells in enumerate(rows, 1)), "")


def _shown(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.10f}".rstrip("0").rstrip(".") if abs(cell) < 1e15 else repr(cell)  # noqa: PLR2004 - exact floats
    return str(cell)


def _trimmed(cells: Sequence[str]) -> Cells:
    """Cells without outer blanks; a row of blanks has no cells."""
    clean = tuple(cell.replace("\u00a0", " ").strip() for cell in cells)
    return clean if any(clean) else ()


def _decode(raw: bytes | str) -> str:
    if len(raw) > MAX_BYTES:
        raise InputError(
            f"the holdings file has {len(raw):,} bytes; at most {MAX_BYTES:,} are read.", remedy="Send positions only."
        )
    text = _text_of(raw) if isinstance(raw, bytes) else raw
    if "\x00" in text:
        raise InputError("the holdings file holds NUL bytes: it is no text file.", remedy="Save it as CSV UTF-8.")
    return text.removeprefix("\ufeff")


def _text_of(raw: bytes) -> str:
    """UTF-8, UTF-16 where a byte-order mark says so, else the Windows encoding of old exports."""
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError("the holdings file is no text in a known encoding.", remedy="Save it as CSV UTF-8.")


def _separator(text: str) -> str:
    """The separator that stands on most lines, outside quotes; a semicolon or tab wins a tie against commas."""
    lines = ["".join(line.split('"')[::2]) for line in text.splitlines()[:LOOKED_AT]]
    return max(SEPARATORS, key=lambda mark: (sum(mark in line for line in lines), mark != ","))
