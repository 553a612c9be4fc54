"""Ken French's data library: zip files of returns, restated with every release, four to eight weeks late.

A file holds several tables under headings. The wanted one is found by its heading, the first rows that
start with a date are its rows, and its columns get the short names of the import format.
"""

import datetime as dt
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass

import numpy as np

from signals.asof import History
from signals.calendars import day_of
from signals.series.dictionary import describe
from signals.sources.csv_sheet import numbers
from signals.sources.http import Wire
from signals.sources.provider import Arrival, Delivery, Remark, StoredFacts
from signals.sources.validation.rules import breaches
from signals.sources.watchlist import FRENCH
from signals.store.store import Refusal

LARGEST_TEXT = 64 * 1024 * 1024  # unpacked; the daily size portfolios have 4 MB
NOTHING = (-99.99, -999.0)  # how the library writes a missing return
SIZES = {
    "<= 0": "", "Lo 30": "Lo30", "Med 40": "Med40", "Hi 30": "Hi30",
    "Lo 20": "Q1", "Qnt 2": "Q2", "Qnt 3": "Q3", "Qnt 4": "Q4", "Hi 20": "Q5",
    "Lo 10": "D1", "Dec 2": "D2", "Dec 3": "D3", "Dec 4": "D4", "Dec 5": "D5", "Dec 6": "D6", "Dec 7": "D7",
    "Dec 8": "D8", "Dec 9": "D9", "Hi 10": "D10",
    "2-Dec": "D2", "3-Dec": "D3", "4-Dec": "D4", "5-Dec": "D5", "6-Dec": "D6", "7-Dec": "D7", "8-Dec": "D8",
    "9-Dec": "D9",
}  # fmt: skip
FACTORS = {name: name for name in ("Mkt-RF", "SMB", "HML", "RF")}


@dataclass(frozen=True, slots=True)
class Table:
    """Where a series is found: file, heading, columns, and how many digits its dates have."""

    file: str
    heading: str
    columns: dict[str, str]
    digits: int
    total: bool = False


TABLES = {
    "FF3_DAILY": Table("F-F_Research_Data_Factors_daily_CSV.zip", "", FACTORS, 8),
    "FF3_MONTHLY": Table("F-F_Research_Data_Factors_CSV.zip", "", FACTORS, 6),
    "FF_ME_VW_DAILY": Table("Portfolios_Formed_on_ME_Daily_CSV.zip", "value weight", SIZES, 8),
    "FF_ME_VW_MONTHLY": Table("Portfolios_Formed_on_ME_CSV.zip", "value weight", SIZES, 6),
    "FF_NFIRMS": Table("Portfolios_Formed_on_ME_CSV.zip", "number of firms", SIZES, 6, total=True),
}
TERCILES = ("Lo30", "Med40", "Hi30")  # together all firms


class FrenchSource:
    """The data library.

    Parameters
    ----------
    url : str
        Folder of the zip files.
    timeout, budget : float
        Seconds of one request, and of a whole fetch.
    """

    name = "french"

    def __init__(self, url: str, *, timeout: float, budget: float) -> None:
        self._url = url.rstrip("/")
        self._wire = Wire("Ken French's library", timeout=timeout, budget=budget, per_second=1.0)

    def offers(self) -> tuple[str, ...]:
        """See `signals.sources.watchlist`."""
        return tuple(f"french:{table}" for table in FRENCH)

    def stored(self, _series: str, _now: dt.datetime, /) -> tuple[str, ...]:
        """The monthly factors: the library is published as a whole, once a month."""
        return ("french:FF3_MONTHLY:SMB",)

    def reach(self, seconds: float) -> None:
        """Any answer of the server will do."""
        self._wire.knock(f"{self._url}/", seconds)

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """One table, checked; its file's hash goes into the remarks where it changed the past."""
        table = TABLES[series.partition(":")[2]]
        days, columns, mark = self._wire.read(f"{self._url}/{table.file}", {}, lambda body: _table(body, table))
        arrivals, refused, remarks = [], [], []
        for name, cells in columns.items():
            described = describe(series if table.total else f"{series}:{name}")
            values = cells.copy()
            for breach in breaches(described, days, values, day_of(now)):
                refused += [
                    Refusal(described.id, f"{series}:{days[row]}", f"{values[row]:g}", breach.rule, breach.reason)
                    for row in breach.rows
                ]
                values[breach.rows] = np.nan
            stated = ~np.isnan(values)
            facts = History.of(days[stated], described.known(days[stated]), values[stated])
            arrivals.append(Arrival(described, facts))
            remarks += _restated(described.id, stored(described.id), facts, mark)
        return Delivery(tuple(arrivals), tuple(refused), tuple(remarks))


