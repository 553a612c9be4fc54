"""The three default signals on published days (METHOD 5), and what the real data let the others say."""

import datetime as dt

import pytest

from signals import calendars
from signals.asof import AsOf
from signals.catalog import BY_NAME, DEFAULT, SIGNALS
from signals.health.health import health
from signals.signal import Gap, Reading, read
from signals.store.store import Store

PUBLISHED = {
    "2000-12-29": (-0.86, 2.67, -1.99),
    "2006-07-31": (-1.38, -0.97, -1.27),
    "2008-10-31": (1.82, 3.00, 1.65),
    "2016-02-29": (-0.47, 0.81, -0.54),
    "2019-08-30": (-0.16, -0.75, -2.64),
    "2022-06-30": (-1.99, -0.39, -0.13),
    "2023-12-29": (-0.36, -1.52, -2.34),
}
LEAST_ANSWERS = 10  # as of 2019-06-28
PRICED = ("yahoo:", "cme:")

pytestmark = pytest.mark.real_data


def world(store: Store, day: str) -> AsOf:
    return store.as_of(calendars.cut(dt.date.fromisoformat(day)))


@pytest.mark.parametrize("day", PUBLISHED)
def test_the_default_scores_are_the_published_ones(store: Store, day: str) -> None:
    answers = [read(BY_NAME[name], world(store, day)) for name in (*DEFAULT, "curve_slope")]

    assert [answer.score for answer in answers if isinstance(answer, Reading)] == pytest.approx(PUBLISHED[day], abs=0.1)


def test_at_least_ten_signals_answer_in_june_2019(store: Store) -> None:
    answers = {signal.name: read(signal, world(store, "2019-06-28")) for signal in SIGNALS}

    told = [name for name, answer in answers.items() if isinstance(answer, Reading)]
    assert len(told) >= LEAST_ANSWERS, told
    assert {signal.family for signal in SIGNALS if signal.name in told} >= {
        "rates",
        "credit",
        "dealmaking",
        "season",
        "structure",
    }


def test_signals_whose_series_are_not_in_the_data_name_them(store: Store) -> None:
    answers = {
        name: read(BY_NAME[name], world(store, "2023-12-29")) for name in ("net_issuance", "financial_conditions")
    }

    assert {name: (answer.code, answer.series) for name, answer in answers.items() if isinstance(answer, Gap)} == {
        "net_issuance": ("missing", "fred:NCBCEBQ027S"),
        "financial_conditions": ("not_point_in_time", "fred:NFCI"),
    }


def test_with_prices_unreachable_rates_and_credit_still_answer(store: Store) -> None:
    whole = world(store, "2023-12-29")
    cut_off = AsOf(whole.moment, lambda name: None if name.startswith(PRICED) else whole.history(name))

    answers = {signal.name: read(signal, cut_off) for signal in SIGNALS}

    rates = ("policy_change", "expected_path", "curve_slope", "credit_level", "credit_change", "capital_access")
    assert all(isinstance(answers[name], Reading) for name in rates)
    assert isinstance(answers["adviser_strength"], Gap)
    state = health(cut_off)
    assert state.status == "DEGRADED"
    assert "PRICES_MISSING" in state.reason_codes


@pytest.mark.parametrize("day", ["1995-01-31", "2001-09-17", "2008-10-31", "2020-03-16", "2023-12-29"])
def test_complete_data_are_healthy(store: Store, day: str) -> None:
    state = health(world(store, day))

    assert (state.status, state.confidence, state.gaps) == ("OK", 1.0, ())


def test_before_the_series_start_their_stand_ins_are_named(store: Store) -> None:
    seventies = world(store, "1975-06-30")

    notes = [
        answer.note
        for name in (*DEFAULT, "curve_slope")
        if isinstance(answer := read(BY_NAME[name], seventies), Reading)
    ]

    assert notes == [
        "provenance effective: the window reaches before the target's record",
        "fred:BAA minus ten-year stands in for fred:BAA10Y",
        "fred:TB3MS in bond-equivalent yield stands in for fred:DGS3MO",
    ]
