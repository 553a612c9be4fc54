"""Files: a folder with a `manifest.csv` and one file per series, in and out.

The manifest's row is the description of its series: unit, what the date stamps, known-at rule, how it
is revised, terms. See README.md beside this file for every column.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from signals.asof import History
from signals.calendars import day_of
from signals.errors import InputError
from signals.series.dictionary import Series, describe, from_row
from signals.sources.csv_sheet import read_sheet
from signals.sources.files.layouts import arrivals, skipped
from signals.sources.provider import Arrival
from signals.sources.validation.revisions import merge
from signals.store.store import Receipt, Refusal, Store

NEEDED = ("series", "file", "known_at")  # columns without which a manifest row means nothing
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    files : int
    series : int
        Series that the files speak of.
    receipt : Receipt
    refused : tuple of Refusal
        Every refused row, those known from an earlier import too.
    skipped : tuple of (str, str)
        Manifest rows without facts for the store, and why.
    """

    files: int
    series: int
    receipt: Receipt
    refused: tuple[Refusal, ...]
    skipped: tuple[tuple[str, str], ...]


def import_folder(store: Store, folder: Path, *, at: dt.datetime, progress: Progress = lambda _: None) -> Imported:
    """Import every file that the folder's manifest names, in one transaction.

    Parameters
    ----------
    store : Store
    folder : pathlib.Path
    at : datetime.datetime
        Aware; the moment of arrival. Nothing dated later is believed.
    progress : callable
        Told the name of each file as it is read.
    """
    rows = manifest(folder)
    described = {row["series"]: from_row(row) for row in rows}
    facts: dict[str, History] = {}
    refused: list[Refusal] = []
    left_out = tuple((row["series"], why) for row in rows if (why := skipped(row)))
    for row in rows:
        if skipped(row):
            continue
        progress(row["file"])
        sheet = read_sheet(inside(folder, row["file"]), row["file"], row["series"])
        parent = _described(row["series"], described)
        for arrival in arrivals(sheet, parent, lambda name: _described(name, described), day_of(at)):
            facts[arrival.series.id] = _facts(store, arrival, at)
        refused.extend(sheet.refused)
    receipt = store.write(
        facts, source="files", note=folder.name, at=at, definitions=_new_definitions(store, rows), refused=refused
    )
    return Imported(len(rows) - len(left_out), len(facts), receipt, tuple(refused), left_out)


def _described(name: str, described: Mapping[str, Series]) -> Series:
    """The manifest's rule and habit, with the limits of the shipped dictionary where it has the series."""
    known = describe(name, described)
    parts = name.split(":")
    row = next((described[key] for n in range(len(parts), 0, -1) if (key := ":".join(parts[:n])) in described), None)
    if row is None:
        return known
    return replace(known, known_at=row.known_at, stamp=row.stamp, revised=row.revised, frequency=row.frequency)


def _facts(store: Store, arrival: Arrival, at: dt.datetime) -> History:
    if arrival.revisions:
        return arrival.facts
    return merge(arrival.series, store.history(arrival.series.id), arrival.facts, at)


def _new_definitions(store: Store, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    stored = store.definitions()
    return [row for row in rows if stored.get(row["series"]) != row]


def manifest(folder: Path) -> list[dict[str, str]]:
    """The rows of a folder's manifest, checked."""
    path = folder / "manifest.csv"
    if not path.is_file():
        raise InputError(
            f"{folder} has no manifest.csv. Nothing was stored.",
            remedy="Name a folder in the documented format (signals/sources/README.md).",
        )
    sheet = read_sheet(path, "manifest.csv", "manifest")
    if absent := [name for name in NEEDED if name not in sheet.header]:
        raise InputError(
            f"{path} lacks the column {', '.join(absent)}. Nothing was stored.", remedy="Add it and import again."
        )
    if sheet.refused:
        first = sheet.refused[0]
        raise InputError(f"{first.origin} is {first.reason}. Nothing was stored.", remedy="Mend that line.")
    rows = [
        dict(zip(sheet.header, cells, strict=True))
        for cells in zip(*(sheet.columns[n] for n in sheet.header), strict=True)
    ]
    names = [row["series"] for row in rows]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{path} describes {repeated[0]} twice. Nothing was stored.", remedy="Leave one row a series.")
    if unnamed := next((row for row in rows if not row["series"].strip() or ":" not in row["series"]), None):
        raise InputError(
            f"{path} has a row without a series like `fred:DGS10` ({unnamed['series']!r}). Nothing was stored.",
            remedy="Give it an id with its provider.",
        )
    return rows


def inside(folder: Path, file: str) -> Path:
    """The path of a manifest's file, which must lie in the folder."""
    relative = PurePosixPath(file)
    if not file or relative.is_absolute() or ".." in relative.parts or "\0" in file:
        raise InputError(
            f"the manifest names a file outside its folder ({file[:80]!r}). Nothing was stored.",
            remedy="Name files relative to the manifest.",
        )
    path = folder / relative
    if not path.is_file():
        raise InputError(
            f"the manifest names {file}, which is not there. Nothing was stored.",
            remedy="Add the file or remove its row.",
        )
    return path
