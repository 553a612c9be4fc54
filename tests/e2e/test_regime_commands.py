"""`captilt regime`, `regime chronology` and `regime league` as a person and a machine see them."""

import json

import pytest

from captilt.cli import dispatch


@pytest.fixture
def home(fill_home, tmp_path, monkeypatch):
    fill_home(tmp_path)
    monkeypatch.setenv("CAPTILT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys, *words):
    assert dispatch(list(words)) == 0
    return capsys.readouterr().out


def test_the_chronology_is_the_contract_s(home, capsys):
    found = json.loads(said(capsys, "regime", "chronology", "--json"))

    assert found["schema"] == 1
    assert set(found["rows"][0]) == {"phase", "first_move", "last_move", "from", "to", "confirmed_on", "open"}
    assert len(found["rows"]) >= 18
    assert found["rows"][0]["first_move"] == "1982-10-01"
    assert {one["theta"]: one["phases"] for one in found["sensitivity"]}[0.25] == 24
    assert found["before_1982"][0] == {"month": "1957-10-01", "rate_percent": 3.5, "provenance": "effective"}


def test_an_earlier_chronology_knows_no_later_decision(home, capsys):
    found = json.loads(said(capsys, "regime", "chronology", "--json", "--as-of", "2016-06-30"))

    last = found["rows"][-1]
    assert (last["phase"], last["first_move"], last["last_move"], last["confirmed_on"]) == (
        "HIKE",
        "2015-12-16",
        None,
        None,
    )


def test_the_call_of_a_past_day_is_said_with_its_record(home, capsys):
    found = json.loads(said(capsys, "regime", "--json", "--as-of", "2023-12-29"))

    assert found["phase"] == "HOLD_AFTER_HIKE"
    assert found["since"] == "2023-07-27"
    assert found["confirmed"] is True
    assert sum(found["probabilities"].values()) == pytest.approx(1)
    assert sum(found["ahead_3m"].values()) == pytest.approx(1)
    assert sum(found["next_meeting"].values()) == pytest.approx(1)
    assert found["attributes"]["target_percent"] == 5.5
    assert found["record"]["log_score"] < found["record"]["coin_toss"]
    assert len(found["analogues"]) >= 4
    assert all(one["small_minus_large_12m_percent"] is not None for one in found["analogues"])


def test_a_lone_cut_after_hikes_is_called_ambiguous(home, capsys):
    text = said(capsys, "regime", "--as-of", "2019-08-30")

    assert "not confirmed" in text
    assert "A single cut of 25 bp" in text
    assert "2 % or less" in text.replace("\n", " ")


def test_the_league_scores_a_year_and_is_faster_the_second_time(home, capsys):
    words = ["regime", "league", "--from", "2006-01-01", "--to", "2006-12-31", "--json"]

    found = json.loads(said(capsys, *words))

    assert (found["from"], found["to"], found["n"]) == ("2006-01-31", "2006-12-29", 12)
    assert found["default"] == "structural_hazard_bound"
    first = found["models"][0]
    assert {"model", "log_score", "brier", "accuracy", "delay_meetings", "false_alarms_per_decade"} <= set(first)
    assert found["next_meeting"]["log_score"] < found["next_meeting"]["frequency_log_score"]
    scores = [row["log_score"] for row in found["models"]]
    assert scores == sorted(scores)
    assert first["log_score_late"] is None  # no month after 2007: missing is null, never NaN
    walked = {file: file.stat().st_mtime_ns for file in (home / "cache" / "league").iterdir()}
    assert len(walked) >= len(found["models"])
    assert json.loads(said(capsys, *words)) == found
    assert {file: file.stat().st_mtime_ns for file in (home / "cache" / "league").iterdir()} == walked


def test_a_league_before_the_record_is_refused(home, capsys):
    assert dispatch(["regime", "league", "--from", "1990-01-01", "--json"]) == 2

    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"


def test_an_unknown_model_is_named_with_the_known_ones(home, capsys):
    (home / "config.toml").write_text('[regime]\nmodel = "oracle"\n')

    assert dispatch(["regime", "--json", "--as-of", "2019-08-30"]) == 2

    error = json.loads(capsys.readouterr().out)["error"]
    assert "oracle" in error["message"]
    assert "structural_hazard" in error["remedy"]
