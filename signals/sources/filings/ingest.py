"""From a checked archive to Parquet: submissions with their known-at instants, and every number as filed.

A filing is known when it was accepted. One accepted after 17:30 carries the next business day as its filing date and is
published on that day at 6:00, so the later of the two instants counts. Times are New York's.
"""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from signals.calendars import NEW_YORK, instants
from signals.new_york import instant
from signals.sources.filings.archive import ArchiveFault, Quarter
from signals.sources.filings.tables import FileEntry, FilingsFolder, Refusal, database, quoted, write_table

if TYPE_CHECKING:
    import duckdb

PUBLISHED = dt.time(6, 0)  # New York, for filings accepted after the close of the filing day
ODD_SHARE = 0.02  # of lines: more unreadable ones mean that the table is of another form
FOREIGN_SHARE = 0.2  # of filings: more from other quarters mean that the wrong archive came
SHOWN = 20  # refused lines that are kept word for word
_READ = (
    "read_csv('{path}', delim='\t', quote='', escape='', header=true, all_varchar=true, ignore_errors=true, "
    "store_rejects=true, auto_detect=false, columns={columns}, rejects_limit=100000)"
)


def ingest(
    folder: FilingsFolder, tables: dict[str, Path], quarter: Quarter, *, now: dt.datetime, source: str
) -> tuple[dict[str, FileEntry], list[Refusal]]:
    """Write both tables of one archive; nothing is listed in the manifest yet.

    Raises
    ------
    ArchiveFault
        Where the tables as a whole cannot be trusted.
    """
    name, at = str(quarter), now.isoformat()
    with database(folder.staging) as base:
        submissions, refused = _submissions(base, tables["sub.txt"], quarter, now)
        part = folder.staging / f"{name}.submissions.part"
        rows = write_table(part, submissions)
        numbers = folder.staging / f"{name}.numbers.part"
        count, lost = _numbers(base, tables["num.txt"], numbers, name)
    if rows and not count:
        raise ArchiveFault("archive.no_numbers", f"{rows} filings without a number")
    entries = {
        f"submissions/{name}": folder.adopt("submissions", name, part, rows=rows, source=source, at=at),
        f"numbers/{name}": folder.adopt("numbers", name, numbers, rows=count, source=source, at=at),
    }
    return entries, [*refused, *lost]


