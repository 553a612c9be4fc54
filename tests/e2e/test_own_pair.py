"""A pair of one's own from the declared US size pairs, through every command that has to do with it."""

import json

import pytest

from captilt.cli import dispatch

DAY = "2003-06-30"  # the funds of the pair are three years old: their stand-in reaches back, and the record is short
OWN = '[portfolio]\nsmall = "IJH"\nlarge = "IVV"\n'


@pytest.fixture(scope="module")
def folder(fill_home, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    fill_home(home)
    (home / "own.toml").write_text(OWN)
    return home


@pytest.fixture
def answer(folder, capsys):
    """The JSON of a command under the settings of the own pair, or the shipped ones."""

    def asked(*words, shipped=False):
        settings = [] if shipped else ["--config", str(folder / "own.toml")]
        assert dispatch([*words, "--as-of", DAY, "--home", str(folder), "--json", *settings]) in (0, None)
        return json.loads(capsys.readouterr().out)

    return asked


def test_the_advice_of_a_day_names_the_pair_and_the_fed_path_does_not_depend_on_it(answer):
    mine, shipped = answer("run", "--offline"), answer("run", "--offline", shipped=True)

    assert (mine["portfolio"]["small"], mine["portfolio"]["large"]) == ("IJH", "IVV")
    assert mine["portfolio"]["name"] == "US mid caps"
    assert mine["portfolio"]["small_exists"]  # its total return is known, and nothing else is asked for
    assert mine["recommendation"]["view_points"] != shipped["recommendation"]["view_points"]
    assert "IJH" in mine["evidence"]["record"]
    assert mine["fed_path"] == shipped["fed_path"]
    assert mine["regime"] == shipped["regime"]


def test_claims_and_back_test_are_those_of_the_pair(answer):
    claims = answer("evidence", "claims")
    tried = [row["findings"] + row["gaps"] for row in claims["rows"] if "IJH minus IVV" in json.dumps(row)]
    record = answer("backtest", "--quick")

    assert len(tried) == 6
    assert (record["small"], record["large"]) == ("IJH", "IVV")
