"""`captilt evidence` and `captilt evidence claims` as a person and as a program ask for them."""

import json

import pytest

from allocator.claims import CLAIMS
from captilt.cli import dispatch

DAY = "1996-07-15"  # a short record keeps the test short


@pytest.fixture(scope="module")
def home(fill_home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    fill_home(folder)
    return folder


def asked(capsys, home, *words):
    code = dispatch([*words, "--home", str(home)])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_the_evidence_prints_its_contract_and_the_second_time_from_what_was_kept(home, capsys):
    code, first, noise = asked(capsys, home, "evidence", "--as-of", DAY, "--json")
    kept = sorted((home / "cache").iterdir())

    again = asked(capsys, home, "evidence", "--as-of", DAY, "--json")

    payload = json.loads(first)
    assert (code, noise) == (0, "")
    assert again[1] == first
    assert sorted((home / "cache").iterdir()) == kept
    assert payload["schema"] == 1
    assert payload["as_of"] == "1996-06-28"
    assert payload["verdict"] == "no reliable edge"
    assert 0 < payload["multiplier"] < 1
    assert payload["multiplier"] != payload["dsr"]
    assert (payload["trials"], payload["trials_on_returns"]) == (12, 315)
    assert payload["power"]["needed_ir"] > payload["ir"]
    assert {"slope", "t", "r2_against_zero", "hit_rate", "reliability"} <= set(payload["sentence"][0])
    assert payload["pbo_splits"] == 12_870
    assert payload["spa"]["lower"] <= payload["spa"]["consistent"] <= payload["spa"]["upper"]
    assert len(payload["specification"]) == 64
    assert {"group", "name", "n", "ir", "ir_interval"} <= set(payload["rows"][0])


def test_the_evidence_is_said_in_plain_words(home, capsys):
    code, text, _ = asked(capsys, home, "evidence", "--as-of", DAY)

    assert code == 0
    assert text.startswith("No reliable edge.")
    assert "judged on returns amount to 12 independent ones" in text
    assert "Power of this test" in text


def test_the_claims_print_every_claim_with_its_verdict(home, capsys):
    code, text, _ = asked(capsys, home, "evidence", "claims", "--as-of", DAY, "--json")

    payload = json.loads(text)
    assert code == 0
    assert payload["schema"] == 1
    assert payload["as_of"] == DAY
    assert len(payload["rows"]) == len(CLAIMS)
    for row in payload["rows"]:
        assert row["verdict"] in ("supported", "not supported", "depends on definition", "cannot be tested")
        for found in row["findings"]:
            assert {"definition", "from", "to", "n", "number", "unit", "interval", "sources"} <= set(found)


def test_an_empty_store_answers_from_the_packaged_sample_and_says_so(tmp_path, capsys):
    code, text, notice = asked(capsys, tmp_path, "evidence", "claims", "--json")

    assert code == 0
    assert json.loads(text)["as_of"] == "2018-11-30"
    assert notice.startswith("SAMPLE DATA")
    assert "captilt data import" in notice


@pytest.mark.parametrize("day", ["2023-12-30", "2999-01-04"])
def test_a_day_that_cannot_be_asked_for_is_a_usage_error(home, capsys, day):
    code, text, _ = asked(capsys, home, "evidence", "--as-of", day, "--json")

    assert code == 2
    assert json.loads(text)["error"]["remedy"]
