"""The packaged sample: real numbers that are on every machine, for an answer without any network.

Moody's Aaa and Baa (1919 to 2018-12), the three Fama-French factors (1926-07 to 2018-11), VIX and S&P 500
come from files inside the dependency `arch`, read as files because its loader returns wrong dates under
pandas 3. US government rates (1959 to 2026-07) are a small file of our own; `rebuild_sample` makes it.
Unemployment, payrolls and prices in it are of one vintage: the dictionary marks them not point in time.
"""

import csv
import datetime as dt
import gzip
import io
from collections.abc import Iterable
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from signals.asof import History
from signals.errors import SourceError
from signals.series.known_at import parse
from signals.sources.csv_sheet import numbers
from signals.sources.sample.rebuild import checksum
from signals.store.store import Receipt, Store

PACKED = dt.datetime(2026, 8, 31, 22, tzinfo=dt.UTC)  # vintage of the youngest file of the sample
BONDS = {"AAA": "fred:AAA", "BAA": "fred:BAA"}
FACTORS = {name: f"french:FF3_MONTHLY:{name}" for name in ("Mkt-RF", "SMB", "HML", "RF")}
STAND_INS = {"GS10": "fredmd:GS10"}  # never revised: a later vintage shows what the first one did
MONTH_LATER = parse("last business day of the vintage month 18:00")


def fill(store: Store) -> Receipt:
    """Put the sample into `store`; again changes nothing."""
    return store.write(sample(store), source="sample", at=PACKED, note="files inside the installed packages")


def sample(store: Store) -> dict[str, History]:
    """Every series of the sample, known at as the dictionary's rules say."""
    bonds = _packed("default", "default.csv.gz")
    factors = _packed("frenchdata", "frenchdata.csv.gz")
    columns: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for column, name in BONDS.items():
        columns[name] = _column(bonds, column, _american(row["Date"] for row in bonds))
    for column, name in FACTORS.items():
        columns[name] = _column(factors, column, _month_ends(row["Date"] for row in factors))
    for folder, column, name in (("vix", "vix", "fred:VIXCLS"), ("sp500", "Close", "yahoo:GSPC:close")):
        rows = _packed(folder, f"{folder}.csv.gz")
        columns[name] = _column(rows, column, _american(row["Date"] for row in rows))
    rates = _rates()
    months = np.array([row["date"] for row in rates], dtype="datetime64[D]")
    for column in rates[0]:
        if column != "date":
            columns[f"fred:{column}"] = _column(rates, column, months)
    facts = {
        name: History.of(days, store.describe(name).known(days), values) for name, (days, values) in columns.items()
    }
    for column, name in STAND_INS.items():
        days, values = columns[f"fred:{column}"]
        facts[name] = History.of(days, MONTH_LATER(days.astype("datetime64[M]") + 1), values)
    return facts


def _packed(folder: str, file: str) -> list[dict[str, str]]:
    package = find_spec("arch")  # found and not imported: that alone takes seconds
    try:
        roots = (package and package.submodule_search_locations) or [""]
        text = gzip.decompress((Path(roots[0]) / "data" / folder / file).read_bytes()).decode()
    except OSError:
        raise SourceError(
            f"the installed arch has no {folder}/{file}, so the packaged sample is incomplete.",
            remedy="Install the versions of requirements.lock.",
        ) from None
    return list(csv.DictReader(io.StringIO(text)))


def _rates() -> list[dict[str, str]]:
    text = resources.files("signals").joinpath("facts", "us_rates.csv").read_text(encoding="utf-8")
    head, _, table = text.partition("\n")
    if checksum(table) not in head:
        raise SourceError(
            "signals/facts/us_rates.csv is not the file that was shipped.", remedy="Install captilt again."
        )
    return list(csv.DictReader(io.StringIO(table)))


def _column(rows: list[dict[str, str]], column: str, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, _ = numbers([row[column] for row in rows])
    stated = ~np.isnan(values)
    return days[stated], values[stated]


def _american(cells: Iterable[str]) -> np.ndarray:
    parts = (cell.split("/") for cell in cells)
    return np.array([f"{year}-{int(month):02}-{int(day):02}" for month, day, year in parts], dtype="datetime64[D]")


def _month_ends(cells: Iterable[str]) -> np.ndarray:
    months = np.array([f"{cell[:4]}-{cell[4:]}" for cell in cells], dtype="datetime64[M]")
    return (months + 1).astype("datetime64[D]") - 1
