"""Files in and out: every real file is understood, every bad row is refused, nothing is lost on the way round."""

import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import pytest

from signals.errors import InputError
from signals.sources.files.exporter import export_folder
from signals.sources.files.importer import import_folder
from signals.store.inventory import contradictions, quarantine
from signals.store.shipped_decisions import open_store
from signals.store.store import Store

AT = dt.datetime(2024, 1, 15, 23, tzinfo=dt.UTC)
HEAD = "series,file,unit,frequency,period_stamp,known_at,revised,terms,origin,note\n"
RATE = "fred:DGS10,series/rate.csv,percent,D,day,bd+1 16:15,no,public domain,,\n"
INDEX = "fred:CPIAUCSL,series/cpi.csv,index 1982-84=100,M,first of month,period_end+21d 08:30,seasonals revised,public domain,,\n"
LOG = "fredmd:UNRATE,vintages/u.csv,percent,M,first of month,last business day of the vintage month 18:00,revision log,free,,\n"


@pytest.fixture
def fresh(tmp_path: Path):
    opened = open_store(tmp_path / "facts.db")
    yield opened
    opened.close()


def folder(place: Path, manifest: str, **files: str | bytes) -> Path:
    names = {"rate": "series/rate.csv", "cpi": "series/cpi.csv", "u": "vintages/u.csv", "zq": "futures/zq.csv"}
    place.mkdir(parents=True, exist_ok=True)
    for key, body in files.items():
        target = place / names[key]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body if isinstance(body, bytes) else body.encode())
    (place / "manifest.csv").write_text(HEAD + manifest, encoding="utf-8")
    return place


def rules(store: Store) -> list[str]:
    return sorted(row["rule"] for row in quarantine(store))


def test_a_plain_file_is_known_by_its_rule(fresh, tmp_path):
    import_folder(fresh, folder(tmp_path / "in", RATE, rate="date,value\n2023-12-28,3.84\n2023-12-29,3.88\n"), at=AT)

    history = fresh.history("fred:DGS10")
    assert history.value.tolist() == [3.84, 3.88]
    assert str(history.known_at[-1])[:16] == "2024-01-02T21:15"


def test_a_second_import_of_the_same_changes_nothing(fresh, tmp_path):
    place = folder(tmp_path / "in", RATE, rate="date,value\n2023-12-28,3.84\nx,1\n")
    first = import_folder(fresh, place, at=AT)
    again = import_folder(fresh, place, at=AT + dt.timedelta(days=1))

    assert (first.receipt.stored, first.receipt.refused) == (1, 1)
    assert (again.receipt.stored, again.receipt.refused, again.receipt.batch) == (0, 0, 0)


def test_another_value_of_an_unrevised_series_is_a_contradiction(fresh, tmp_path):
    import_folder(fresh, folder(tmp_path / "a", RATE, rate="date,value\n2023-12-28,3.84\n"), at=AT)
    second = import_folder(fresh, folder(tmp_path / "b", RATE, rate="date,value\n2023-12-28,4.04\n"), at=AT)

    assert len(second.receipt.contradictions) == 1
    assert fresh.history("fred:DGS10").value.tolist() == [3.84]
    assert contradictions(fresh)[0]["offered"] == 4.04


def test_another_value_of_a_revised_series_is_a_revision_from_now_on(fresh, tmp_path):
    later = AT + dt.timedelta(days=30)
    import_folder(fresh, folder(tmp_path / "a", INDEX, cpi="date,value\n2023-11-01,307.9\n"), at=AT)
    import_folder(fresh, folder(tmp_path / "b", INDEX, cpi="date,value\n2023-11-01,308.1\n"), at=later)

    assert fresh.as_of(AT)["fred:CPIAUCSL"].tolist() == [307.9]
    assert fresh.as_of(later)["fred:CPIAUCSL"].tolist() == [308.1]


