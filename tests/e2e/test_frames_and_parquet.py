"""Facts out as Parquet and in again, read by DuckDB in one line; frames of pandas and polars through the same checks."""

import datetime as dt
import json
import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import captilt as ct
from captilt.cli import dispatch
from signals.errors import InputError, UsageError
from signals.sources.files import parquet as parquet_files
from signals.store.store import Store

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "LIBRARY.md").read_text(encoding="utf-8")
ROWS = {
    "series": ["mine:SURVEY"] * 4,
    "period": ["2023-10-01", "2023-11-01", "2023-11-01", "2023-12-01"],
    "known_at": ["2023-10-15T14:00", "2023-11-15T14:00", "2023-12-15T14:00", "2023-12-15T14:00"],
    "value": [12.5, 11.0, 11.5, 10.0],
}


def pandas_frame() -> pd.DataFrame:
    frame = pd.DataFrame(ROWS)
    return frame.assign(
        period=pd.to_datetime(frame["period"]), known_at=pd.to_datetime(frame["known_at"]).dt.tz_localize("UTC")
    )


def polars_frame() -> pl.DataFrame:
    return pl.DataFrame(ROWS).with_columns(
        pl.col("period").str.to_date(), pl.col("known_at").str.to_datetime().dt.replace_time_zone("UTC")
    )