def _restated(name: str, stored: History, offered: History, mark: str) -> list[Remark]:
    from signals.sources.validation.rules import disagreement

    _, differing, _ = disagreement(stored, offered.period, offered.value)
    sentence = f"the release {mark} restates {differing} periods of {name}"
    return [Remark(name, "series.restated", sentence, differing)] if differing else []


def _table(body: bytes, table: Table) -> tuple[np.ndarray, dict[str, np.ndarray], str]:
    """Days, values by column and a short hash; ValueError where the table is not there."""
    mark = hashlib.sha256(body).hexdigest()[:12]
    lines = _unpacked(body).splitlines()
    start = _heading(lines, table)
    cells = [[cell.strip() for cell in line.split(",")] for line in lines[start:]]
    head = next((i for i, row in enumerate(cells) if len(row) > 1 and row[0] == "" and any(row[1:])), None)
    if head is None:
        raise ValueError("a table without column names")
    names = cells[head][1:]
    rows = []
    for row in cells[head + 1 :]:
        if not re.fullmatch(rf"\d{{{table.digits}}}", row[0]):
            break
        if len(row) != len(names) + 1:
            raise ValueError(f"{len(row)} cells where {len(names) + 1} belong")
        rows.append(row)
    if not rows:
        raise ValueError("a table without rows")
    return _dates([row[0] for row in rows]), _columns(names, rows, table), mark


def _columns(names: list[str], rows: list[list[str]], table: Table) -> dict[str, np.ndarray]:
    columns = {}
    for position, name in enumerate(names, start=1):
        if short := table.columns.get(name):
            values, bad = numbers([row[position] for row in rows])
            if bad.any():
                raise ValueError(f"{int(bad.sum())} cells of {name!r} are no numbers")
            columns[short] = np.where(np.isin(values, NOTHING), np.nan, values)
    if missing := sorted(set(table.columns.values()) - set(columns) - {""}):
        raise ValueError(f"no column for {', '.join(missing)[:60]}")
    return {"value": np.sum([columns[name] for name in TERCILES], axis=0)} if table.total else columns


def _heading(lines: list[str], table: Table) -> int:
    if not table.heading:
        return 0
    line_number = next((i for i, line in enumerate(lines) if table.heading in line.lower()), None)
    if line_number is None:
        raise ValueError(f"no table under a heading with {table.heading!r}")
    return line_number


def _dates(cells: list[str]) -> np.ndarray:
    try:
        if len(cells[0]) == 6:  # noqa: PLR2004 - YYYYMM
            months = np.array([f"{cell[:4]}-{cell[4:]}" for cell in cells], dtype="datetime64[M]")
            return (months + 1).astype("datetime64[D]") - 1
        return np.array([f"{cell[:4]}-{cell[4:6]}-{cell[6:]}" for cell in cells], dtype="datetime64[D]")
    except ValueError:
        raise ValueError("dates that are none") from None


def _unpacked(body: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            names = [member for member in packed.infolist() if member.filename.lower().endswith(".csv")]
            if not names:
                raise ValueError("a zip without a table")
            with packed.open(names[0]) as text:
                raw = text.read(LARGEST_TEXT + 1)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as fault:
        raise ValueError(f"no zip file ({type(fault).__name__})") from None
    if len(raw) > LARGEST_TEXT:
        raise ValueError("a table that unpacks without end")
    return raw.decode("latin-1")