def test_a_revision_log_keeps_every_version_and_drops_withdrawn_values(fresh, tmp_path):
    log = "date,realtime_start,value\n2023-08-01,2023-09,3.8\n2023-08-01,2023-11,3.7\n2023-07-01,2023-09,3.5\n2023-07-01,2023-10,\n"
    import_folder(fresh, folder(tmp_path / "in", LOG, u=log), at=AT)

    def seen(*day: int):
        return fresh.as_of(dt.datetime(*day, 23, 30, tzinfo=dt.UTC))["fredmd:UNRATE"].tolist()

    assert seen(2023, 9, 29) == [3.5, 3.8]
    assert seen(2023, 10, 31) == [3.8]
    assert seen(2023, 11, 30) == [3.7]


def test_flagged_and_late_futures_are_refused_by_rule(fresh, tmp_path):
    row = "cme:ZQ,futures/zq.csv,100 minus percent,D,session; contract YYYY-MM,session 15:00,no,restricted,,\n"
    text = (
        "date,contract,close,volume,open_interest,flag\n2000-01-05,2000-02,94.3,10,5,\n2000-01-06,2000-02,94.5,0,0,P\n"
        "2000-03-02,2000-02,94.2,1,1,\n2000-01-07,2000-02,194.3,1,1,\n2000-01-10,2000-13,94.3,1,1,\n"
    )
    import_folder(fresh, folder(tmp_path / "in", row, zq=text), at=AT)

    assert fresh.history("cme:ZQ:2000-02:close").value.tolist() == [94.3]
    assert rules(fresh) == ["cell.contract", "futures.expired", "futures.flag_P", "value.range"]


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ("2023-12-29,=1+1", "cell.number"),
        ("2023-12-29,@SUM(A1)", "cell.number"),
        ("2023-12-29,1e308", "value.range"),
        ("2023-12-29,1e999", "cell.number"),
        ("2023-12-29,inf", "cell.number"),
        ("2023-12-29,1_000", "cell.number"),
        ("2023-12-29,３.8", "cell.number"),
        ('2023-12-29,"1,234"', "cell.number"),
        ("2023-12-29,388", "value.range"),
        ("29/12/2023,3.88", "cell.date"),
        ("2023-02-30,3.88", "cell.date"),
        ("today,3.88", "cell.date"),
        ("2024-02-01,3.88", "period.future"),
        ("1500-01-01,3.88", "period.past"),
        ("2023-12-29,3.88,extra", "row.shape"),
        ("2023-12-29", "row.shape"),
        ("2023-12-29,3.88\0", "row.shape"),
        ("2023-12-29," + "9" * 20_000, "row.shape"),
        ("2023-12-29,3.88\n2023-12-29,3.89", "row.duplicate"),
    ],
)
def test_a_bad_row_is_refused_with_a_rule_and_the_rest_goes_on(fresh, tmp_path, rows, rule):
    done = import_folder(
        fresh, folder(tmp_path / "in", RATE, rate=f"date,value\n2023-12-27,3.79\n2023-12-28,3.84\n{rows}\n"), at=AT
    )

    assert done.receipt.stored == 2
    assert set(rules(fresh)) == {rule}
    assert fresh.history("fred:DGS10").value.tolist() == [3.79, 3.84]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0\0",
        b"date,value,value\n",
        b"\xff\xfe\x00\xd8" * 9,
        b"date,value\n\xe9\xe8\n",
        b'date,value\n"2023',
        b"\x89PNG\r\n\x1a\n" * 99,
    ],
    ids=["empty", "nothing but NUL", "a header twice", "broken UTF-16", "latin-1", "an open quote", "a picture"],
)
def test_a_file_that_is_no_table_stops_the_import_and_stores_nothing(fresh, tmp_path, body):
    place = folder(tmp_path / "in", RATE + INDEX, rate=body, cpi="date,value\n2023-11-01,307.9\n")
    try:
        done = import_folder(fresh, place, at=AT)
    except InputError as fault:
        assert "rate.csv" in fault.message  # noqa: PT017 - a refusal, or a good file stored, are both right
        assert fresh.names() == ("fomc:decision", "fomc:target")
    else:
        assert done.receipt.stored == 1  # only the good file had anything


