"""Registered rules run beside the method and are compared on later days only."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from allocator import method_1
from allocator.challengers import Challenger, Statement, compare, registered_challengers, state
from allocator.evidence import forward_test
from allocator.forecast import pooled_ridge, ridge
from allocator.settings import METHOD, Judgement
from allocator.track_record import inputs
from captilt.charts.forward import forward_test_chart
from captilt.charts.strict_svg import strict
from captilt.contract.challengers import challengers_answer
from captilt.terminal.challengers import challengers_screen
from regime.settings import RegimeSettings
from signals.asof import History
from signals.catalog.unemployment_change import first_releases
from tests.support import worlds

BASE, REGIME = Judgement(), RegimeSettings()
DAY = dt.date(2019, 6, 28)
RULE = Challenger("rule", dt.date(2018, 12, 31), "a test", METHOD, ("policy_change", "credit_level"), regime=False)


@pytest.fixture(scope="module")
def view():
    names = {name for rule in registered_challengers() for name in inputs(rule.judgement(BASE))}
    return worlds.view(worlds.world(names), DAY)


def stated(points, *, start="2018-12", sigma=12.0):
    months = np.datetime64(start, "M") + np.arange(len(points))
    return [
        (month.astype("datetime64[D]").item() + dt.timedelta(days=14), Statement("rule", value, value, 0.5, sigma))
        for month, value in zip(months, points, strict=True)
    ]


def test_the_registered_rules_are_those_of_the_method_with_their_day():
    rules = registered_challengers()

    assert [rule.method for rule in rules] == [2, 1, 2, 2]
    assert {rule.registered for rule in rules} == {dt.date(2026, 11, 26)}
    assert rules[0].judgement(BASE) == BASE
    assert rules[1].judgement(BASE) == method_1.defaults(BASE.portfolio)
    assert rules[2].judgement(BASE) == replace(BASE, forecast=replace(BASE.forecast, regime=False))
    assert rules[3].judgement(BASE).forecast.pooled


def test_one_slope_is_the_ridge_on_the_sum_of_the_scores():
    random = np.random.default_rng(2)
    scores, outcome = random.normal(size=(300, 3)), random.normal(size=300)

    slopes, covariance = pooled_ridge(scores, outcome, 0.1)
    single, variance = ridge(scores.sum(axis=1, keepdims=True) / 3**0.5, outcome, 0.1)

    assert slopes == pytest.approx(np.full(3, single[0] / 3**0.5))
    assert covariance == pytest.approx(np.full((3, 3), variance[0, 0] / 3))


def test_a_first_release_is_never_replaced_by_its_revision():
    history = History.of(
        np.array(["2020-01-01", "2020-01-01", "2020-02-01"], "datetime64[D]"),
        np.array(["2020-02-07", "2021-01-08", "2020-03-06"], "datetime64[us]"),
        np.array([3.6, 3.5, 3.5]),
    )

    kept = first_releases(history)

    assert kept.value.tolist() == [3.6, 3.5]
    assert kept.period.astype(str).tolist() == ["2020-01-01", "2020-02-01"]


def test_a_rule_states_its_view_and_steps_from_where_it_stood(view):
    states = [state(rule, view, BASE, REGIME, before=0.0) for rule in registered_challengers()]

    assert [statement.name for statement in states] == [rule.name for rule in registered_challengers()]
    assert len({round(statement.view_points, 6) for statement in states}) == 4
    again = state(registered_challengers()[0], view, BASE, REGIME, before=9.0)
    assert again.view_points == states[0].view_points
    assert again.active_weight_points != states[0].active_weight_points


def test_only_recorded_months_after_registration_count(view):
    points = [3.0, 3.0, -2.0, -2.0, 0.0, 4.0, 5.0]
    early = [(dt.date(2018, 11, 30), Statement("rule", 9.0, 9.0, 0.5, 12.0))]
    rule = replace(RULE, registered=dt.date(2018, 12, 1))

    found = compare(rule, early + stated(points), view, BASE)

    assert found.months.astype(str).tolist() == ["2018-12", "2019-01", "2019-02", "2019-03", "2019-04"]
    assert found.ir is None
    assert found.test.wealth.size == 5


def test_the_forward_test_is_that_of_the_statements_and_the_returns(view):
    from allocator import returns

    points = np.array([3.0, 3.0, -2.0, -2.0, 0.0])
    found = compare(replace(RULE, registered=dt.date(2018, 12, 1)), stated(points), view, BASE)

    ends = [
        dt.date(2018, 12, 31),
        dt.date(2019, 1, 31),
        dt.date(2019, 2, 28),
        dt.date(2019, 3, 29),
        dt.date(2019, 4, 30),
    ]
    closes = returns.execution_days([*ends, dt.date(2019, 5, 31)])
    difference = returns.between(view, BASE.portfolio, closes)
    traded = np.array([3.0, 0.0, 5.0, 0.0, 2.0])
    assert found.test.wealth == pytest.approx(forward_test(points, difference, np.full(5, 12.0), traded).wealth)
    assert found.net == pytest.approx(points / 100 * difference - traded / 100 * 0.2)


def test_the_answer_says_by_when_the_test_could_speak_and_nothing_before_the_first_month(view):
    empty = compare(RULE, [], view, BASE)

    answer = challengers_answer(DAY, [(empty, None)])

    row = answer.rows[0]
    assert (row.wealth, row.p, row.supported, row.months) == (1.0, 1.0, False, ())
    assert row.could_speak_by.year == RULE.registered.year + 37
    assert challengers_screen(answer).renderables


def test_the_curve_of_the_forward_test_says_where_it_stands_and_when_it_could_speak(view):
    empty = challengers_answer(DAY, [(compare(RULE, [], view, BASE), None)])
    later = challengers_answer(DAY, [(compare(RULE, stated([3.0, 3.0, -2.0]), view, BASE), None)])

    before, after = (strict(forward_test_chart(answer), mark="forward") for answer in (empty, later))

    assert "no month has ended since 31 Dec 2018" in before
    assert "no month has ended" not in after
    assert f"rule: {later.rows[0].wealth:.2f}" in after
    for chart in (before, after):
        assert f"by {RULE.registered.year + 37}" in chart
    assert forward_test_chart(replace(empty, rows=())) == ""
