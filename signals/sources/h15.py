"""The Board's H.15 release from its Data Download Program: Treasury yields without a key, one request for all.

The file has a block of six labelled lines before the first day. Columns are bound by the code in the line
``Time Period``, never by their position; a multiplier other than one, or another unit, refuses the column.
``ND`` says that a day has no value. FRED's DGS series are copies of these columns.
"""

import csv
import datetime as dt
import io
from collections.abc import Mapping

import numpy as np

from signals.series.dictionary import describe
from signals.sources.csv_sheet import Sheet
from signals.sources.http import Wire
from signals.sources.provider import Delivery, StoredFacts
from signals.sources.validation.series import checked

ALL = "h15:YIELDS"  # one file carries every column
COLUMNS: Mapping[str, str] = {
    "RIFLGFCM03_N.B": "h15:DGS3MO",
    "RIFLGFCM06_N.B": "h15:DGS6MO",
    "RIFLGFCY01_N.B": "h15:DGS1",
    "RIFLGFCY02_N.B": "h15:DGS2",
    "RIFLGFCY10_N.B": "h15:DGS10",
}
PACKAGE = "bf17364827e38702b42a58cf8eaa3f78"  # "Treasury Constant Maturities" of the program, business days
NO_DATA = "ND"
UNIT = "Percent:_Per_Year"
OVERLAP_DAYS = 40  # read again each time, so that a corrected past is noticed


class H15Source:
    """Selected interest rates of the Board.

    Parameters
    ----------
    url : str
        Address of the Data Download Program's ``Output.aspx``.
    timeout, budget : float
        Seconds of one request, and of a whole fetch.
    """

    name = "h15"

    def __init__(self, url: str, *, timeout: float, budget: float) -> None:
        self._url = url
        self._wire = Wire("the Board's H.15", timeout=timeout, budget=budget, per_second=2.0)

    def offers(self) -> tuple[str, ...]:
        """All yields at once."""
        return (ALL,)

    def stored(self, _series: str, _now: dt.datetime, /) -> tuple[str, ...]:
        """One column tells of all."""
        return (COLUMNS["RIFLGFCY10_N.B"],)

    def reach(self, seconds: float) -> None:
        """Ask for some days."""
        params = _params(dt.date(2020, 1, 2), dt.date(2020, 1, 6))
        self._wire.once(self._url, params, columns_of, seconds)

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """Every column of the file, checked."""
        del series
        newest = [before.period[-1] for name in COLUMNS.values() if (before := stored(name)).period.size]
        since = (min(newest) - OVERLAP_DAYS).astype(dt.date) if len(newest) == len(COLUMNS) else None
        sheets = self._wire.read(self._url, _params(since, None), columns_of)
        parts = [
            checked(describe(name), sheets[name], stored(name), now, name="the Board's H.15")
            for name in COLUMNS.values()
            if name in sheets
        ]
        return Delivery(
            tuple(arrival for part in parts for arrival in part.arrivals),
            tuple(refusal for part in parts for refusal in part.refused),
            tuple(remark for part in parts for remark in part.remarks),
        )


def _params(first: dt.date | None, last: dt.date | None) -> dict[str, str]:
    def day(date: dt.date | None) -> str:
        return f"{date:%m/%d/%Y}" if date else ""

    return {
        "rel": "H15", "series": PACKAGE, "lastobs": "", "from": day(first), "to": day(last), "filetype": "csv",
        "label": "include", "layout": "seriescolumn", "type": "package",
    }  # fmt: skip


def columns_of(body: bytes) -> dict[str, Sheet]:
    r"""Days and cells by our series; ValueError where the bytes are not such a file.

    Examples
    --------
    >>> head = b'"Unit:","Percent:_Per_Year"\\n"Multiplier:","1"\\n"Time Period","RIFLGFCY10_N.B"\\n'
    >>> columns_of(head + b"2026-09-08,4.80\\n2026-09-09,ND\\n")["h15:DGS10"].columns["value"]
    ['4.80', '']
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("a file that is no text") from None
    rows = [row for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)]
    labels = {row[0].strip().rstrip(":"): row[1:] for row in rows if not row[0][:1].isdigit()}
    codes = labels.get("Time Period")
    if codes is None:
        raise ValueError("no line `Time Period` that names the columns")
    units, multipliers = labels.get("Unit", []), labels.get("Multiplier", [])
    data = [row for row in rows if row[0][:1].isdigit()]
    if any(len(row) != 1 + len(codes) for row in data):
        raise ValueError("a row with more or fewer cells than columns")
    days = [row[0].strip() for row in data]
    lines = np.arange(1, len(data) + 1)
    sheets = {}
    for position, code in enumerate(code.strip() for code in codes):
        if code not in COLUMNS:
            continue
        if units[position : position + 1] != [UNIT] or multipliers[position : position + 1] != ["1"]:
            raise ValueError(f"the column {code} is not in percent a year")
        cells = ["" if (cell := row[1 + position].strip()) == NO_DATA else cell for row in data]
        name = COLUMNS[code]
        sheets[name] = Sheet(name, ("date", "value"), {"date": list(days), "value": cells}, lines)
    if not sheets:
        raise ValueError("not one of the expected columns")
    return sheets