def test_a_bomb_stops_at_the_limit(fresh, tmp_path, monkeypatch):
    monkeypatch.setattr("signals.sources.csv_sheet.LARGEST_BYTES", 100_000)
    row = RATE.replace("series/rate.csv", "series/rate.csv.gz")
    place = folder(tmp_path / "in", row)
    (place / "series").mkdir()
    (place / "series" / "rate.csv.gz").write_bytes(gzip.compress(b"date,value\n" + b"2023-12-29,3.88\n" * 1_000_000))

    with pytest.raises(InputError, match="larger than"):
        import_folder(fresh, place, at=AT)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (RATE.replace("series/rate.csv", "../secret.csv"), "outside its folder"),
        (RATE.replace("series/rate.csv", "/etc/passwd"), "outside its folder"),
        (RATE.replace("series/rate.csv", "series/gone.csv"), "not there"),
        (RATE + RATE, "twice"),
        (RATE.replace("bd+1 16:15", "soon"), "known-at rule"),
        (RATE.replace("fred:DGS10", "DGS10"), "without a series"),
    ],
)
def test_a_manifest_that_cannot_be_followed_is_one_clear_line(fresh, tmp_path, manifest, said):
    place = folder(tmp_path / "in", manifest, rate="date,value\n2023-12-29,3.88\n")

    with pytest.raises(InputError, match=said):
        import_folder(fresh, place, at=AT)
    assert fresh.names() == ("fomc:decision", "fomc:target")


def test_a_folder_without_a_manifest_is_named(fresh, tmp_path):
    with pytest.raises(InputError, match=r"manifest\.csv"):
        import_folder(fresh, tmp_path / "nowhere", at=AT)


def test_utf_8_with_a_mark_utf_16_and_windows_lines_are_read(fresh, tmp_path):
    text = "date,value\r\n2023-12-28,3.84\r\n"
    import_folder(fresh, folder(tmp_path / "a", RATE, rate=b"\xef\xbb\xbf" + text.encode()), at=AT)
    assert fresh.history("fred:DGS10").value.tolist() == [3.84]
    import_folder(fresh, folder(tmp_path / "b", RATE, rate=text.replace("28", "29").encode("utf-16")), at=AT)
    assert fresh.history("fred:DGS10").period.size == 2


def test_an_unknown_series_in_the_documented_format_works(fresh, tmp_path):
    row = RATE.replace("fred:DGS10", "desk:OWN_SPREAD").replace("bd+1 16:15", "session 16:15")
    import_folder(fresh, folder(tmp_path / "in", row, rate="date,value\n2023-12-28,0.84\n"), at=AT)

    assert fresh.as_of(AT)["desk:OWN_SPREAD"].tolist() == [0.84]
    assert fresh.describe("desk:OWN_SPREAD").known_at == "session 16:15"


def test_out_and_in_again_gives_the_same_facts(fresh, tmp_path):
    log = "date,realtime_start,value\n2023-08-01,2023-09,3.8\n2023-08-01,2023-11,3.7\n"
    rate = "date,value\n" + "".join(f"2023-12-{day:02},{3 + day / 100}\n" for day in range(1, 29))
    import_folder(
        fresh, folder(tmp_path / "a", RATE + LOG + INDEX, rate=rate, u=log, cpi="date,value\n2023-11-01,307.9\n"), at=AT
    )
    import_folder(
        fresh, folder(tmp_path / "b", INDEX, cpi="date,value\n2023-11-01,308.1\n"), at=AT + dt.timedelta(days=3)
    )
    export_folder(fresh, tmp_path / "out")
    other = open_store(tmp_path / "other.db")
    import_folder(other, tmp_path / "out", at=AT + dt.timedelta(days=9))

    assert other.names() == fresh.names()
    for name in fresh.names():
        ours, theirs = fresh.history(name), other.history(name)
        assert np.array_equal(ours.period, theirs.period)
        assert np.array_equal(ours.known_at, theirs.known_at)
        assert np.array_equal(ours.value, theirs.value, equal_nan=True)
    other.close()


