"""From every number as filed to the financing series.

1. Each quarter's numbers are reduced to the tags of `signals.filings.concepts`: dollars, the consolidated company,
   standard taxonomies; one row for each (filing, date, length). This is a scan with a filter and a group-by.
2. Companies are taken in slices, so that memory stays bounded whatever the number of years; each slice becomes
   company-quarters by the pure formulas of `signals.filings.quarters`.
3. The table of company-quarters, with both dates, is what series are computed from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from signals.filings.concepts import CONCEPTS, FORMS, ROWS, STANDARD_TAXONOMIES
from signals.filings.faults import refuse_faults
from signals.filings.quarters import COLUMNS, CompanyQuarters, Filings, Statements, company_quarters
from signals.sources.filings.tables import FilingsFolder, Manifest, Refusal, database, quoted

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

ROWS_A_SLICE = 200_000  # of statements; companies are taken in as many slices as that needs
LONGEST_QUARTERS = 4
LAST_MONTH = 1200  # counted from 1970-01: later dates are slips
ROW_GROUP = 20_000  # rows; small, because one slice of companies is read at a time
TABLE = ("panel", "company_quarters")
SHOWN = 200  # refused numbers that are kept by name


@dataclass(frozen=True, slots=True)
class Built:
    """What a rebuild made.

    Attributes
    ----------
    filings, companies : int
    refusals : tuple of Refusal
        The first `SHOWN` of each rule.
    refused : mapping of str to int
        Numbers of them by rule.
    """

    filings: int
    companies: int
    refusals: tuple[Refusal, ...]
    refused: dict[str, int]


def reduce_quarter(folder: FilingsFolder, base: "duckdb.DuckDBPyConnection", quarter: str) -> int:
    """Write ``statements/<quarter>`` into the staging folder from the quarter's numbers; the number of rows."""
    numbers, submissions = folder.path("numbers", quarter), folder.path("submissions", quarter)
    target = quoted([folder.staging / f"{quarter}.statements.part"]).strip("[]")
    order = {concept.name: number for number, concept in enumerate(CONCEPTS)}
    wanted = ", ".join(f"('{tag}', {order[name]}, {rank})" for tag, name, rank in ROWS)
    by_concept = ", ".join(
        f"arg_min(p.value, p.rank) FILTER (WHERE p.concept = {number}) AS {name}" for name, number in order.items()
    )
    base.execute(f"""
        COPY (
            WITH picked AS (
                SELECT n.adsh, {month_of("n.ddate")} AS month, n.qtrs AS quarters, w.concept, w.rank,
                       max(n.value) AS value
                FROM read_parquet({quoted([numbers])}) n JOIN (VALUES {wanted}) w(tag, concept, rank) USING (tag)
                WHERE n.tag IN ({", ".join(f"'{tag}'" for tag, _, _ in ROWS)})
                  AND n.segments IS NULL AND n.coreg IS NULL AND n.uom = 'USD'
                  AND ({" OR ".join(f"starts_with(n.version, '{name}')" for name in STANDARD_TAXONOMIES)})
                  AND n.value IS NOT NULL AND NOT n.unreadable AND n.qtrs BETWEEN 0 AND {LONGEST_QUARTERS}
                GROUP BY ALL
            )
            SELECT s.cik, s.adsh, s.sic, s.known_at, {month_of("s.period")} AS period, p.month, p.quarters, {by_concept}
            FROM picked p JOIN read_parquet({quoted([submissions])}) s USING (adsh)
            WHERE s.form IN ({", ".join(f"'{form}'" for form in FORMS)}) AND p.month BETWEEN 0 AND {LAST_MONTH}
            GROUP BY ALL
            ORDER BY s.cik, s.known_at, s.adsh, p.month, p.quarters
        ) TO {target} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})
    """)
    counted = base.execute(f"SELECT count(*) FROM read_parquet({target})").fetchone()
    return int(counted[0]) if counted else 0


def month_of(date: str) -> str:
    """SQL of a date's month counted from 1970-01."""
    return f"(12 * (year({date}) - 1970) + month({date}) - 1)::INTEGER"


def rebuild(folder: FilingsFolder, manifest: Manifest, *, step: Callable[[str, int, int], None] | None = None) -> Built:
    """Reduce the quarters that are not reduced yet, then make the table of company-quarters anew.

    The manifest is changed and saved.
    """
    progress = step or _silent
    quarters = folder.names("numbers", manifest)
    with database(folder.staging) as base:
        for number, quarter in enumerate(quarters):
            progress("reduce", number, len(quarters))
            name = f"statements/{quarter}"
            source = manifest.files[f"numbers/{quarter}"].sha256
            if name in manifest.files and manifest.files[name].source_sha256 == source:
                continue
            rows = reduce_quarter(folder, base, quarter)
            part = folder.staging / f"{quarter}.statements.part"
            manifest.files[name] = folder.adopt("statements", quarter, part, rows=rows, source=source)
        folder.save(manifest)
        built = _company_quarters(folder, manifest, base, progress)
    folder.save(manifest)
    return built


def _silent(*_: object) -> None:
    """No progress is shown."""


