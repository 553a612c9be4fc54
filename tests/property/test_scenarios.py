"""Scenarios: supposed facts only, all of them after today, and the same judgement."""

import datetime as dt
import pickle

import numpy as np
import pytest

from allocator.decide import decide, look
from allocator.scenario import SCENARIOS, TODAY, explore, suppose, suppose_inputs
from allocator.settings import Judgement, ScenarioSettings
from regime.features import rows
from regime.models import named
from regime.phase import PHASES
from regime.settings import RegimeSettings
from regime.walk_forward import learned
from signals.asof import AsOf, History
from signals.calendars import cut, day_of, meetings
from signals.derived.policy_rate import target_path

pytestmark = pytest.mark.real_data
REGIME = RegimeSettings()
DAY = dt.date(2018, 6, 29)


@pytest.fixture(scope="module")
def view(store) -> AsOf:
    return store.as_of(cut(DAY))


@pytest.fixture(scope="module")
def outcomes(view):
    chosen = {name: SCENARIOS[name] for name in ("cuts faster", "hikes", "spread widens", "stale data")}
    found = explore(view, 0.2, Judgement(), REGIME, scenarios=chosen)
    return {each.name: each for each in found}


def test_a_hundred_points_of_cuts_come_at_the_scheduled_meetings(view):
    ahead = suppose(view, SCENARIOS["cuts faster"])
    days, target = target_path(ahead)
    now_days, now_target = target_path(view)
    added = days[now_days.size :]

    assert target[-1] == pytest.approx(now_target[-1] - 1.00)
    assert {day.item() for day in added} <= {m.date for m in meetings() if m.scheduled}
    assert np.diff(target[now_days.size - 1 :]).tolist() == [-0.25] * 4


def test_no_real_fact_of_the_future_is_seen(view, store):
    ahead = suppose(view, SCENARIOS["no move"])

    assert ahead.latest("yahoo:IWM:adj_close").period[-1] == view.latest("yahoo:IWM:adj_close").period[-1]
    assert ahead["fred:BAA10Y"].iloc[-1] == view["fred:BAA10Y"].iloc[-1]
    assert target_path(ahead)[1][-1] == target_path(view)[1][-1]  # it rose twice in what followed


def test_the_world_until_today_is_untouched(view):
    ahead = suppose(view, SCENARIOS["recession"])
    back = ahead.at(view.moment)

    for series in ("fred:BAA10Y", "fred:DGS10", "fomc:target", "fred:DGS2"):
        assert back[series].equals(view[series])


def test_a_fact_cannot_be_supposed_to_have_been_known_already(view):
    early = History.of(["2018-06-28"], [np.datetime64("2018-06-28T20:00:00", "us")], [1.0])

    with pytest.raises(ValueError, match="learned after"):
        view.suppose(view.moment + dt.timedelta(days=30), {"fred:DGS2": early})


def test_the_first_row_is_todays_decision(view, outcomes, store):
    told = decide(store.as_of(cut(DAY)), 0.2, Judgement(), REGIME)

    assert pickle.dumps(outcomes[TODAY].decision.recommendation) == pickle.dumps(told.recommendation)


def test_cuts_favour_small_caps_and_hikes_do_not_by_the_policy_signal(outcomes):
    policy = {
        name: {signal: then for signal, _, then in each.moved}["policy_change"] for name, each in outcomes.items()
    }

    assert policy["cuts faster"] > policy["hikes"]
    assert outcomes["cuts faster"].decision.wanted_points > outcomes["hikes"].decision.wanted_points


@pytest.mark.parametrize("day", ["2023-12-29", "2019-08-30", "2015-06-30", "2022-06-30", "1997-06-30"])
def test_after_three_hikes_hiking_leads(store, day):
    """Whatever the market priced before: the short yields carry the scenario's own path."""
    moment = store.as_of(cut(dt.date.fromisoformat(day)))
    there = suppose(moment, SCENARIOS["hikes"])

    fitted = learned(moment, named(REGIME.model)).fitted
    chance = fitted.probabilities(rows(there, [there.moment]))[0]

    assert PHASES[int(chance.argmax())] == "HIKE"
    assert chance.max() > 0.7


