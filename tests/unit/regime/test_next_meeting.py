"""The next decision by the market and by the model, and who has been right."""

import datetime as dt

import numpy as np
import pytest

from regime.call import call_regime
from regime.evaluation.meeting_score import meeting_record
from regime.regime_call import NextMeeting
from regime.settings import RegimeSettings
from signals.calendars import cut
from signals.fedpath.next_meeting import market_odds


def test_a_priced_move_becomes_odds():
    """METHOD 5: -21.92 bp is a cut with 84 %, no change with 14 %."""
    down, none, up = market_odds(np.array([-21.92]))[0]

    assert (round(down, 4), round(none, 4), round(up, 4)) == (0.8442, 0.1358, 0.02)


@pytest.mark.parametrize(("bp", "likely"), [(-80.0, 0), (0.0, 1), (40.0, 2)])
def test_no_outcome_is_impossible_and_none_is_certain(bp, likely):
    odds = market_odds(np.array([bp]))[0]

    assert odds.sum() == pytest.approx(1)
    assert odds.min() == pytest.approx(0.02)
    assert odds[likely] == pytest.approx(0.96)


def test_without_a_price_there_are_no_odds():
    assert np.isnan(market_odds(np.array([np.nan]))).all()


def test_the_market_is_quoted_where_it_speaks_and_the_model_else():
    model, market = {"up": 0.2, "none": 0.7, "down": 0.1}, {"up": 0.9, "none": 0.08, "down": 0.02}

    assert (NextMeeting(model, market).odds, NextMeeting(model, market).source) == (market, "market")
    assert (NextMeeting(model).odds, NextMeeting(model).source) == (model, "model")


def test_on_the_eve_of_a_priced_hike_the_market_says_so(store):
    call = call_regime(store.as_of(cut(dt.date(2023, 7, 25))), RegimeSettings())

    assert call.next_meeting.source == "market"
    assert call.next_meeting.odds["up"] > 0.9
    assert call.next_meeting.model["up"] != call.next_meeting.odds["up"]


def test_where_the_strip_is_refused_the_model_answers(store):
    call = call_regime(store.as_of(cut(dt.date(2023, 12, 29))), RegimeSettings())

    assert (call.next_meeting.source, call.next_meeting.market) == ("model", None)


def test_the_market_has_been_the_better_forecast_on_the_eve(store):
    """METHOD 5: .317 to .120 nats over 2008-2023."""
    view = store.as_of(cut(dt.date(2023, 12, 29)))
    tables: dict[str, bytes] = {}
    meeting_record(store.as_of(cut(dt.date(2021, 12, 31))).kept_in(tables), first=dt.date(2008, 1, 1))

    found = meeting_record(view, first=dt.date(2008, 1, 1))

    assert meeting_record(view.kept_in(tables), first=dt.date(2008, 1, 1)) == found  # old meetings kept, new ones added

    assert found.n == 122
    assert (found.model, found.market) == pytest.approx((0.317, 0.120), abs=0.002)
    assert meeting_record(view, first=dt.date(2023, 12, 1)).n == 0
