"""Everything held, as a folder in the import format: a `manifest.csv` and one file per series.

A series of which every known-at follows from its rule is a plain file; any other is a revision log whose
`realtime_start` is the exact instant, so that nothing of what was known when is lost on the way.
"""

import csv
import gzip
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from signals.asof import History
from signals.errors import InputError
from signals.series.fetch_notes import NOTE
from signals.series.known_at import NEVER
from signals.store.inventory import family
from signals.store.store import Store

LONGEST_NAME = 200  # bytes; file systems take 255, and an ending follows
_UNUSUAL = re.compile(r"[/\\\x00-\x1f\x7f]")  # what a file name cannot hold, or what leads into another folder
COLUMNS = (
    "series",
    "file",
    "unit",
    "frequency",
    "period_stamp",
    "known_at",
    "revised",
    "first",
    "last",
    "n",
    "terms",
    "origin",
    "note",
)


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: files, series and facts."""

    files: int
    series: int
    facts: int


def export_folder(store: Store, folder: Path) -> Exported:
    """Write everything held to a new or empty folder."""
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty. Nothing was written.", remedy="Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    rows, facts, series, definitions = [], 0, 0, store.definitions()
    names = [name for name in store.names() if not name.startswith((NOTE, "fomc:"))]
    for parent, members in groupby(names, key=family):
        parts = {name: store.history(name) for name in members}
        for name, file, text in _files(store, parent, parts):
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(text.encode(), mtime=0) if file.endswith(".gz") else text.encode())
            members_of_row = [parts[member] for member in parts if name in (member, parent)]
            rows.append(manifest_row(store, name, file, members_of_row, definitions))
        facts += sum(part.period.size for part in parts.values())
        series += len(parts)
    write_manifest(folder, rows)
    return Exported(len(rows), series, facts)


def write_manifest(folder: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """The `manifest.csv` of a folder in the import format."""
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _files(store: Store, parent: str, parts: dict[str, History]) -> Iterator[tuple[str, str, str]]:
    """(series, file, text) of one family: one wide file where the rule gives every known-at, else one log a series."""
    if parent == "cme:ZQ" and all(_by_rule(store, name, part) for name, part in parts.items()):
        yield parent, "futures/zq.csv.gz", _strip(parts)
    elif all(_by_rule(store, name, part) for name, part in parts.items()):
        yield parent, f"series/{safe_name(parent)}.csv", _wide(parent, parts)
    else:
        for name, part in parts.items():
            yield name, f"logs/{safe_name(name)}.csv", log_text(part)


def safe_name(name: str) -> str:
    """A file name for any series: folder and name without what leads elsewhere, and no longer than a name may be.

    >>> safe_name("yahoo:^GSPC:close"), safe_name("me:../x")
    ('yahoo/GSPC.close', 'me/_._x')
    """
    folder, _, rest = name.partition(":")
    parts = [_UNUSUAL.sub("_", part.replace(":", ".").replace("^", "")) for part in (folder, rest) if part]
    return "/".join(_short("_" + part[1:] if part.startswith(".") else part, name) for part in parts)


def _short(part: str, name: str) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:12]
    start = part.encode()[:LONGEST_NAME].decode(errors="ignore")
    return part if start == part else f"{start}-{digest}"


def _by_rule(store: Store, name: str, part: History) -> bool:
    """True where a plain file says everything: one version a period, known as the rule says."""
    return bool(
        (np.diff(part.period.astype("int64")) > 0).all()
        and not np.isnan(part.value).any()
        and (part.known_at == store.describe(name).known(part.period)).all()
    )


def _wide(parent: str, parts: dict[str, History]) -> str:
    days = np.unique(np.concatenate([part.period for part in parts.values()]))
    heads = [name[len(parent) + 1 :] or "value" for name in parts]
    cells = []
    for part in parts.values():
        column = [""] * days.size
        for row, value in zip(np.searchsorted(days, part.period).tolist(), part.value.tolist(), strict=True):
            column[row] = repr(value)
        cells.append(column)
    return _text(["date", *heads], zip(days.astype(str).tolist(), *cells, strict=True))


def log_text(part: History) -> str:
    """A revision log: period, exact instant, value; empty where the value was withdrawn."""
    instants = np.where(part.known_at == NEVER, "9999-12-31T00:00:00.000000", part.known_at.astype(str))
    values = ["" if np.isnan(value) else repr(value) for value in part.value.tolist()]
    rows = zip(
        part.period.astype(str).tolist(), [f"{instant}+00:00" for instant in instants.tolist()], values, strict=True
    )
    return _text(["date", "realtime_start", "value"], rows)


def _strip(parts: dict[str, History]) -> str:
    cells: dict[tuple[str, str], dict[str, str]] = {}
    heads: list[str] = []
    for name, part in parts.items():
        _, _, contract, column = name.split(":")
        if column not in heads:
            heads.append(column)
        for day, value in zip(part.period.astype(str).tolist(), part.value.tolist(), strict=True):
            cells.setdefault((day, contract), {})[column] = repr(value)
    rows = (
        [day, contract, *(values.get(head, "") for head in heads)] for (day, contract), values in sorted(cells.items())
    )
    return _text(["date", "contract", *heads], rows)


def _text(header: list[str], rows: object) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


def manifest_row(
    store: Store, name: str, file: str, parts: list[History], definitions: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """The manifest row: as imported where it was (`Store.definitions`), else from the dictionary."""
    described = store.describe(name)
    definition = definitions.get(name) or definitions.get(family(name)) or {}
    days = np.concatenate([part.period for part in parts])
    return {
        "series": name,
        "file": file,
        "unit": definition.get("unit", described.unit),
        "frequency": described.frequency,
        "period_stamp": described.stamp,
        "known_at": described.known_at,
        "revised": described.revised if not file.startswith("logs/") else definition.get("revised", described.revised),
        "first": str(days.min()) if days.size else "",
        "last": str(days.max()) if days.size else "",
        "n": str(len(np.unique(days))),
        "terms": described.terms,
        "origin": definition.get("origin", ""),
        "note": definition.get("note", ""),
    }
