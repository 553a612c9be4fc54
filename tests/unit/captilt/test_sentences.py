"""Sentences that several screens share."""

from dataclasses import replace

import pytest

from captilt import sentences
from captilt.contract.market import Market, RelativeReturns
from captilt.contract.process_power import shipped
from captilt.contract.run import read_run
from tests.e2e.sample_run import a_run


def strip(market):
    return dict(sentences.market_strip(replace(read_run(a_run()), market=market)))


@pytest.mark.parametrize(
    ("percentile", "words"),
    [
        (1.0, "6.10 %, among the widest of ten years"),
        (0.0004, "6.10 %, among the narrowest of ten years"),
        (0.43, "6.10 %, wider than 43 % of ten years"),
        (None, "6.10 %"),
    ],
)
def test_the_spread_is_never_wider_than_all_of_ten_years_or_none(percentile, words):
    assert strip(Market(spread_percent=6.1, spread_percentile=percentile))["Baa spread"] == words


def test_before_the_funds_exist_their_returns_are_not_known():
    assert strip(Market())["Small less large"] == "not known: no price of IWM or SPY"
    one = Market(small_minus_large_percent=RelativeReturns(m1=-0.7))
    assert strip(one)["Small less large"] == "1 month −0.7 %, 3 –, 12 –"


def test_the_odds_of_the_market_say_why_they_are_not_the_bare_futures():
    assert sentences.odds_source("model") == "the model"
    assert "2 %" in sentences.odds_source("market")


def test_one_resample_is_one_history():
    text = sentences.process_power_sentence(replace(shipped(), resamples=1))

    assert "lived through 1 resampled history of 41 years" in text
