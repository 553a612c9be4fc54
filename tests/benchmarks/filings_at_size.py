"""As many numbers as the SEC has published since 2009, invented: to measure how they are reduced.

``python -m tests.benchmarks.filings_at_size FOLDER [quarters] [filings a quarter] [numbers a filing]`` writes the tables as
`signals.sources.filings.ingest` does (sorted by tag, zstd), then reduces them in this process and prints seconds, peak
memory, and the time for the medians of 200 month-ends.
"""

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from signals.filings.concepts import CONCEPTS
from signals.filings.financing import financing_series
from signals.filings.pass_through import PolicyRate
from signals.filings.size_groups import SizeCut
from signals.sources.filings.reduction import read_company_quarters, rebuild
from signals.sources.filings.tables import FileEntry, FilingsFolder, Manifest, sha256_of

VOCABULARY = 3000  # further tags
SEGMENTS = pa.array(["BusinessSegments=North;", "EquityComponents=RetainedEarnings;", "ProductOrService=Services;"])
FLOW = {"revenue": 2.0, "operating_income": 0.7, "pretax_income": 0.5, "interest": 0.2, "net_income": 0.4}
CASH_FLOW = {"depreciation_amortization": 0.3}
STOCK = {
    "assets": 12.0,
    "cash": 0.6,
    "debt_current": 0.3,
    "long_debt_current": 0.2,
    "short_debt": 0.1,
    "long_debt": 3.5,
}
TAGS = {concept.name: concept.tags[0] for concept in CONCEPTS}


def core(length: int) -> list[tuple[str, int, int, float]]:
    """(tag, months before the period's end, quarters, size) of the rows that count."""
    rows = []
    for name, size in FLOW.items():
        spans = {1, length} if length < 4 else {4}
        rows += [(TAGS[name], lag, span, size * span / 4) for lag in (0, 12) for span in sorted(spans)]
    for name, size in CASH_FLOW.items():
        rows += [(TAGS[name], lag, length, size * length / 4) for lag in (0, 12)]
    for name, size in STOCK.items():
        rows += [(TAGS[name], lag, 0, size) for lag in (0, 3 * length)]
    if length == 4:
        rows.append((TAGS["public_float"], 6, 0, 8.0))
    return rows


def write_quarter(
    folder: FilingsFolder, manifest: Manifest, year: int, quarter: int, filings: int, numbers: int
) -> None:
    """Both tables of one quarter: every company files once."""
    name = f"{year}q{quarter}"
    made = np.random.default_rng(4 * year + quarter)
    ciks = np.arange(1000, 1000 + filings)
    length = {1: 4, 2: 1, 3: 2, 4: 3}[quarter]
    end = np.datetime64(f"{year}-{3 * quarter - 2:02d}", "M")  # the quarter before ended with the month before
    period = end.astype("datetime64[D]") - 1
    size = 1e6 * np.exp(6 * (ciks - 1000) / filings)
    adsh = pa.array([f"{cik:010d}-{year % 100:02d}-{quarter:06d}" for cik in ciks])
    known_at = (end + 1).astype("datetime64[us]") + made.integers(0, 40 * 86400, filings).astype("timedelta64[s]")
    write(
        folder,
        manifest,
        "submissions",
        name,
        pa.table(
            {
                "adsh": adsh,
                "cik": ciks,
                "sic": np.where(ciks % 5 == 0, 6022, 3570),
                "form": pa.array(["10-K" if length == 4 else "10-Q"] * filings),
                "period": np.full(filings, period),
                "known_at": known_at,
            }
        ),
    )
    rows = core(length)
    filler = numbers - 2 * len(rows)
    vocabulary = sorted({tag for tag, *_ in rows} | {f"Tag{number:04d}" for number in range(VOCABULARY)})
    index = {tag: at for at, tag in enumerate(vocabulary)}
    tag = np.concatenate(
        [
            np.repeat([index[row[0]] for row in rows] * 2, filings),
            made.integers(0, len(vocabulary), filler * filings),
        ]
    )
    who = np.concatenate([np.tile(np.arange(filings), 2 * len(rows)), np.repeat(np.arange(filings), filler)])
    lag = np.concatenate([np.repeat([row[1] for row in rows] * 2, filings), np.zeros(filler * filings, int)])
    span = np.concatenate([np.repeat([row[2] for row in rows] * 2, filings), made.integers(0, 5, filler * filings)])
    factor = np.concatenate([np.repeat([row[3] for row in rows] * 2, filings), np.ones(filler * filings)])
    part = np.zeros(tag.size, dtype=bool)
    part[len(rows) * filings : 2 * len(rows) * filings] = True  # the same tags for parts of the company
    part[2 * len(rows) * filings :] = made.random(filler * filings) < 0.5
    value = np.round(size[who] * factor * made.normal(1.0, 0.05, tag.size), 0)
    order = np.argsort(tag, kind="stable")
    dates = np.array([(end - int(months)).astype("datetime64[D]") - 1 for months in range(13)])
    table = pa.table(
        {
            "adsh": pa.DictionaryArray.from_arrays(pa.array(who[order], pa.int32()), adsh),
            "tag": pa.DictionaryArray.from_arrays(pa.array(tag[order], pa.int32()), pa.array(vocabulary)),
            "version": pa.DictionaryArray.from_arrays(
                pa.array(np.zeros(tag.size, np.int32)), pa.array(["us-gaap/2016"])
            ),
            "ddate": dates[lag[order]],
            "qtrs": span[order].astype(np.int16),
            "uom": pa.DictionaryArray.from_arrays(pa.array(np.zeros(tag.size, np.int32)), pa.array(["USD"])),
            "segments": pa.DictionaryArray.from_arrays(
                pa.array(np.where(part, who % 3, 0)[order], pa.int32(), mask=~part[order]), SEGMENTS
            ),
            "coreg": pa.nulls(tag.size, pa.string()),
            "value": value[order],
            "unreadable": np.zeros(tag.size, dtype=bool),
        }
    )
    write(folder, manifest, "numbers", name, table)


