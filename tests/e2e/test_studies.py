"""The studies on the command line, on real data: the JSON contract, the screens, and one line where it cannot be."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from captilt.cli import dispatch

DAY = "2019-06-28"
FIGURES = {"active_return_bp", "tracking_error_percent", "ir", "max_active_drawdown_percent", "turnover", "hit_rate"}


@pytest.fixture(scope="module")
def home(fill_home: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("home")
    fill_home(place)
    return place


@pytest.fixture
def run(home, monkeypatch, capsys):
    monkeypatch.chdir(home)

    def ask(*words: str) -> tuple[int, str, str]:
        code = dispatch([*words, "--home", str(home)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return ask


def test_a_record_is_judged_without_any_data(capsys):
    code = dispatch(["vehicle", "--alpha", "1.5", "--tracking-error", "5", "--years", "10", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert (code, told["schema"], told["choice"]) == (0, 1, "passive")
    assert round(told["probability"], 3) == 0.420


def test_half_a_record_is_a_usage_error(capsys):
    assert dispatch(["vehicle", "--alpha", "1.5"]) == 2
    assert "--tracking-error and --years is missing" in capsys.readouterr().err


@pytest.mark.real_data
def test_the_backtest_speaks_the_contract(run):
    code, out, _ = run("backtest", "--quick", "--as-of", DAY, "--json")
    told = json.loads(out)

    assert code == 0
    assert {"from", "to", "n", "small", "large", "mean_abs_tilt_points", "evidence", "verdict"} <= set(told)
    for part in ("net", "gross", "beta_neutral"):
        assert set(told[part]) == FIGURES
    assert {"psr", "dsr", "trials", "pbo", "spa_p", "ir_interval"} <= set(told["evidence"])
    assert told["net"]["max_active_drawdown_percent"] <= 0 <= told["net"]["turnover"] <= 1
    assert told["n"] == len(told["rows"])
    assert max(row["traded"] for row in told["rows"]) <= DAY


@pytest.mark.real_data
def test_the_backtest_draws_its_pictures(run, tmp_path):
    code, out, _ = run("backtest", "--quick", "--as-of", DAY, "--charts", str(tmp_path / "charts"))

    assert code == 0
    assert "Verdict: no reliable edge" in out
    drawn = {file.name for file in (tmp_path / "charts").iterdir()}
    assert drawn == {"active-return.svg", "tilt.svg", "attribution.svg"}
    assert all("<title" in file.read_text() for file in (tmp_path / "charts").iterdir())


@pytest.mark.real_data
def test_a_sample_that_begins_too_late_exits_3(run):
    code, out, _ = run("backtest", "--quick", "--from", "2018-06-01", "--as-of", DAY, "--json")

    assert code == 3
    assert json.loads(out)["error"]["code"] == "short_history"


@pytest.mark.real_data
def test_an_own_scenario_of_the_settings_is_supposed_too(run, home):
    (home / "own.toml").write_text("[scenario.soft_landing]\nmonths = 4\ntarget_bp = -50\n")
    code, out, _ = run("scenario", "soft_landing", "--config", "own.toml", "--as-of", DAY, "--json")
    rows = json.loads(out)["rows"]

    assert code == 0
    assert [row["scenario"] for row in rows] == ["as things stand", "soft_landing"]
    assert rows[1]["day"] == "2019-10-28"
    for row in rows:
        assert sum(row["probabilities"].values()) == pytest.approx(1)
        assert sum(line["points"] for line in row["attribution"]) == pytest.approx(row["active_weight_points"])


@pytest.mark.real_data
def test_an_unknown_scenario_lists_the_known_ones(run):
    code, _, err = run("scenario", "aliens", "--as-of", DAY)

    assert code == 2
    assert "cuts faster" in err


@pytest.mark.real_data
def test_a_book_is_hedged_and_its_bad_rows_are_named(run, home):
    (home / "book.csv").write_text(
        "symbol,quantity,price\nIWM,100,150\nSPY,300,290\nCASH,5000,\nOLD,-3,10\nZZZZ,5,10\n"
    )
    code, out, _ = run("hedge", "--holdings", "book.csv", "--tilt", "10", "--as-of", DAY, "--json")
    told = json.loads(out)

    assert code == 0
    assert told["book"]["total"] == pytest.approx(100 * 150 + 300 * 290 + 5000 + 50)
    assert told["book"]["left_out"] == ["ZZZZ"]
    assert [row["line"] for row in told["bad_rows"]] == [5]
    assert told["hedge_money"] == pytest.approx(told["hedge_share"] * told["book"]["total"])
    assert told["added_beta"] == pytest.approx(0.10 * told["recent"]["beta"])
    low, high = told["recent"]["interval"]
    assert low < told["recent"]["beta"] < high


@pytest.mark.real_data
def test_funds_are_shown_against_both_benchmarks(run):
    code, out, _ = run("vehicle", "--as-of", DAY, "--json")
    rows = json.loads(out)["rows"]

    assert code == 0
    assert {row["benchmark"] for row in rows} == {"Russell 2000", "S&P 600"}


@pytest.mark.real_data
def test_a_file_that_is_not_there_is_one_line(run):
    code, _, err = run("hedge", "--holdings", "nowhere.csv", "--as-of", DAY)

    assert code == 2
    assert "nowhere.csv cannot be read" in err
