"""Facts as Parquet, both dates on every row, and frames on their way in (extra ``captilt[filings]`` has pyarrow).

One file per provider, sorted by series, period and known_at::

    series    string
    period    date32             the day or period that the number describes
    known_at  timestamp[us, UTC] when it became known; year 9999 where nobody can say
    value     double             null withdraws the period's earlier value

So ``SELECT * FROM 'FOLDER/*.parquet'`` reads everything, and ``known_at <= T`` gives what was known at T. The manifest
beside the files describes each series as `data export` does; with it the folder can be imported again.

A frame takes the same way: its rows become revision logs with a manifest, and pass every check of `data import`.
"""

import datetime as dt
import tempfile
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from signals.asof import History
from signals.errors import InputError, UsageError
from signals.series.dictionary import describe
from signals.series.fetch_notes import NOTE
from signals.sources.files.exporter import COLUMNS, Exported, log_text, manifest_row, safe_name, write_manifest
from signals.sources.files.importer import Imported, Progress, import_folder, manifest
from signals.store.store import Store

FRAME = ("series", "period", "known_at", "value")
FREQUENCIES = ("D", "W", "M", "Q", "event")
MOST_ROWS = 10_000_000  # of a file: four times all that the real data have
MOST_UNPACKED = 1_073_741_824  # bytes of a file in memory; a bomb of a megabyte asks for far more
LONGEST_NAME = 200  # characters of a series
REVISED = "revision log"  # every version is dated by the file itself


def export_parquet(store: Store, folder: Path) -> Exported:
    """Write everything held to a new or empty folder, one Parquet file per provider.

    Raises
    ------
    InputError
        Where the folder is not empty.
    UsageError
        Where pyarrow is not installed.
    """
    arrow, parquet = _arrow()
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty. Nothing was written.", remedy="Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    schema = arrow.schema(
        [
            ("series", arrow.string()),
            ("period", arrow.date32()),
            ("known_at", arrow.timestamp("us", tz="UTC")),
            ("value", arrow.float64()),
        ]
    )
    names = [name for name in store.names() if not name.startswith((NOTE, "fomc:"))]
    rows, facts, files, definitions = [], 0, 0, store.definitions()
    for provider, members in groupby(names, key=lambda name: name.partition(":")[0]):
        file, series = f"{safe_name(provider)}.parquet", list(members)
        with parquet.ParquetWriter(folder / file, schema, compression="zstd") as writer:
            for name in series:
                part = store.history(name)
                writer.write_table(
                    arrow.table(
                        {
                            "series": arrow.array([name] * part.period.size, arrow.string()),
                            "period": arrow.array(part.period.astype("datetime64[D]")),
                            "known_at": arrow.array(part.known_at).cast(schema.field("known_at").type),
                            "value": arrow.array(part.value, mask=np.isnan(part.value)),
                        },
                        schema=schema,
                    )
                )
                rows.append(
                    manifest_row(store, name, file, [part], definitions) | {"revised": store.describe(name).revised}
                )
                facts += part.period.size
        files += 1
    write_manifest(folder, rows)
    return Exported(files, len(rows), facts)


def import_parquet(store: Store, folder: Path, *, at: dt.datetime, progress: Progress = lambda _: None) -> Imported:
    """Import every Parquet file of a folder in this format, with the same checks as a folder of CSV.

    Raises
    ------
    InputError
        Where a file cannot be read or lacks a column.
    """
    arrow, parquet = _arrow()
    described = _described(folder)
    columns: dict[str, History] = {}
    for file in sorted(folder.glob("*.parquet")):
        try:
            with parquet.ParquetFile(file) as opened:
                table = _bounded(opened, file.name)
        except (arrow.ArrowInvalid, OSError) as fault:
            raise InputError(f"{file.name} cannot be read as Parquet: {fault}. Nothing was stored.") from None
        part = _histories({name: table.column(name) for name in FRAME if name in table.column_names}, file.name)
        if twice := sorted(columns.keys() & part.keys()):
            raise InputError(
                f"{twice[0]} stands in more than one file, {file.name} the last of them. Nothing was stored.",
                remedy="Leave each series in one file.",
            )
        columns |= part
    return _through_files(store, columns, described, at, progress)


def _bounded(opened: Any, name: str) -> Any:
    """The columns of a fact, read a part at a time and no further than the limits.

    Raises
    ------
    InputError
        For too many rows, too many bytes once unpacked, or a name of a series that is none.
    """
    import pyarrow as pa
    import pyarrow.compute as functions

    compute: Any = functions  # made at run time: no type of them is known
    columns = [column for column in FRAME if column in opened.schema_arrow.names]
    batches, rows, size = [], 0, 0
    for batch in opened.iter_batches(columns=columns):
        batches.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows > MOST_ROWS or size > MOST_UNPACKED:
            raise InputError(
                f"{name} has more than {MOST_ROWS:,} rows, or more than {MOST_UNPACKED:,} bytes once unpacked. "
                "Nothing was stored.",
                remedy="Split it into several files.",
            )
        if "series" in columns and pa.types.is_string(batch.schema.field("series").type):
            longest = compute.max(compute.utf8_length(batch.column("series"))).as_py() or 0
            if longest > LONGEST_NAME:
                raise InputError(f"{name} names a series with {longest:,} characters. Nothing was stored.")
    return pa.Table.from_batches(batches, schema=pa.schema([opened.schema_arrow.field(column) for column in columns]))