def write(folder: FilingsFolder, manifest: Manifest, kind: str, name: str, table: pa.Table) -> None:
    path = folder.path(kind, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", row_group_size=122_880)
    manifest.files[f"{kind}/{name}"] = FileEntry(sha256_of(path), table.num_rows)


def main(root: str, quarters: int = 64, filings: int = 6500, numbers: int = 290) -> None:
    folder = FilingsFolder(Path(root))
    manifest = folder.manifest()
    for at in range(quarters):
        year, quarter = 2009 + (at + 2) // 4, (at + 2) % 4 + 1
        if f"numbers/{year}q{quarter}" not in manifest.files:
            write_quarter(folder, manifest, year, quarter, filings, numbers)
            folder.save(manifest)
    manifest.files = {
        name: entry for name, entry in manifest.files.items() if name.startswith(("numbers", "submissions"))
    }
    count = sum(entry.rows for name, entry in manifest.files.items() if name.startswith("numbers"))
    megabytes = sum(path.stat().st_size for path in folder.root.rglob("*.parquet")) / 2**20
    print(f"{count:,} numbers, {megabytes:,.0f} MB", flush=True)
    begun, cpu = time.perf_counter(), time.process_time()
    built = rebuild(folder, manifest)
    print(f"reduced to {built.filings:,} company-quarters in {time.perf_counter() - begun:.1f} s")
    print(
        f"{time.process_time() - cpu:.1f} CPU seconds, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB"
    )
    months = np.arange(np.datetime64("2009-09", "M"), np.datetime64("2009-09", "M") + 200)
    moments = [(day.item(), day.astype("datetime64[us]")) for day in (months + 1).astype("datetime64[D]") - 1]
    begun, cpu = time.perf_counter(), time.process_time()
    table = read_company_quarters(folder, folder.manifest())
    days = np.arange(np.datetime64("2000-01", "M"), np.datetime64("2027-01", "M")).astype("datetime64[D]")
    policy = PolicyRate(days, 2.5 + 2.5 * np.sin(np.arange(days.size) / 11))
    points = financing_series(table, moments, policy, SizeCut())
    print(
        f"{len(points):,} points at {len(moments)} month-ends in {time.perf_counter() - begun:.1f} s, {time.process_time() - cpu:.1f} CPU"
    )


if __name__ == "__main__":
    main(sys.argv[1], *(int(text) for text in sys.argv[2:]))
