"""The laws of the judgement, on real data: nothing from the future, one path, the same bytes twice."""

import datetime as dt
import pickle
from dataclasses import replace

import numpy as np
import pytest

from allocator.backtest.walk_forward import sessions, walk
from allocator.decide import decide, weigh_evidence
from allocator.decision import Decision
from allocator.settings import EvidenceSettings, ForecastSettings, Judgement, PortfolioSettings
from allocator.track_record import known_record, month_end_panel, opinion_at, walk_forward_record
from regime.settings import RegimeSettings
from signals.asof import AsOf, History
from signals.calendars import cut
from signals.new_york import instant
from tests.support.later_facts import poison

pytestmark = pytest.mark.real_data
REGIME = RegimeSettings()
SMB = PortfolioSettings(small="french:FF3_DAILY:SMB", large="none")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def same(one: Decision, other: Decision) -> bool:
    return pickle.dumps(plain(one)) == pickle.dumps(plain(other))


def plain(decision: Decision) -> list[object]:
    return [
        decision.recommendation,
        sorted(decision.call.probabilities.items()),
        decision.call.since,
        list(decision.answers.items()),
        sorted(decision.contributions.items()),
        decision.opinion.forecast if decision.opinion else None,
        decision.evidence,
        decision.health,
    ]


@pytest.mark.parametrize(
    ("asked", "how"), [("1997-03-24", "deleted"), ("2008-10-31", "poisoned"), ("2020-04-15", "poisoned")]
)
def test_what_is_learned_later_changes_nothing(store, asked, how):
    moment = cut(day(asked))

    def other(name: str) -> History:
        whole = store.history(name)
        if how == "deleted":
            return whole.until(instant(moment))
        return poison(whole, moment)

    truth = decide(store.as_of(moment), 0.2, Judgement(), REGIME)

    assert same(decide(AsOf(moment, other), 0.2, Judgement(), REGIME), truth)


def test_a_late_revision_of_returns_changes_nothing_before_it(store):
    moment = cut(day("2012-06-29"))
    smb = store.history("french:FF3_DAILY:SMB")
    later = np.datetime64("2015-01-01T00:00:00", "us")
    revised = History.of(
        np.concatenate([smb.period, smb.period[-15000:]]),
        np.concatenate([smb.known_at, np.full(15000, later)]),
        np.concatenate([smb.value, smb.value[-15000:] + 1.0]),
    )
    judgement = Judgement(portfolio=SMB)

    told = decide(
        AsOf(moment, lambda name: revised if name == "french:FF3_DAILY:SMB" else store.history(name)),
        0.2,
        judgement,
        REGIME,
    )

    assert same(told, decide(store.as_of(moment), 0.2, judgement, REGIME))


def test_a_cache_changes_nothing_but_time(store):
    moment, kept = cut(day("2016-06-15")), {}
    first = decide(store.as_of(moment), 0.2, Judgement(), REGIME, cache=kept)

    again = decide(store.as_of(moment), 0.2, Judgement(), REGIME, cache=kept)

    assert len(kept) == 1
    assert same(first, again)


def test_nothing_that_older_code_kept_is_used(store, monkeypatch):
    moment, kept = cut(day("2016-06-15")), {}
    with monkeypatch.context() as older:
        older.setattr("allocator.track_record.code_of", lambda *_: "of a version before")
        known_record(AsOf(moment, store.history), Judgement(), REGIME, kept)

    known_record(AsOf(moment, store.history), Judgement(), REGIME, kept)

    assert len(kept) == 2


@pytest.mark.parametrize(
    ("portfolio", "first", "last"),
    [(PortfolioSettings(), "2007-12-01", "2008-06-30"), (SMB, "2019-06-01", "2019-10-31")],
)
def test_the_fast_walk_is_decide_at_every_month_end(store, portfolio, first, last):
    judgement = Judgement(portfolio=portfolio)
    days = sessions("month", day(first), day(last))
    fast = walk(store.as_of(cut(day("2023-12-29"))), judgement, REGIME, days=days, recommended=True)
    slow_view, held = store.as_of(cut(days[-1])), portfolio.policy_weight

    for place, today in enumerate(days):
        slow = decide(slow_view.at(cut(today)), held, judgement, REGIME)
        held = slow.recommendation.target_weight

        assert fast.points[place] == pytest.approx(slow.recommendation.active_weight_points, abs=1e-9)
        assert fast.multiplier[place] == pytest.approx(slow.evidence.multiplier.value, abs=1e-12)
        assert fast.confidence[place] == slow.health.confidence
        assert fast.attribution[place].sum() == pytest.approx(fast.points[place], abs=1e-12)