def import_frame(
    store: Store, frame: Any, *, at: dt.datetime, describe_as: Mapping[str, Mapping[str, str]] | None = None
) -> Imported:
    """Import a pandas or polars frame with the columns series, period, known_at, value.

    Parameters
    ----------
    store : Store
    frame : DataFrame
        ``known_at`` aware, or naive in UTC; a missing value withdraws the period's earlier value.
    at : datetime.datetime
        Aware; the moment of arrival. A row known later than that is refused.
    describe_as : mapping, optional
        Manifest cells (``unit``, ``frequency``, ...) by series, for series that this version does not know.

    Raises
    ------
    InputError
        Where a column is missing, or cannot be read.
    """
    if not hasattr(frame, "columns") or not hasattr(frame, "to_dict"):
        raise InputError(
            f"a {type(frame).__name__} is no frame. Nothing was stored.",
            remedy=f"Give a pandas or polars DataFrame with the columns {', '.join(FRAME)}.",
        )
    names = list(frame.columns)
    columns = {name: frame[name].to_numpy() for name in FRAME if name in names}
    described = dict(describe_as or {})
    for name, cells in described.items():
        if cells.get("frequency", "D") not in FREQUENCIES:
            raise InputError(
                f"{name} is described with the frequency {cells['frequency']!r}. Nothing was stored.",
                remedy=f"Choose one of {', '.join(FREQUENCIES)}.",
            )
    return _through_files(store, _histories(columns, "the frame"), described, at, lambda _: None)


def _histories(columns: Mapping[str, Any], where: str) -> dict[str, History]:
    if absent := [name for name in FRAME if name not in columns]:
        raise InputError(
            f"{where} lacks the column {', '.join(absent)}. Nothing was stored.",
            remedy=f"Columns are {', '.join(FRAME)}.",
        )
    try:
        series = np.asarray(columns["series"]).astype(str)
        period = _days(columns["period"])
        known_at = _instants(columns["known_at"])
        value = np.asarray(columns["value"]).astype(np.float64)
    except (ValueError, TypeError) as fault:
        raise InputError(f"{where} cannot be read: {fault}. Nothing was stored.") from None
    if (dateless := np.isnat(period) | np.isnat(known_at)).any():
        first = int(np.flatnonzero(dateless)[0])
        raise InputError(
            f"{where} has a row of {series[first]} without a period or without known_at. Nothing was stored.",
            remedy="Every fact has two dates; leave out what has not.",
        )
    if unnamed := next((name for name in series.tolist() if not all(name.partition(":"))), None):
        raise InputError(
            f"{where} has a row of the series {unnamed!r}. Nothing was stored.",
            remedy="Write a series with its provider, like mine:SURVEY.",
        )
    if not series.size:
        return {}
    order = np.argsort(series, kind="stable")
    names, starts = np.unique(series[order], return_index=True)
    parts = np.split(order, starts[1:])
    return {str(name): History(period[at], known_at[at], value[at]) for name, at in zip(names, parts, strict=True)}


def _days(column: Any) -> np.ndarray:
    return np.asarray(column).astype("datetime64[D]")


def _instants(column: Any) -> np.ndarray:
    """UTC microseconds, of aware or naive instants."""
    values = np.asarray(column)
    if values.dtype == object:
        aware = [
            moment.astimezone(dt.UTC).replace(tzinfo=None) if getattr(moment, "tzinfo", None) else moment
            for moment in values
        ]
        values = np.array(aware, dtype="datetime64[us]")
    return values.astype("datetime64[us]")


def _through_files(
    store: Store,
    parts: Mapping[str, History],
    described: Mapping[str, Mapping[str, str]],
    at: dt.datetime,
    progress: Progress,
) -> Imported:
    """As revision logs through the importer, so that not one check is left out."""
    with tempfile.TemporaryDirectory(prefix="captilt-import-") as path:
        folder = Path(path)
        rows = []
        for number, (name, part) in enumerate(parts.items()):
            (folder / f"{number}.csv").write_text(log_text(part), encoding="utf-8")
            rows.append(_row(name, f"{number}.csv", described.get(name, {})))
        write_manifest(folder, rows)
        return import_folder(store, folder, at=at, progress=progress)


def _row(name: str, file: str, definition: Mapping[str, str]) -> dict[str, str]:
    known = describe(name)
    own = {
        "unit": known.unit,
        "frequency": known.frequency,
        "period_stamp": known.stamp,
        "known_at": known.known_at,
        "terms": known.terms,
    }
    stated = {key: value for key, value in definition.items() if value}
    row = {**own, **stated, "series": name, "file": file, "revised": REVISED}
    return {column: row.get(column, "") for column in COLUMNS}


def _described(folder: Path) -> dict[str, dict[str, str]]:
    return {row["series"]: row for row in manifest(folder)} if (folder / "manifest.csv").is_file() else {}


def _arrow() -> Any:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise UsageError("Parquet needs the package pyarrow.", remedy="pip install 'captilt[filings]'") from None
    return pa, parquet