def test_short_yields_reach_the_mean_of_the_scenarios_own_path(view):
    """From 2.00 % three hikes to 2.75 %, and half as many more priced after them; the middle of the range."""
    ahead = suppose(view, SCENARIOS["hikes"])

    _, target = target_path(ahead)
    first, last = target_path(view)[1][-1], target[-1]
    expected = last - 0.125 + (last - first) * np.clip(np.arange(0, 365) / 182, 0, 0.5).mean()
    assert ahead["fred:DGS1"].iloc[-1] == pytest.approx(expected, abs=0.01)
    assert ahead["fred:DGS2"].iloc[-1] > ahead["fred:DGS1"].iloc[-1]


def test_without_a_move_of_rates_the_yields_stay(view):
    ahead = suppose(view, SCENARIOS["spread widens"])

    assert ahead["fred:DGS1"].iloc[-1] == view["fred:DGS1"].iloc[-1]


def test_a_scenario_says_what_happens_on_the_way(outcomes):
    way = outcomes["spread widens"].on_the_way
    tilt = outcomes[TODAY].decision.recommendation.active_weight_points

    assert outcomes["hikes"].on_the_way is None
    assert way.small_minus_large_percent == pytest.approx(1.5 * -1.75, abs=0.5)
    assert way.interval[0] < way.small_minus_large_percent < way.interval[1] < 0
    assert way.position_bp == pytest.approx(tilt * way.small_minus_large_percent)


def test_what_is_learned_from_the_past_is_learned_once(view):
    """Nothing supposed can teach the model: the short way gives the opinion that a whole look there gives."""
    near = ScenarioSettings(months=1, spread_bp=100)  # no fit falls between the two days
    now, there = look(view, Judgement(), REGIME), suppose(view, near)

    short, whole = suppose_inputs(now, view, there, Judgement(), REGIME), look(there, Judgement(), REGIME)

    assert short.scores == pytest.approx(whole.scores)
    assert short.phases == pytest.approx(whole.phases)
    assert short.opinion.raw_points == pytest.approx(whole.opinion.raw_points, abs=1e-9)


def test_the_phase_is_called_again(outcomes):
    cuts = outcomes["cuts faster"]

    assert cuts.probabilities["EASE"] + cuts.probabilities["HOLD_AFTER_EASE"] > 0.9
    assert outcomes[TODAY].probabilities["HIKE"] > 0.5
    assert sum(cuts.probabilities.values()) == pytest.approx(1.0)


def test_no_return_is_supposed(outcomes):
    sigma = {each.decision.opinion.sigma_annual_percent for name, each in outcomes.items() if name != "stale data"}

    assert len(sigma) == 1


def test_stale_data_cost_confidence_and_shrink_the_tilt(outcomes):
    stale, today = outcomes["stale data"].decision, outcomes[TODAY].decision

    assert stale.health.confidence < today.health.confidence
    assert stale.health.status in ("DEGRADED", "STALE", "HOLD")
    assert abs(stale.wanted_points) < abs(today.wanted_points)


def test_the_day_is_a_session_some_months_ahead(outcomes):
    assert outcomes["hikes"].day == dt.date(2018, 12, 28)
    assert day_of(outcomes["stale data"].decision.moment) == dt.date(2018, 8, 29)


@pytest.mark.parametrize(
    "wrong", [{"months": 0}, {"months": 25}, {"target_bp": 30}, {"spread_bp": 2000}, {"stale": True, "target_bp": -25}]
)
def test_an_impossible_scenario_is_refused(wrong):
    with pytest.raises(ValueError):
        ScenarioSettings(**wrong)
