"""What is worth telling, and what is not."""

import datetime as dt

from allocator.desk.alerts.topics import baseline, confirmed
from allocator.desk.config import Alerts
from tests.payloads import days, payload

SETTINGS = Alerts()


def names(runs, told, last_told=None):
    return [change.topic for change in confirmed(runs, told, last_told or {}, SETTINGS)]


def test_a_day_like_the_one_told_is_silent():
    told = baseline(payload())

    assert names([payload(day) for day in days(30)], told) == []


def test_a_new_phase_is_told_on_the_first_day():
    told = baseline(payload())

    assert names([payload("2023-03-02", regime__phase="HOLD_AFTER_HIKE")], told) == ["phase"]


def test_one_day_of_other_probabilities_is_not_a_trend():
    told = baseline(payload())
    moved = {"HIKE": 0.6, "HOLD_AFTER_HIKE": 0.38, "EASE": 0.01, "HOLD_AFTER_EASE": 0.01}
    first = payload("2023-03-02", regime__probabilities=moved)
    second = payload("2023-03-03", regime__probabilities=moved)

    assert names([payload(), first], told) == []
    assert names([payload(), first, second], told) == ["probabilities"]


def test_small_moves_that_add_up_are_told_once_they_are_material_against_what_was_told():
    told = baseline(payload())
    drift = [
        payload(day, regime__probabilities={"HIKE": 0.8 - 0.05 * step, "HOLD_AFTER_HIKE": 0.18 + 0.05 * step, "EASE": 0.01, "HOLD_AFTER_EASE": 0.01})
        for step, day in enumerate(days(5))
    ]

    assert names(drift[:4], told) == []
    assert names(drift, told) == ["probabilities"]


def test_a_stance_that_flickers_back_to_neutral_for_a_day_is_silent():
    told = baseline(payload())
    neutral = payload("2023-03-02", recommendation__stance="neutral")
    back = payload("2023-03-03")

    assert names([payload(), neutral], told) == []
    assert names([payload(), neutral, back], told) == []


def test_a_stance_that_stays_neutral_for_two_runs_is_told():
    told = baseline(payload())
    runs = [payload(day, recommendation__stance="neutral") for day in ("2023-03-02", "2023-03-03")]

    assert names(runs, told) == ["stance"]


def test_a_new_tilt_is_told_at_once():
    told = baseline(payload(recommendation__stance="neutral"))

    assert names([payload("2023-03-02")], told) == ["stance"]


def test_degraded_data_wait_a_day_but_stale_data_do_not():
    told = baseline(payload())

    assert names([payload("2023-03-02", data__status="DEGRADED")], told) == []
    assert names([payload("2023-03-02", data__status="STALE")], told) == ["data"]


def test_recovery_of_the_data_must_hold_for_two_runs():
    told = baseline(payload(data__status="STALE"))

    assert names([payload("2023-03-02")], told) == []
    assert names([payload("2023-03-02"), payload("2023-03-03")], told) == ["data"]


def test_a_repriced_path_is_told_when_it_holds():
    told = baseline(payload())
    runs = [payload(day, fed_path__bp={"m3": 20.0, "m6": 60.0, "m12": 20.0}) for day in ("2023-03-02", "2023-03-03")]

    assert names(runs[:1], told) == []
    assert names(runs, told) == ["fed_path"]


def test_a_topic_told_within_the_cool_down_waits():
    told = baseline(payload())
    run = payload("2023-03-02", regime__phase="HOLD_AFTER_HIKE")

    assert names([run], told, {"phase": dt.date(2023, 3, 2)}) == []
    assert names([run], told, {"phase": dt.date(2023, 3, 1)}) == ["phase"]
