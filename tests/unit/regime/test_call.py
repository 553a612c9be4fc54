"""The daily call: phase in force, since when, why, and what is open."""

import datetime as dt
import math

import pytest

from regime.call import call_regime
from regime.explain import climatology, reasons
from regime.models import BY_NAME
from regime.phase import PHASES, Phase
from regime.settings import RegimeSettings
from regime.walk_forward import at_moment, learned, past, rows
from tests.support.cycles import policy_only

POLICY = RegimeSettings(model="structural_hazard")


def test_a_lone_hike_after_cuts_is_said_plainly():
    found = call_regime(policy_only(dt.date(2026, 11, 20)), POLICY)

    assert found.phase is Phase.HIKE
    assert found.since == dt.date(2026, 9, 16)
    assert not found.confirmed
    assert found.ambiguity.startswith("A single hike of 25 bp (2026-09-16) reverses a cutting cycle")
    assert "4.25 % or more" in found.ambiguity
    assert found.attributes["intermeeting"] is False


def test_a_hold_begins_the_day_after_the_last_move():
    found = call_regime(policy_only(dt.date(2001, 1, 2)), POLICY)

    assert found.phase is Phase.HOLD_AFTER_HIKE
    assert found.since == dt.date(2000, 5, 17)
    assert found.confirmed


def test_an_emergency_cut_is_marked_as_between_meetings():
    found = call_regime(policy_only(dt.date(2020, 3, 16)), RegimeSettings())

    assert found.attributes["intermeeting"] is True
    assert found.attributes["zlb"] is True
    assert found.attributes["last_move_bp"] == pytest.approx(-100)


def test_at_the_lower_bound_a_further_cut_is_unlikely():
    plain, bounded = (
        call_regime(policy_only(dt.date(2009, 1, 30)), RegimeSettings(model=name))
        for name in ("structural_hazard", "structural_hazard_bound")
    )

    assert bounded.probabilities[Phase.EASE] < plain.probabilities[Phase.EASE] / 2


def test_the_steps_of_the_log_odds_add_up_to_the_call():
    view = policy_only(dt.date(2007, 10, 31))
    model = BY_NAME["structural_hazard"]
    spoken = learned(view, model)
    known = past(view.at(spoken.moment))
    phase = PHASES.index(Phase.EASE)

    found = reasons(spoken.fitted, known, rows(view, [view.moment]), phase)

    odds = [math.log(p / (1 - p)) for p in (at_moment(view, model)[phase], climatology(known)[phase])]
    assert sum(step.log_odds for step in found) == pytest.approx(odds[0] - odds[1], abs=1e-9)
    weights = [abs(step.log_odds) for step in found]
    assert weights == sorted(weights, reverse=True)


def test_a_dearer_false_switch_keeps_the_old_phase_longer():
    def noticed(cost):
        found = call_regime(
            policy_only(dt.date(2007, 6, 29)), RegimeSettings(model="structural_hazard", false_switch_cost=cost)
        )
        assert found.phase is Phase.HOLD_AFTER_HIKE
        return found.attributes["announced_on"]

    assert noticed(0.0) <= noticed(3.0) <= noticed(20.0)
    assert noticed(0.0) < noticed(20.0)


def test_analogues_are_one_for_each_leg_and_none_is_left_out_for_its_outcome():
    found = call_regime(policy_only(dt.date(2019, 8, 30)), POLICY).analogues

    assert [one.distance for one in found] == sorted(one.distance for one in found)
    assert len(found) == len({one.date for one in found}) == 6
    assert all(one.small_minus_large_12m_percent is None for one in found)  # no returns are known here


def test_no_analogue_lies_after_the_knowledge_that_fitted_the_model():
    found = call_regime(policy_only(dt.date(2006, 6, 30)), POLICY).analogues

    assert max(one.date for one in found) <= dt.date(2006, 1, 31)