def test_an_export_never_overwrites(fresh, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")

    with pytest.raises(InputError, match="not empty"):
        export_folder(fresh, tmp_path / "out")


def test_the_real_folder_is_imported_whole(store):
    """Rows refused: flagged and late futures, and two infinite means; nothing else."""
    found = {(row["series"], row["rule"]) for row in quarantine(store)}

    assert found == {
        ("cme:ZQ", "futures.flag_P"), ("cme:ZQ", "futures.flag_S"), ("cme:ZQ", "futures.flag_B"), ("cme:ZQ", "futures.expired"),
        ("other:IPO_MONTHLY_IPOSCOOP:mean_first_day_ret", "cell.number"),
    }  # fmt: skip
    assert contradictions(store) == []
    assert store.history("fred:DGS10").period.size == 15485
    assert store.history("french:FF_ME_VW_DAILY:Lo30").period.size == 25649


NEWEST = {
    dt.date(2007, 10, 31): {
        "fred:DGS10": "2007-10-30", "fred:BAA10Y": "2007-10-30", "fred:DFF": "2007-10-30", "yahoo:IWM:close": "2007-10-31",
        "fomc:target": "2007-10-31", "fred:UNRATE": "2007-09-01", "fred:CPIAUCSL": "2007-09-01", "fredmd:UNRATE": "2007-09-01",
        "fred:DRTSCILM": "2007-07-01", "french:FF3_MONTHLY:SMB": "2007-08-31", "cme:ZQ:2007-12:close": "2007-10-31", "fred:BAA": "2007-09-01",
    },
    dt.date(2016, 6, 30): {
        "fred:DGS10": "2016-06-29", "fred:BAA10Y": "2016-06-29", "yahoo:SPY:adj_close": "2016-06-30", "fomc:target": "2015-12-16",
        "fred:UNRATE": "2016-05-01", "fred:CPIAUCSL": "2016-05-01", "fredmd:UNRATE": "2016-05-01", "fred:DRTSCILM": "2016-04-01",
        "fred:GDPC1": "2016-01-01", "cme:ZQ:2016-12:close": "2016-06-30",
    },
    dt.date(2020, 4, 30): {
        "fred:DGS10": "2020-04-29", "fred:BAMLH0A0HYM2": "2020-04-29", "yahoo:IWM:close": "2020-04-30", "fomc:target": "2020-03-15",
        "fred:UNRATE": "2020-03-01", "fred:PAYEMS": "2020-03-01", "fred:ICSA": "2020-04-25", "fredmd:UNRATE": "2020-03-01",
        "fred:DRTSCIS": "2020-01-01", "fred:NFCI": "2020-04-24",
    },
    dt.date(2022, 12, 30): {
        "fred:DGS10": "2022-12-29", "fred:BAA10Y": "2022-12-29", "yahoo:SPY:close": "2022-12-30", "fomc:target": "2022-12-14",
        "fred:UNRATE": "2022-11-01", "fred:CPIAUCSL": "2022-11-01", "fredmd:UNRATE": "2022-11-01", "fred:PCEPI": "2022-10-01",
        "cme:ZQ:2023-06:close": "2022-12-30",
    },
}  # fmt: skip


@pytest.mark.parametrize("day", NEWEST)
def test_the_newest_known_observation_is_what_was_published_by_then(store, day):
    from signals.calendars import cut

    view = store.as_of(cut(day))
    found = {name: str(view[name].index[-1].date()) for name in NEWEST[day]}

    assert found == NEWEST[day]