def _reader(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        heading = file.readline().rstrip("\r\n").split("\t")
    columns = "{" + ", ".join(f"'{column}': 'VARCHAR'" for column in heading) + "}"
    return _READ.format(path=str(path).replace("'", "''"), columns=columns)


def _rejected(base: "duckdb.DuckDBPyConnection", file: str, total: int) -> list[Refusal]:
    """Lines that have another number of columns or are no UTF-8, and ArchiveFault where they are many."""
    lines = base.execute(
        "SELECT line, min(error_type::VARCHAR), min(csv_line) FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    base.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    if len(lines) > ODD_SHARE * max(total + len(lines), 1 / ODD_SHARE):
        raise ArchiveFault("archive.lines", f"{len(lines)} of {total + len(lines)} lines of {file} cannot be read")
    return [
        Refusal(file, f"line {line}", str(text or "")[:80], "line.form", f"line {line} of {file}: {kind}".lower())
        for line, kind, text in lines[:SHOWN]
    ]


def _submissions(
    base: "duckdb.DuckDBPyConnection", path: Path, quarter: Quarter, now: dt.datetime
) -> tuple[dict[str, np.ndarray], list[Refusal]]:
    frame = base.execute(
        "SELECT adsh, TRY_CAST(cik AS BIGINT) cik, name, coalesce(TRY_CAST(sic AS INTEGER), 0) sic, form, "
        f"period, fye, fp, filed, accepted, instance FROM {_reader(path)}"
    ).df()
    refused = _rejected(base, "sub.txt", len(frame))
    accepted = pd.to_datetime(frame["accepted"], format="%Y-%m-%d %H:%M:%S.%f", errors="coerce")
    accepted = accepted.fillna(pd.to_datetime(frame["accepted"], format="%Y-%m-%d %H:%M:%S", errors="coerce"))
    filed = pd.to_datetime(frame["filed"], format="%Y%m%d", errors="coerce")
    period = pd.to_datetime(frame["period"], format="%Y%m%d", errors="coerce")
    known_at = _known_at(accepted, filed)
    late = instant(now)
    first, last = quarter.months()
    month = frame["filed"].fillna("").str[:6]
    checks: tuple[tuple[str, np.ndarray, str, str], ...] = (
        (
            "filing.number",
            ~frame["adsh"].fillna("").str.fullmatch(r"\d{10}-\d{2}-\d{6}").to_numpy(),
            "adsh",
            "no accession number",
        ),
        ("filing.twice", frame["adsh"].duplicated().to_numpy(), "adsh", "an accession number that was there before"),
        ("filing.company", frame["cik"].isna().to_numpy(), "cik", "no CIK"),
        (
            "filing.accepted",
            (accepted.isna() | filed.isna()).to_numpy(),
            "accepted",
            "no time of acceptance or day of filing",
        ),
        ("filing.future", known_at > late, "accepted", "accepted in the future"),
        (
            "filing.period",
            (period.isna() | (period > filed + pd.Timedelta(days=45))).to_numpy(),
            "period",
            "no period, or one after its filing",
        ),
    )
    good = np.ones(len(frame), dtype=bool)
    for rule, wrong, column, reason in checks:
        for row in np.flatnonzero(wrong & good)[:SHOWN]:
            refused.append(Refusal("sub.txt", str(frame["adsh"][row]), str(frame[column][row])[:80], rule, reason))
        good &= ~wrong
    foreign = ((month < first) | (month > last)).to_numpy()
    if len(frame) and foreign.mean() > FOREIGN_SHARE:
        raise ArchiveFault("archive.quarter", f"{100 * foreign.mean():.0f} % of its filings are not of {quarter}")
    if len(frame) and good.mean() < 1 - FOREIGN_SHARE:
        raise ArchiveFault("archive.filings", f"{100 * (1 - good.mean()):.0f} % of its filings cannot be used")
    frame = frame[good]
    return {
        "adsh": frame["adsh"].to_numpy(dtype=object),
        "cik": frame["cik"].to_numpy(dtype=np.int64),
        "sic": frame["sic"].to_numpy(dtype=np.int64),
        "name": frame["name"].to_numpy(dtype=object),
        "form": frame["form"].to_numpy(dtype=object),
        "fye": frame["fye"].to_numpy(dtype=object),
        "instance": frame["instance"].to_numpy(dtype=object),
        "period": period[good].to_numpy().astype("datetime64[D]"),
        "known_at": known_at[good],
    }, refused


def _known_at(accepted: pd.Series, filed: pd.Series) -> np.ndarray:
    """UTC instants at which filings could be read; datetime64[us], NaT where a time is missing."""
    local = accepted.dt.tz_localize(NEW_YORK, ambiguous=False, nonexistent="shift_forward")
    utc = local.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    day = filed.to_numpy().astype("datetime64[D]")
    known = ~np.isnat(day) & ~np.isnat(utc)
    published = utc.copy()
    published[known] = instants(day[known], PUBLISHED)
    later = known & (day > accepted.to_numpy().astype("datetime64[D]"))
    return np.where(later, np.maximum(utc, published), utc)


def _numbers(base: "duckdb.DuckDBPyConnection", path: Path, part: Path, quarter: str) -> tuple[int, list[Refusal]]:
    """Every number as filed, sorted by tag so that few row groups are read for one."""
    reader, target = _reader(path), quoted([part]).strip("[]")
    segments = "segments" if "'segments'" in reader else "NULL::VARCHAR"
    base.execute(f"""
        COPY (
            SELECT adsh, tag, version, CAST(TRY_STRPTIME(ddate, '%Y%m%d') AS DATE) AS ddate,
                   TRY_CAST(qtrs AS SMALLINT) AS qtrs, uom, {segments} AS segments, coreg,
                   TRY_CAST(value AS DOUBLE) AS value,
                   value IS NOT NULL AND TRY_CAST(value AS DOUBLE) IS NULL
                   OR TRY_STRPTIME(ddate, '%Y%m%d') IS NULL OR TRY_CAST(qtrs AS SMALLINT) IS NULL AS unreadable
            FROM {reader}
            ORDER BY tag, adsh
        ) TO {target} (FORMAT parquet, COMPRESSION zstd)
    """)
    counts = base.execute(f"SELECT count(*), count(*) FILTER (WHERE unreadable) FROM read_parquet({target})").fetchone()
    total, odd = counts if counts is not None else (0, 0)
    refused = _rejected(base, "num.txt", total)
    if odd > ODD_SHARE * max(total, 1 / ODD_SHARE):
        raise ArchiveFault("archive.numbers", f"{odd} of {total} numbers of {quarter} cannot be read")
    lines = base.execute(
        f"SELECT adsh, tag FROM read_parquet({target}) WHERE unreadable ORDER BY ALL LIMIT {SHOWN}"
    ).fetchall()
    refused += [
        Refusal("num.txt", adsh, tag, "number.form", f"{tag}: its value, date or length cannot be read")
        for adsh, tag in lines
    ]
    return total, refused
