"""The verdict comes from its numbers, the numbers from the facts known then, and keeping them changes nothing."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from allocator.backtest.assessment import Heavy, assess, key
from allocator.backtest.robustness import Check, Track, costs, delayed, neutral_returns
from allocator.evidence import Moments, dsr, trials_at
from allocator.settings import EvidenceSettings, Judgement
from allocator.track_record import known_record
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.calendars import cut
from tests.support.later_facts import poison

DAY, REGIME = dt.date(1996, 7, 15), RegimeSettings()
QUICK = Judgement(evidence=EvidenceSettings(bootstrap=300))


@pytest.fixture(scope="module")
def view(store):
    return store.as_of(cut(DAY))


@pytest.fixture(scope="module")
def shelf():
    return {}


@pytest.fixture(scope="module")
def found(view, shelf):
    return assess(view, QUICK, REGIME, cache=shelf)


def test_the_deflated_ratio_is_that_of_the_record(view, found):
    _, record, as_of = known_record(view, QUICK, REGIME)
    net = record.evidence(as_of).net

    assert as_of == dt.date(1996, 6, 28)
    assert found.moments == Moments.of(net)
    assert found.sharpe.dsr == dsr(Moments.of(net), trials=trials_at(view.moment).count)
    assert found.multiplier.share == record.share()
    assert found.multiplier.value not in (0.5, found.sharpe.dsr)


def test_the_verdict_is_reached_by_rule_from_its_numbers(found):
    assert found.verdict.answer == "no reliable edge"
    assert found.sharpe.dsr < 0.95
    assert len(found.verdict.reasons) == 4
    assert found.heavy.overfitting.splits == 12_870
    assert 2 <= found.heavy.overfitting.settings < 126  # near copies count once
    assert 1 < found.heavy.family_effective < 126
    p = found.heavy.superiority
    assert p.lower <= p.consistent <= p.upper


def test_every_declared_way_of_looking_is_there(found):
    assert {row.group for row in found.heavy.checks} >= {"part", "pair", "cost", "timing", "beta", "leg"}
    assert found.heavy.checks[0].interval == found.heavy.ir_interval


def test_what_is_kept_is_what_was_computed(view, found, shelf):
    kept = dict(shelf)

    again = assess(view, QUICK, REGIME, cache=shelf)

    assert again == found
    assert shelf == kept
    assert Heavy.unpacked(found.heavy.packed()) == found.heavy


def test_the_same_month_has_the_same_heavy_part(store, found, shelf):
    later = store.as_of(cut(dt.date(1996, 7, 30)))  # another month of French returns is known by now

    assert assess(later, QUICK, REGIME, cache=shelf) == found
    assert assess(later, QUICK, REGIME) == found


def test_another_fact_or_setting_is_another_key(store, view):
    then = view.at(cut(dt.date(1996, 6, 28)))
    seeded = replace(QUICK, evidence=replace(QUICK.evidence, seed=1))

    names = {
        key(then, QUICK, REGIME),
        key(then, seeded, REGIME),
        key(store.as_of(cut(dt.date(1996, 5, 31))), QUICK, REGIME),
    }

    assert len(names) == 3


def test_nothing_that_older_code_kept_is_used(view, monkeypatch):
    then = view.at(cut(dt.date(1996, 6, 28)))
    before = key(then, QUICK, REGIME)
    monkeypatch.setattr("allocator.backtest.assessment.code_of", lambda *_: "of a version before")

    assert key(then, QUICK, REGIME) != before


def test_what_was_learned_later_does_not_reach_the_evidence(store, found):
    whole = store.as_of(cut(dt.date(2010, 1, 4)))

    assert assess(AsOf(cut(DAY), lambda name: poison(whole.history(name), cut(DAY), np.nan)), QUICK, REGIME) == found


def test_a_young_record_is_not_evaluated(store):
    young = assess(
        store.as_of(cut(dt.date(1988, 7, 15))), replace(QUICK, forecast=replace(QUICK.forecast, regime=False)), REGIME
    )

    assert young.verdict.answer == "not evaluated"
    assert young.multiplier.value == 0.5
    assert young.heavy.checks == ()


def made(net=None):
    days = np.array([f"{year}-{month:02d}-28" for year in range(1990, 2000) for month in range(1, 13)], "datetime64[D]")
    generator = np.random.default_rng(3)
    s, m = generator.standard_normal((2, days.size))
    points = generator.standard_normal(days.size) * 5
    gross = points / 100 * s
    return Track(days, points, gross - 0.01 if net is None else net, gross, s, m)


def test_dearer_trading_costs_in_proportion():
    kept = made()

    one, two, four = costs(kept)

    assert one.active_return_bp == pytest.approx(1200 * kept.net.mean())
    assert one.active_return_bp - two.active_return_bp == pytest.approx(12)
    assert one.active_return_bp - four.active_return_bp == pytest.approx(36)


def test_one_month_late_earns_the_next_months_difference_on_the_old_weight():
    kept = made()

    late = delayed(kept)

    assert isinstance(late, Check)
    expected = np.append(0.0, kept.points[:-1]) / 100 * kept.small_minus_large
    assert late.active_return_bp == pytest.approx(1200 * (expected.mean() - 0.01 * 119 / 120))


def test_a_tilt_that_is_all_beta_is_worth_nothing_once_hedged():
    kept = made()
    market = kept.market
    same = Track(kept.decided, kept.points, kept.points / 100 * 1.5 * market, kept.gross, 1.5 * market, market)

    hedged = neutral_returns(same)

    assert np.abs(hedged[40:]).max() < 1e-9
    assert np.abs(same.net[40:]).max() > 1e-3
