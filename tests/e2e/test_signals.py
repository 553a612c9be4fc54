"""`captilt signals` on real data, from the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from captilt.cli import dispatch
from signals.catalog import SIGNALS

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def home(fill_home: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("home")
    fill_home(place)
    return place


def test_the_table_has_every_signal_and_is_json_for_machines(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = dispatch(["signals", "--as-of", "2019-06-28", "--home", str(home), "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code in (None, 0)
    assert (told["schema"], told["as_of"], told["data"]["status"]) == (1, "2019-06-28", "OK")
    assert [each["name"] for each in told["rows"]] == [signal.name for signal in SIGNALS]
    assert sum(each["score"] is not None for each in told["rows"]) >= 10
    silent = {each["name"]: each["status"] for each in told["rows"] if each["score"] is None}
    counted = {"offering_pipeline", "private_creep", "listing_exits"}
    from_filings = {signal.name for signal in SIGNALS if signal.family == "financing"} | counted
    assert {name: status for name, status in silent.items() if name not in from_filings} == {
        "financial_conditions": "not_point_in_time",
        "net_issuance": "missing",
    }
    assert {silent[name] for name in from_filings} == {"missing"}


def test_one_signal_shows_its_evidence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = dispatch(["signals", "credit_level", "--as-of", "2019-06-28", "--home", str(home)])

    text = capsys.readouterr().out
    assert code in (None, 0)
    assert "Gilchrist and Zakrajsek" in text
    assert "Evidence:" in text
    assert "walk-forward over" in text
    assert "EDGAR" not in text  # it reads no filings


def test_a_name_that_is_none_is_refused_with_the_nearest(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = dispatch(["signals", "credit_levl", "--home", str(home)])

    assert code == 2
    assert "credit_level" in capsys.readouterr().err


def test_what_goes_without_counts_of_filings_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dispatch(["signals", "ipo_window", "--as-of", "2019-06-28", "--home", str(home)])

    assert "EDGAR is off, so no filings are counted for ipo_window." in capsys.readouterr().out
