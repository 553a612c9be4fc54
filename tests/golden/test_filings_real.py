"""Two real quarters of the SEC's data sets, cut down: read from the data folder, never copied."""

import csv
import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import pytest

from signals.filings.groups import Register
from signals.filings.quarters import CompanyQuarters
from signals.filings.size_groups import SizeCut
from signals.sources.filings.archive import Quarter, unpack
from signals.sources.filings.ingest import ingest
from signals.sources.filings.reduction import Built, read_company_quarters, rebuild
from signals.sources.filings.tables import FilingsFolder, database, quoted

pytestmark = pytest.mark.real_data
NOW = dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC)
QUARTERS = {Quarter(2009, 3): "sec-2009q3-sample.zip", Quarter(2010, 2): "sec-2010q2-sample.zip"}
KIMBERLY_CLARK = 55785


@pytest.fixture(scope="module")
def folder(data: Path, tmp_path_factory) -> FilingsFolder:
    folder = FilingsFolder(tmp_path_factory.mktemp("filings"))
    folder.staging.mkdir(parents=True)
    manifest = folder.manifest()
    for quarter, file in QUARTERS.items():
        tables = unpack(data / "fixtures" / file, folder.staging)
        entries, refused = ingest(folder, tables, quarter, now=NOW, source="")
        assert not refused
        manifest.files |= entries
    folder.save(manifest)
    return folder


@pytest.fixture(scope="module")
def built(folder: FilingsFolder) -> Built:
    return rebuild(folder, folder.manifest())


@pytest.fixture(scope="module")
def table(folder: FilingsFolder, built: Built) -> CompanyQuarters:
    return read_company_quarters(folder, folder.manifest())


def test_every_line_of_both_quarters_is_read(folder):
    rows = {name: entry.rows for name, entry in folder.manifest().files.items() if name.startswith(("num", "sub"))}

    assert rows == {
        "submissions/2009q3": 435,
        "numbers/2009q3": 126_650,
        "submissions/2010q2": 522,
        "numbers/2010q2": 136_044,
    }


def test_a_report_in_millions_of_dollars_is_refused_and_its_amendment_is_used(built, table):
    """Kimberly-Clark's report of 2010-05-07 gives assets of 18,997 dollars; the amendment a week later mends it."""
    assert [(refusal.rule, refusal.where) for refusal in built.refusals] == [("number.scale", "0000055785-10-000019")]
    own = np.flatnonzero(table.cik == KIMBERLY_CLARK)

    assert np.isnan(table.values["assets"][own[-2]])
    assert table.values["assets"][own[-1]] == 18_997e6


def test_filings_after_half_past_five_are_known_next_morning(folder):
    with database(folder.staging) as base:
        paths = quoted(folder.path("submissions", str(quarter)) for quarter in QUARTERS)
        known = base.execute(
            f"SELECT known_at FROM read_parquet({paths}) WHERE known_at::TIME = TIME '10:00'"
        ).fetchall()

    assert len(known) > 80  # 06:00 in New York, in summer


def test_company_quarters_hold_what_the_reports_say(table):
    ford = np.flatnonzero((table.cik == 37996) & (table.period == np.datetime64("2010-03-31")))

    assert ford.size
    assert table.values["quarter_net_income"][ford[-1]] == 2_085e6
    assert np.isfinite(table.values["quarter_ebit"]).mean() > 0.8
    assert np.isfinite(table.values["debt"]).mean() > 0.9


SMALL_INDEX_FILES = {  # file: members of it among the first filers, at most
    "R2000_2016-02-08.csv.gz": 0.06,
    "IJR_2021-03-10.csv.gz": 0.04,
    "IJR_TOP200_monthly_2021_2022.csv.gz": 0.04,
    "IWM_TOP200_monthly_2021_2022.csv.gz": 0.04,
}


@pytest.fixture(scope="module")
def tickers(folder: FilingsFolder) -> set[str]:
    """Of every filer, as far as its instance document is named after it."""
    with database(folder.staging) as base:
        paths = quoted(folder.path("submissions", str(quarter)) for quarter in QUARTERS)
        rows = base.execute(f"SELECT DISTINCT upper(split_part(instance, '-', 1)) FROM read_parquet({paths})")
        return {ticker for (ticker,) in rows.fetchall() if ticker}


@pytest.mark.parametrize("file", SMALL_INDEX_FILES)
def test_the_first_filers_are_hardly_in_an_index_of_small_companies(data, tickers, file):
    """The first to file in XBRL had floats over five billion dollars; few of them fell to a small index later."""
    members = column(data / "holdings" / file, "ticker")

    assert len(members) > 250
    assert 0 < len(tickers & members) / len(tickers) < SMALL_INDEX_FILES[file]


def test_members_of_the_russell_2000_by_their_cik_are_no_more(data, table):
    members = {int(cik) for cik in column(data / "holdings" / "R2000_2016-02-08.csv.gz", "cik") if cik.isdigit()}
    filers = set(table.cik.tolist())

    assert len(members) > 1500
    assert len(filers & members) / len(filers) < 0.06


def test_every_float_on_a_cover_ranks_its_company_as_large(table):
    """The cut by public float as it was then known, at the first date at which it can be asked."""
    groups = Register(table).groups(np.datetime64("2010-07-15", "us"), SizeCut())
    floats = table.values["public_float"]

    assert groups["large"].cik.size == np.unique(table.cik[np.isfinite(floats)]).size - 1  # one's was too old by then
    assert groups["small"].cik.size == 0
    assert np.nanmin(floats) > 5e9


def column(file: Path, name: str) -> set[str]:
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        return {row[name] for row in csv.DictReader(rows)}


def test_the_level_of_leverage_lies_among_simfins_definitions_of_large_companies(data, table):
    """One quarter times four against SimFin's year 2010: a check of the level, not of the definition."""
    published = []
    for name in ("LARGE_FUNDAMENTALS", "LARGE_BY_CAP", "LARGE_BY_REVENUE"):
        with (data / "series" / "simfin" / f"{name}.csv").open(encoding="utf-8") as file:
            published.append(float(next(csv.DictReader(file))["net_debt_ebitda_median"]))
    newest = np.append(table.cik[1:] != table.cik[:-1], True)
    own = newest & ~((table.sic >= 6000) & (table.sic < 7000)) & (table.values["quarter_ebitda"] > 0)
    net = table.values["debt"][own] - table.values["liquid"][own]

    leverage = float(np.nanmedian(net / (4 * table.values["quarter_ebitda"][own])))

    assert np.isfinite(net).sum() > 200
    assert min(published) < leverage < max(published)