def test_days_inside_a_month_step_from_the_last_month_end(store):
    judgement = Judgement(evidence=EvidenceSettings(multiplier="none"))
    days = sessions("week", day("2008-09-01"), day("2008-10-31"))
    fast = walk(store.as_of(cut(day("2008-12-31"))), judgement, REGIME, days=days, recommended=True)
    slow_view, weights = store.as_of(cut(days[-1])), []

    for place, today in enumerate(days):
        before = [weight for past, weight in weights if (past.year, past.month) < (today.year, today.month)]
        held = weights[-1][1] if weights else 0.2
        slow = decide(
            slow_view.at(cut(today)), held, judgement, REGIME, step_from=before[-1] if before else 0.2
        ).recommendation
        weights.append((today, slow.target_weight))

        assert fast.points[place] == pytest.approx(slow.active_weight_points, abs=1e-9)


def test_the_record_is_the_walk_with_the_multiplier_and_before_it(store):
    view = store.as_of(cut(day("2010-12-31")))
    kept = walk_forward_record(view, Judgement(), REGIME)

    fast = walk(view, Judgement(), REGIME, days=kept.decided.tolist())
    plain = walk(view, Judgement(), REGIME, days=kept.decided.tolist(), recommended=False)

    assert fast.points == pytest.approx(kept.points, abs=1e-9)
    assert fast.multiplier == pytest.approx(kept.multiplier, abs=1e-12)
    assert fast.net(20.0) == pytest.approx(kept.net, abs=1e-12, nan_ok=True)
    assert plain.points == pytest.approx(kept.unscaled_points, abs=1e-9)
    assert plain.net(20.0) == pytest.approx(kept.unscaled_net, abs=1e-12, nan_ok=True)


def test_an_opinion_is_of_its_own_month_whatever_is_asked_later(store):
    early, late = (store.as_of(cut(day(text))) for text in ("2001-06-29", "2023-12-29"))
    told, again = (month_end_panel(view, Judgement(), REGIME) for view in (early, late))
    place = told.days.index(day("2001-03-30"))

    assert np.array_equal(told.scores, again.scores[: len(told.days)], equal_nan=True)
    assert np.array_equal(told.phases, again.phases[: len(told.days)], equal_nan=True)
    ours, theirs = (opinion_at(view, told, place, Judgement()) for view in (early, late))
    assert pickle.dumps(ours) == pickle.dumps(theirs)


def test_under_five_years_of_matured_forecasts_the_declared_half_stands(store):
    judgement = Judgement(forecast=ForecastSettings(regime=False))
    early, later = (store.as_of(cut(day(text))) for text in ("1991-01-30", "1991-02-14"))

    young, old = (decide(view, 0.2, judgement, REGIME).evidence for view in (early, later))

    assert (young.multiplier.value, young.multiplier.not_evaluated, young.multiplier.share.months) == (0.5, True, 59)
    assert (old.multiplier.not_evaluated, old.multiplier.share.months) == (False, 60)
    _, record, as_of = known_record(later, judgement, REGIME)
    assert weigh_evidence(record, later.moment, as_of, judgement) == old
    short = replace(record, net=np.where(np.arange(record.net.size) < 60, np.nan, record.net))
    assert weigh_evidence(short, later.moment, as_of, judgement).verdict.answer == "not evaluated"


def test_the_same_day_has_one_view_whatever_is_held(store):
    view = store.as_of(cut(day("2016-02-29")))

    empty, full = (decide(view, held, Judgement(), REGIME).recommendation for held in (0.1, 0.35))

    assert (empty.view_points, empty.stance, empty.flip) == (full.view_points, full.stance, full.flip)
    assert empty.stance == "neutral"
    assert (empty.action, full.action) == ("trade", "trade")
    assert "you hold" in empty.because[0]
    assert ": buy" in empty.because[0]
    assert ": sell" in full.because[0]


def test_attribution_sums_to_the_weight_on_every_kind_of_day(store):
    whole = store.as_of(cut(day("2022-12-15")))
    for text in ("1995-03-07", "2006-07-31", "2022-12-15"):
        advice = decide(whole.at(cut(day(text))), 0.23, Judgement(), REGIME).recommendation

        assert abs(sum(line.points for line in advice.attribution) - advice.active_weight_points) <= 1e-12
        assert advice.target_weight == pytest.approx(0.2 + advice.active_weight_points / 100)
        assert advice.trade_points == pytest.approx(100 * (advice.target_weight - 0.23))
