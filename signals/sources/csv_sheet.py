"""Text files as columns, read with suspicion: bounded size, strict cells, a refusal for every bad row.

A file that is no table at all (not text, too large, two columns of one name) is an `InputError` and
nothing of the import is stored; a bad row is refused with its line number and the rest goes on.
"""

import csv
import datetime as dt
import gzip
import io
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from signals.errors import InputError
from signals.store.store import Refusal

LARGEST_BYTES = 256 * 1024 * 1024  # unpacked; the largest real file has 8 MB, so a bomb stops here
MOST_CELLS = 12_000_000  # ten times the largest real file, all settlements of the futures; a gigabyte of memory
LONGEST_CELL = 10_000  # characters; a cell of a data file has 25
SHOWN = 120  # characters of a refused row that the quarantine keeps
MISSING = frozenset({"", ".", "NA", "NaN", "nan", "#N/A"})  # ways of saying that there is no value
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMERIC = frozenset("0123456789+-.eE")
_DATED = frozenset("0123456789-")


@dataclass(slots=True)
class Sheet:
    """A table of text cells.

    Attributes
    ----------
    origin : str
        File name, for messages.
    header : tuple of str
    columns : dict of str to list of str
        Cells by column, all of one length.
    lines : numpy.ndarray of int
        Line number of each row in the file.
    refused : list of Refusal
        Rows that could not be read; grows as cells are turned into values.
    """

    origin: str
    header: tuple[str, ...]
    columns: dict[str, list[str]]
    lines: np.ndarray
    refused: list[Refusal] = field(default_factory=list)

    def refuse(self, series: str, rows: np.ndarray, rule: str, reason: str) -> None:
        """Put rows, given by number, on the list of refusals."""
        for row in rows.tolist():
            content = ",".join(self.columns[name][row] for name in self.header)[:SHOWN]
            position = f"{self.origin}:{self.lines[row]}"
            self.refused.append(Refusal(series, position, content.replace("\0", "\\0"), rule, reason))

    def keep(self, rows: np.ndarray) -> "Sheet":
        """The sheet with only those rows, given by a mask."""
        if rows.all():
            return self
        places = np.flatnonzero(rows).tolist()
        columns = {name: [cells[i] for i in places] for name, cells in self.columns.items()}
        return Sheet(self.origin, self.header, columns, self.lines[rows], self.refused)


def read_sheet(path: Path, origin: str, series: str) -> Sheet:
    """The table in a CSV file, plain or gzip.

    Parameters
    ----------
    path : pathlib.Path
    origin : str
        How messages name the file.
    series : str
        To whom refused rows belong.
    """
    return parse_sheet(_unpacked(path, origin), origin, series)


def parse_sheet(raw: bytes, origin: str, series: str) -> Sheet:
    """The table in the bytes of a CSV file."""
    if len(raw) > LARGEST_BYTES:
        raise _unusable(origin, f"it is larger than {LARGEST_BYTES // 2**20} MB")
    text = _decoded(raw, origin)
    if text.count(",") + text.count("\n") + text.count("\r") > MOST_CELLS:
        raise _unusable(origin, f"it has more than {MOST_CELLS:,} cells")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as fault:
        raise _unusable(origin, f"it is no CSV file ({fault})") from None
    if not rows or not rows[0]:
        raise _unusable(origin, "it is empty")
    header = tuple(name.strip() for name in rows[0])
    if len(set(header)) != len(header):
        raise _unusable(origin, f"two columns have the same name: {', '.join(header)[:SHOWN]}")
    return _sheet(rows, header, origin, series)


def _sheet(rows: list[list[str]], header: tuple[str, ...], origin: str, series: str) -> Sheet:
    good, lines, refused = [], [], []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) == len(header) and max(map(len, row)) <= LONGEST_CELL and "\0" not in "".join(row):
            good.append(row)
            lines.append(number)
        elif row:
            shape = f"{len(row)} cells where the header has {len(header)}"
            content = ",".join(row)[:SHOWN].replace("\0", "\\0")
            refused.append(
                Refusal(
                    series, f"{origin}:{number}", content, "row.shape", f"not a row of this table ({shape}, or junk)"
                )
            )
    columns = dict(zip(header, map(list, zip(*good, strict=True)), strict=True)) if good else {n: [] for n in header}
    return Sheet(origin, header, columns, np.array(lines, dtype=np.int64), refused)


def numbers(cells: list[str], missing: frozenset[str] = MISSING) -> tuple[np.ndarray, np.ndarray]:
    """Cells as float64, NaN where one of the words for `missing` stands, and a mask of those that are no numbers."""
    bad = np.zeros(len(cells), dtype=bool)
    if _NUMERIC.issuperset("".join(cells)) and "" not in cells:
        try:
            values = np.array(cells, dtype=np.float64)
        except ValueError:
            pass
        else:
            endless = np.isinf(values)
            values[endless] = np.nan
            return values, endless
    values = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        word = cell.strip()
        if _NUMBER.fullmatch(word):
            values[row] = float(word)
        elif word not in missing:
            bad[row] = True
    bad |= np.isinf(values)
    values[bad] = np.nan
    return values, bad


def days(cells: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Cells as datetime64[D], NaT where unreadable, and a mask of those."""
    if cells and set(map(len, cells)) == {10} and _DATED.issuperset("".join(cells)):  # YYYY-MM-DD
        try:
            return np.array(cells, dtype="datetime64[D]"), np.zeros(len(cells), dtype=bool)
        except ValueError:
            pass
    parsed = [_day(cell.strip()) for cell in cells]
    values = np.array([day or "NaT" for day in parsed], dtype="datetime64[D]")
    return values, np.isnat(values)


def _day(word: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(word) if _DAY.fullmatch(word) else None
    except ValueError:
        return None


def _unpacked(path: Path, origin: str) -> bytes:
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as packed:
                return packed.read(LARGEST_BYTES + 1)
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as fault:
        raise _unusable(origin, f"it cannot be read ({type(fault).__name__})") from None


def _decoded(raw: bytes, origin: str) -> str:
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as fault:
        raise _unusable(origin, f"it is not UTF-8 text (byte {fault.start})") from None


def _unusable(origin: str, why: str) -> InputError:
    return InputError(f"{origin} cannot be used: {why}. Nothing was stored.", remedy="Mend or leave out that file.")
