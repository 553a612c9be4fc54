"""View, position and action: three lines that never contradict, on days and weights nobody thought of."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator import tilt
from allocator.portfolio.rebalance import View, advise_book
from allocator.settings import TiltSettings
from captilt.contract.run import Line, Portfolio, read_run
from captilt.sentences import action, book_action, headline, position, view, view_sentence
from tests.support.payloads import payload

TILT = TiltSettings()
PAIR = Portfolio(small="IWM", large="SPY")
EDGE = ", to the edge of the no-trade band (1.1 points around the view)"
WEIGHTS = (0.0, 0.1, 0.2, 0.3)
views = st.builds(View, st.floats(-30, 30), st.floats(0.05, 1), st.floats(6, 30))


def a_day(day, held):
    """The run of a day with this view and this weight held."""
    advice = advise_book(day, held_weight=held, policy_weight=0.2, settings=TILT)
    run = read_run(payload())
    recommendation = dataclasses.replace(
        run.recommendation,
        stance=tilt.stance(day.points, TILT),
        action=advice.action,
        active_weight_points=100 * (advice.target_weight - 0.2),
        target_weight=advice.target_weight,
        held_weight=held,
        trade_points=advice.trade_points,
        view_points=day.points,
        band_points=advice.band_points,
        attribution=tuple(Line(line=line.line, points=line.points) for line in advice.lines),
    )
    return dataclasses.replace(run, recommendation=recommendation), advice


@given(views)
def test_one_day_has_one_view_whatever_is_held(day):
    assert len({view(a_day(day, held)[0]) for held in WEIGHTS}) == 1


@given(views, st.one_of(st.sampled_from(WEIGHTS), st.floats(0, 1)))
def test_the_action_never_contradicts_itself_or_the_numbers(day, held):
    run, advice = a_day(day, held)
    sentence = action(run)

    assert sentence.startswith("Do nothing") == (advice.action == "hold")
    assert sentence == book_action(advice, run.recommendation.stance, PAIR)
    if advice.action == "hold":
        assert "Buy" not in sentence
        assert "Sell" not in sentence
        assert "hold the" in headline(run)
        return
    assert sentence.startswith("Buy" if advice.trade_points > 0 else "Sell")
    assert not any(words in sentence for words in ("too small", "not worth", "used up", "within"))
    assert ("back to the neutral view" in sentence) == (run.recommendation.stance == "neutral")
    assert ("buy" if advice.trade_points > 0 else "sell") in headline(run)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (0.25, f"Sell 3.5 points of IWM into SPY{EDGE}. It brings the position back to the neutral view."),
        (0.20, "Do nothing: 20.0 % is within the no-trade band, 1.1 points to either side of the view."),
        (0.218, "Do nothing: a trade of 0.3 points is too small to be made."),
    ],
)  # fmt: skip
def test_a_neutral_view_beside_each_position(held, words):
    run, _ = a_day(View(0.4, 1.0, 10.3), held)

    assert view(run) == "Neutral on US small caps: +0.4 points against policy."
    assert action(run) == words


@pytest.mark.parametrize(
    ("points", "held", "lines"),
    [
        (-3.8, 0.2, (  # 2022-06-02
            "Underweight US small caps by 3.8 points: sell 2.7 points, to 17.3 % in IWM.",
            "Underweight US small caps by 3.8 points: 16.2 % with nothing in hand.",
            "20.0 % in US small caps, at policy and 3.8 points above the view.",
            "Sell 2.7 points of IWM into SPY, to the edge of the no-trade band (1.1 points around the view).",
        )),
        (13.8, 0.2, (  # 2020-03-16
            "Overweight US small caps by 13.8 points: buy 5.0 points, to 25.0 % in IWM.",
            "Overweight US small caps by 13.8 points: 33.8 % with nothing in hand.",
            "20.0 % in US small caps, at policy and 13.8 points below the view.",
            "Buy 5.0 points of IWM from SPY, the largest step of a month.",
        )),
        (-4.3, 0.173, (  # 2022-07-05, after the order of 2022-06-02
            "Underweight US small caps by 4.3 points: hold the 17.3 % in IWM.",
            "Underweight US small caps by 4.3 points: 15.7 % with nothing in hand.",
            "17.3 % in US small caps, 2.7 points below policy and 1.6 points above the view.",
            "Do nothing: a trade of 0.5 points is too small to be made.",
        )),
        (18.3, 0.2, (  # 2020-03-23
            "Overweight US small caps by 18.3 points: buy 5.0 points, to 25.0 % in IWM.",
            "Overweight US small caps by 18.3 points, of which 15.0 are allowed: 35.0 % with nothing in hand.",
            "20.0 % in US small caps, at policy and 18.3 points below the view.",
            "Buy 5.0 points of IWM from SPY, the largest step of a month.",
        )),
    ],
)  # fmt: skip
def test_days_that_once_contradicted_themselves(points, held, lines):
    run, _ = a_day(View(points, 1.0, 10.3), held)

    assert (headline(run), view(run), position(run), action(run)) == lines


def test_a_day_without_new_advice_has_no_view_and_moves_nothing():
    run = read_run(payload())
    held = dataclasses.replace(
        run, recommendation=dataclasses.replace(run.recommendation, reason_code="HOLD_DATA", action="hold")
    )

    assert view(held) == view_sentence(None, "neutral", 0.2) == "None: there is no new advice."
    assert action(held) == "Do nothing: the 20.0 % held stays until there is new advice."
    assert headline(held) == "No new advice on US small caps: 20.0 % stays in IWM."
