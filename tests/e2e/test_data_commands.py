"""`captilt data` from the outside: import, status, export and fetch, with their exit codes and JSON."""

import datetime as dt
import json
from pathlib import Path

import pytest

from captilt.cli import dispatch
from tests.faults.test_fred_faults import TRUTH
from tests.support.servers.fred import Fred
from tests.support.servers.http import serving

HEAD = "series,file,unit,frequency,period_stamp,known_at,revised,terms,origin,note\n"
RATE = "fred:DGS10,rate.csv,percent,D,day,bd+1 16:15,no,public domain,,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "in"
    place.mkdir()
    (place / "manifest.csv").write_text(HEAD + RATE)
    (place / "rate.csv").write_text("date,value\n2023-12-28,3.84\n2023-12-29,3.88\n2024-01-02,=1+1\n")
    return place


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict]:
    code = dispatch([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_import_status_and_export_in_a_row(folder, tmp_path, capsys):
    home = ("--home", str(tmp_path / "home"))

    code, done = told(capsys, "data", "import", str(folder), *home)
    assert (code, done["stored"], done["refused"], done["schema"]) == (0, 2, 1, 1)
    assert done["rules"][0]["rule"] == "cell.number"

    code, state = told(capsys, "data", "status", "fred:DGS10", *home)
    (row,) = state["rows"]
    assert (code, row["series"], row["newest"], row["refused"]) == (0, "fred:DGS10", "2023-12-29", 1)
    assert row["condition"] == "truncated"
    assert state["quarantine"][0]["content"] == "2024-01-02,=1+1"

    code, out = told(capsys, "data", "export", str(tmp_path / "out"), *home)
    assert (code, out["facts"]) == (0, 2)
    code, again = told(capsys, "data", "import", str(tmp_path / "out"), "--home", str(tmp_path / "other"))
    assert (code, again["stored"]) == (0, 2)


def test_the_faces_for_people_say_the_same(folder, tmp_path, capsys):
    home = ("--home", str(tmp_path / "home"))
    assert dispatch(["data", "import", str(folder), *home]) == 0
    assert "1 row refused, now in quarantine" in capsys.readouterr().out
    assert dispatch(["data", "status", *home]) == 0
    shown = capsys.readouterr().out
    assert "fred:DGS10" in shown
    assert "rate.csv:4" in shown
    assert "…" not in shown  # nothing is cut off on eighty columns
    assert "29 Dec 2023" in shown


def test_a_long_name_folds_and_no_number_of_the_status_is_cut(capsys, monkeypatch):
    from captilt.commands.data import _say_status
    from signals.store.inventory import Holding

    monkeypatch.setenv("COLUMNS", "80")
    day, moment = dt.date(2023, 12, 29), dt.datetime(2023, 12, 29, 23, tzinfo=dt.UTC)
    name = "other:A_SERIES_WITH_A_VERY_LONG_NAME_INDEED"
    row = Holding(name, 1, 9, 9, day, day, moment, 1495, 172, 12_345, "truncated", False, 5_963, 1_234, "")

    _say_status((row,), [], [], everything=False)

    shown = capsys.readouterr().out
    assert all(part in shown for part in ("29 Dec 2023", "1495/172", "12,345", "5,963", "1,234", "truncated *"))
    assert "…" not in shown


@pytest.mark.parametrize("words", [["data", "import", "/nowhere"], ["data", "fetch", "IWM"]])
def test_what_cannot_be_done_is_one_line_and_exit_two(words, tmp_path, capsys):
    code = dispatch([*words, "--home", str(tmp_path / "home")])

    said = capsys.readouterr().err
    assert code == 2
    assert "Traceback" not in said


def test_fetch_uses_what_answers_and_exits_three_where_nothing_does(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("FRED_API_KEY", raising=False)
    for name in ("YAHOO", "FRENCH", "EDGAR"):
        monkeypatch.setenv(f"CAPTILT_SOURCES__{name}__ENABLED", "false")
    with serving(Fred({"DGS10": TRUTH, "DFF": TRUTH})) as line:
        monkeypatch.setenv("CAPTILT_SOURCES__FREDGRAPH__URL", f"{line.url}/fredgraph.csv")
        code, report = told(capsys, "data", "fetch", "fred:DGS10", "--home", str(tmp_path / "home"))
    assert (code, report["mode"], report["used"]) == (0, "keyless", ["fredgraph"])
    assert report["stored"] == len(TRUTH)

    code, report = told(capsys, "data", "fetch", "fred:DGS10", "--home", str(tmp_path / "home"))
    assert (code, report["mode"]) == (3, "offline")