@pytest.fixture(scope="module")
def exported(rates, tmp_path_factory) -> Path:
    """The public-domain rates of the tests, exported by the command."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("out") / "facts"
    source = Store.open(home / "facts.db")
    names = [name for name in rates.names() if name.startswith("fred:")]
    source.write(
        {name: rates.history(name) for name in names}, source="test", at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    source.close()
    assert dispatch(["data", "export", str(folder), "--parquet", "--home", str(home), "--json"]) == 0
    return folder


def test_what_goes_out_comes_in_with_both_dates(rates, exported, tmp_path, capsys):
    assert dispatch(["data", "import", str(exported), "--home", str(tmp_path), "--json"]) == 0
    done = json.loads(capsys.readouterr().out)

    back = Store.open(tmp_path / "facts.db")
    names = [name for name in rates.names() if name.startswith("fred:")]
    assert done["refused"] == 0
    for name in names:
        before, after = rates.history(name), back.history(name)
        assert np.array_equal(before.period, after.period), name
        assert np.array_equal(before.known_at, after.known_at), name
        assert np.array_equal(before.value, after.value), name


def test_duckdb_reads_the_folder_in_the_line_of_the_manual(rates, exported):
    (line,) = re.findall(r"```sql\n(.*?)\n```", PAGE, flags=re.DOTALL)
    assert "\n" not in line

    found = duckdb.sql(line.replace("DIR", str(exported))).fetchall()

    known = rates.as_of(dt.datetime(2023, 12, 29, 23, tzinfo=dt.UTC)).latest("fred:DGS10")
    assert known.period.size > 1000
    assert found == list(zip(known.period.tolist(), known.value.tolist(), strict=True))


@pytest.mark.parametrize("frame", [pandas_frame(), polars_frame()], ids=["pandas", "polars"])
def test_a_frame_keeps_its_revisions(frame, tmp_path):
    desk = ct.open(tmp_path)

    done = desk.import_frame(frame, describe_as={"mine:SURVEY": {"frequency": "M", "unit": "net percent"}})

    then, now = desk.as_of("2023-12-01").facts, desk.as_of("2023-12-29").facts
    assert done.receipt.stored == 4
    assert then.latest("mine:SURVEY").value.tolist() == [12.5, 11.0]
    assert now.latest("mine:SURVEY").value.tolist() == [12.5, 11.5, 10.0]


def test_a_frame_passes_the_same_checks_as_a_file(tmp_path):
    frame = pandas_frame().assign(series="fred:DGS10")
    frame.loc[0, "value"] = 3000.0
    frame.loc[3, "period"] = pd.Timestamp("2099-01-01")

    done = ct.open(tmp_path).import_frame(frame)

    assert {row.rule for row in done.refused} == {"value.range", "period.future"}
    assert done.receipt.stored == 2


def test_a_version_from_the_future_or_twice_at_one_instant_is_refused(tmp_path):
    frame = pandas_frame()
    frame.loc[0, "known_at"] = pd.Timestamp("2099-01-01", tz="UTC")
    again = frame.iloc[[3, 3]].assign(value=[1.0, 2.0], period=pd.Timestamp("2023-08-01"))

    done = ct.open(tmp_path).import_frame(pd.concat([frame, again]))

    assert sorted(row.rule for row in done.refused) == ["known.future", "row.duplicate", "row.duplicate"]
    assert done.receipt.stored == 3


def test_a_frame_without_rows_stores_nothing_and_a_frequency_is_one_that_is_known(tmp_path):
    desk = ct.open(tmp_path)

    assert desk.import_frame(pandas_frame().iloc[:0]).receipt.stored == 0
    with pytest.raises(InputError, match="frequency 'X'"):
        desk.import_frame(pandas_frame(), describe_as={"mine:SURVEY": {"frequency": "X"}})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda frame: frame.drop(columns="known_at"), "lacks the column known_at"),
        (lambda frame: frame.assign(known_at=pd.NaT), "without known_at"),
        (lambda frame: frame.assign(value="many"), "cannot be read"),
        (lambda frame: frame.assign(series="SURVEY"), "series 'SURVEY'"),
        (lambda frame: frame.to_dict(), "a dict is no frame"),
    ],
)
def test_a_frame_that_cannot_be_used_stores_nothing(change, says, tmp_path):
    with pytest.raises(InputError, match=says):
        ct.open(tmp_path).import_frame(change(pandas_frame()))


def test_the_packaged_sample_is_never_changed():
    with pytest.raises(UsageError, match="never changed"):
        ct.sample().import_frame(pandas_frame())


def test_a_series_in_two_files_is_refused_whole(exported, tmp_path, capsys):
    folder = tmp_path / "split"
    folder.mkdir()
    for name in ("fred.parquet", "more.parquet"):
        (folder / name).write_bytes((exported / "fred.parquet").read_bytes())

    code = dispatch(["data", "import", str(folder), "--home", str(tmp_path / "home"), "--json"])

    assert code == 2
    assert (
        "stands in more than one file, more.parquet the last of them"
        in json.loads(capsys.readouterr().out)["error"]["message"]
    )


@pytest.mark.parametrize(
    ("limits", "rows", "name", "reason"),
    [
        ({"MOST_ROWS": 1000}, 200_000, "mine:A", "more than 1,000 rows"),
        ({"MOST_UNPACKED": 100_000}, 200_000, "mine:A", "100,000 bytes once unpacked"),
        ({}, 10, "mine:" + 300 * "A", "a series with 305 characters"),
    ],
)
def test_a_file_that_unpacks_without_end_is_refused_early(
    tmp_path, monkeypatch, capsys, limits, rows, name, reason
) -> None:
    for limit, value in limits.items():
        monkeypatch.setattr(parquet_files, limit, value)
    day = np.datetime64("2023-10-01")
    table = pa.table(
        {
            "series": pa.array([name]).dictionary_encode().take(pa.array(np.zeros(rows, int))).cast(pa.string()),
            "period": pa.array(np.full(rows, day)),
            "known_at": pa.array(np.full(rows, day.astype("datetime64[us]"))),
            "value": pa.array(np.zeros(rows)),
        }
    )
    (tmp_path / "in").mkdir()
    pq.write_table(table, tmp_path / "in" / "mine.parquet")

    assert dispatch(["data", "import", str(tmp_path / "in"), "--home", str(tmp_path / "home")]) == 2

    assert reason in capsys.readouterr().err