def _company_quarters(
    folder: FilingsFolder,
    manifest: Manifest,
    base: "duckdb.DuckDBPyConnection",
    progress: Callable[[str, int, int], None],
) -> Built:
    import pyarrow.parquet as pq

    source = _source(folder, manifest)
    rows = sum(entry.rows for name, entry in manifest.files.items() if name.startswith(_COUNTED))
    slices = -(-rows // ROWS_A_SLICE)
    part = folder.staging / "company_quarters.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    counts = np.zeros(2, dtype=np.int64)
    refused: dict[str, int] = {}
    shown: list[Refusal] = []
    writer: pq.ParquetWriter | None = None
    try:
        for number in range(slices):
            progress("companies", number, slices)
            filings, statements, names = _slice(base, source, number, slices)
            statements, faults = refuse_faults(filings, statements)
            for fault in faults:
                refused[fault.rule] = refused.get(fault.rule, 0) + 1
                if refused[fault.rule] <= SHOWN:
                    shown.append(
                        Refusal(
                            "company_quarters",
                            names[fault.filing],
                            f"{fault.value:g}",
                            f"number.{fault.rule}",
                            fault.reason,
                        )
                    )
            table = _arrow(company_quarters(filings, statements), names)
            writer = writer or pq.ParquetWriter(part, table.schema, compression="zstd")
            writer.write_table(table)
            counts += (filings.cik.size, np.unique(filings.cik).size)
    finally:
        if writer is not None:
            writer.close()
    if writer is not None:
        manifest.files["/".join(TABLE)] = folder.adopt(*TABLE, part, rows=int(counts[0]))
    manifest.refusals["company_quarters"] = shown
    return Built(int(counts[0]), int(counts[1]), tuple(shown), refused)


def _source(folder: FilingsFolder, manifest: Manifest) -> str:
    """SQL of every statement row: reduced quarters, public floats of frames, the running quarter."""
    paths = {kind: [folder.path(kind, name) for name in folder.names(kind, manifest)] for kind in _KINDS}
    columns = f"cik, adsh, sic, known_at, period, month, quarters, {', '.join(concept.name for concept in CONCEPTS)}"
    submissions = f"read_parquet({quoted(paths['submissions'])})"
    parts = []
    if paths["statements"]:
        parts.append(f"SELECT {columns} FROM read_parquet({quoted(paths['statements'])})")
    if paths["floats"] and paths["submissions"]:
        blanks = ", ".join(f"NULL::DOUBLE AS {concept.name}" for concept in CONCEPTS if concept.name != "public_float")
        parts.append(f"""
            SELECT s.cik, s.adsh, s.sic, s.known_at, {month_of("s.period")} AS period, f.month,
                   0::SMALLINT AS quarters, {blanks}, f.value AS public_float
            FROM read_parquet({quoted(paths["floats"])}) f JOIN {submissions} s USING (adsh)
        """)
    if paths["running"]:
        filed = f" WHERE adsh NOT IN (SELECT adsh FROM {submissions})" if paths["submissions"] else ""
        parts.append(f"SELECT {columns} FROM read_parquet({quoted(paths['running'])}){filed}")
    return " UNION ALL BY NAME ".join(parts)


_KINDS = ("statements", "submissions", "floats", "running")
_COUNTED = ("statements/", "floats/", "running/")


def _slice(
    base: "duckdb.DuckDBPyConnection", source: str, number: int, slices: int
) -> tuple[Filings, Statements, list[str]]:
    """The filings of one slice of the companies and their numbers."""
    rows = base.execute(
        f"SELECT * FROM ({source}) WHERE cik % {slices} = {number} ORDER BY cik, known_at, adsh, month, quarters"
    ).fetchnumpy()
    names = np.asarray(rows["adsh"], dtype=object)
    starts = np.append(np.ones(min(names.size, 1), dtype=bool), names[1:] != names[:-1])
    first, filing = np.flatnonzero(starts), np.cumsum(starts) - 1
    filings = Filings(
        cik=np.asarray(rows["cik"], dtype=np.int64)[first],
        known_at=np.asarray(rows["known_at"]).astype("datetime64[us]")[first],
        month=np.asarray(rows["period"], dtype=np.int64)[first],
        sic=np.asarray(rows["sic"], dtype=np.int64)[first],
    )
    values = {
        concept.name: np.ma.filled(np.ma.asarray(rows[concept.name], dtype=np.float64), np.nan) for concept in CONCEPTS
    }
    statements = Statements(
        filing, np.asarray(rows["month"], dtype=np.int64), np.asarray(rows["quarters"], dtype=np.int64), values
    )
    return filings, statements, [str(name) for name in names[first]]


def _arrow(table: CompanyQuarters, names: Sequence[str]) -> "pa.Table":
    import pyarrow as pa

    return pa.table(
        {
            "cik": table.cik,
            "adsh": list(names),
            "sic": table.sic,
            "period": table.period.astype("datetime64[D]"),
            "known_at": table.known_at,
            **table.values,
        }
    )


def read_company_quarters(folder: FilingsFolder, manifest: Manifest) -> CompanyQuarters:
    """The table as arrays; empty before the first fetch."""
    if "/".join(TABLE) not in manifest.files:
        nothing = np.empty(0)
        return CompanyQuarters(
            nothing.astype(np.int64),
            nothing.astype(np.int64),
            nothing.astype("datetime64[D]"),
            nothing.astype("datetime64[us]"),
            dict.fromkeys(COLUMNS, nothing),
        )
    with database(folder.staging) as base:
        rows = base.execute(f"SELECT * FROM read_parquet({quoted([folder.path(*TABLE)])})").fetchnumpy()
    return CompanyQuarters(
        cik=np.asarray(rows["cik"], dtype=np.int64),
        sic=np.asarray(rows["sic"], dtype=np.int64),
        period=np.asarray(rows["period"]).astype("datetime64[D]"),
        known_at=np.asarray(rows["known_at"]).astype("datetime64[us]"),
        values={name: np.ma.filled(np.ma.asarray(rows[name], dtype=np.float64), np.nan) for name in COLUMNS},
    )
