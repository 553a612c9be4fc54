"""What is worth telling, and what is not."""

import datetime as dt

import pytest

from captilt.alerts.announce import is_digest_day
from captilt.alerts.compose import compose
from captilt.alerts.rules import baseline, completed, confirmed, topic_states
from captilt.config.settings import Alerts
from signals.calendars import sessions_between
from tests.support.payloads import days
from tests.support.payloads import run as a_run

SETTINGS = Alerts()


def names(runs, told, last_told=None):
    return [change.topic for change in confirmed(runs, told, last_told or {}, SETTINGS)]


def test_a_day_like_the_one_told_is_silent():
    told = baseline(a_run())

    assert names([a_run(day) for day in days(30)], told) == []


def test_a_new_phase_is_told_on_the_first_day():
    told = baseline(a_run())

    assert names([a_run("2023-03-02", regime__phase="HOLD_AFTER_HIKE")], told) == ["phase"]


def test_one_day_of_other_probabilities_is_not_a_trend():
    told = baseline(a_run())
    moved = {"HIKE": 0.6, "HOLD_AFTER_HIKE": 0.38, "EASE": 0.01, "HOLD_AFTER_EASE": 0.01}
    first = a_run("2023-03-02", regime__probabilities=moved)
    second = a_run("2023-03-03", regime__probabilities=moved)

    assert names([a_run(), first], told) == []
    assert names([a_run(), first, second], told) == ["probabilities"]


def test_small_moves_that_add_up_are_told_once_they_are_material_against_what_was_told():
    told = baseline(a_run())
    drift = [
        a_run(
            day,
            regime__probabilities={
                "HIKE": 0.8 - 0.05 * step,
                "HOLD_AFTER_HIKE": 0.18 + 0.05 * step,
                "EASE": 0.01,
                "HOLD_AFTER_EASE": 0.01,
            },
        )
        for step, day in enumerate(days(5))
    ]

    assert names(drift[:4], told) == []
    assert names(drift, told) == ["probabilities"]


def test_a_stance_that_flickers_back_to_neutral_for_a_day_is_silent():
    told = baseline(a_run())
    neutral = a_run("2023-03-02", recommendation__stance="neutral")
    back = a_run("2023-03-03")

    assert names([a_run(), neutral], told) == []
    assert names([a_run(), neutral, back], told) == []


def test_a_stance_that_stays_neutral_for_two_runs_is_told():
    told = baseline(a_run())
    runs = [a_run(day, recommendation__stance="neutral") for day in ("2023-03-02", "2023-03-03")]

    assert names(runs, told) == ["stance"]


def test_a_new_tilt_is_told_at_once():
    told = baseline(a_run(recommendation__stance="neutral"))

    assert names([a_run("2023-03-02")], told) == ["stance"]


def test_degraded_data_wait_a_day_but_stale_data_do_not():
    told = baseline(a_run())

    assert names([a_run("2023-03-02", data__status="DEGRADED")], told) == []
    assert names([a_run("2023-03-02", data__status="STALE")], told) == ["data"]


def test_recovery_of_the_data_must_hold_for_two_runs():
    told = baseline(a_run(data__status="STALE"))

    assert names([a_run("2023-03-02")], told) == []
    assert names([a_run("2023-03-02"), a_run("2023-03-03")], told) == ["data"]


def path(*rates, target=450):
    dates = ("2023-03-22", "2023-05-03", "2023-06-14")
    meetings = [{"date": day, "status": "ok", "end_rate": rate} for day, rate in zip(dates, rates, strict=False)]
    return {"status": "ok", "target_bp": [target, target + 25], "bp": {}, "meetings": meetings}


def test_a_repriced_path_is_told_when_it_holds():
    told = baseline(a_run(fed_path=path(4.8, 5.0, 5.1)))
    runs = [a_run(day, fed_path=path(4.8, 5.1, 5.3)) for day in ("2023-03-02", "2023-03-03")]

    assert names(runs[:1], told) == []
    assert names(runs, told) == ["fed_path"]


def test_a_hike_that_was_expected_is_no_repricing():
    told = baseline(a_run(fed_path=path(4.8, 5.0, 5.1)))
    raised = [a_run(day, fed_path=path(4.8, 5.0, 5.1, target=475)) for day in ("2023-03-23", "2023-03-24")]

    assert names(raised, told) == []


def test_a_path_that_was_never_told_is_no_change_but_is_compared_from_the_next_message_on():
    told = baseline(a_run(fed_path={"status": "refused", "meetings": [], "bp": {}}))
    back = a_run("2023-03-02", fed_path=path(4.8, 5.0, 5.1))
    moved = [a_run(day, fed_path=path(4.8, 5.0, 5.4)) for day in ("2023-03-06", "2023-03-07")]

    assert names([a_run(), back], told) == []
    assert names(moved, completed(told, back)) == ["fed_path"]


def trade(day="2023-03-01", *, target=0.173, held=0.2):
    points = 100 * (target - held)
    act = "trade" if abs(points) > 1e-9 else "hold"
    return a_run(
        day, recommendation__action=act, recommendation__target_weight=target, recommendation__held_weight=held,
        recommendation__trade_points=points,
    )  # fmt: skip


def test_a_trade_of_much_the_same_size_is_silent_and_a_larger_one_is_told():
    told = baseline(trade())

    assert names([trade("2023-03-02", target=0.168)], told) == []
    assert names([trade("2023-03-02", target=0.160)], told) == ["action"]


def test_a_trade_that_was_carried_out_is_no_news_to_who_did_it_but_the_next_one_is():
    told = baseline(trade())
    done = [trade(day, target=0.173, held=0.173) for day in ("2023-03-02", "2023-03-03", "2023-03-06")]

    assert names(done, told) == []
    assert names([*done, trade("2023-03-07", target=0.165, held=0.173)], told) == ["action"]


def test_a_trade_that_is_called_off_is_told_when_it_holds():
    told = baseline(trade())
    off = [trade(day, target=0.2, held=0.2) for day in ("2023-03-02", "2023-03-03")]

    assert names(off[:1], told) == []
    assert names(off, told) == ["action"]


def test_the_cause_is_what_happened_on_the_day_the_change_began():
    told = baseline(a_run())
    moved = {"HIKE": 0.6, "HOLD_AFTER_HIKE": 0.38, "EASE": 0.01, "HOLD_AFTER_EASE": 0.01}
    first = a_run("2023-03-02", regime__probabilities=moved, events=["the FOMC left the target at 4.75 %"])
    second = a_run("2023-03-03", regime__probabilities=moved, events=["payrolls of 2023-02: 311 thousand"])

    (change,) = confirmed([a_run(), first, second], told, {}, SETTINGS)
    message = compose("change", second, review_url="http://x", changes=(change,))

    assert change.cause == ("the FOMC left the target at 4.75 %",)
    assert message.change == "Chance of hiking: 80 % to 60 %.\nThat day: the FOMC left the target at 4.75 %."


def test_every_topic_says_where_it_stands():
    told = baseline(a_run())
    today = a_run(
        "2023-03-02", regime__phase="HOLD_AFTER_HIKE", data__status="DEGRADED", recommendation__stance="neutral"
    )

    found = topic_states([a_run(), today], told, {"phase": dt.date(2023, 3, 2)}, SETTINGS)

    assert {each.topic: each.state for each in found} == {
        "phase": "cooling", "stance": "recovering", "action": "confirmed",
        "probabilities": "confirmed", "fed_path": "confirmed", "data": "pending",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("weekday", "day", "due"),
    [
        ("fri", "2023-03-03", True),
        ("fri", "2023-03-02", False),
        ("fri", "2023-04-06", True),  # Good Friday is the day after
        ("mon", "2023-07-03", True),
        ("mon", "2023-09-05", True),  # Labor Day is the day before
        ("mon", "2023-09-06", False),
        ("tue", "2023-07-03", True),  # the Fourth of July is the Tuesday
        ("", "2023-03-03", False),
    ],
)
def test_the_weekly_digest_moves_off_a_holiday(weekday, day, due):
    assert is_digest_day(dt.date.fromisoformat(day), weekday) is due


def test_every_week_has_exactly_one_digest_day():
    sessions = sessions_between(dt.date(1995, 1, 2), dt.date(2035, 12, 28)).astype(dt.date).tolist()

    for weekday in ("mon", "wed", "fri"):
        weeks = [day.isocalendar()[:2] for day in sessions if is_digest_day(day, weekday)]
        assert len(weeks) == len(set(weeks)) == len({day.isocalendar()[:2] for day in sessions})


def test_a_topic_told_within_the_cool_down_waits():
    told = baseline(a_run())
    run = a_run("2023-03-02", regime__phase="HOLD_AFTER_HIKE")

    assert names([run], told, {"phase": dt.date(2023, 3, 2)}) == []
    assert names([run], told, {"phase": dt.date(2023, 3, 1)}) == ["phase"]


RUNGS = ["OK", "DEGRADED", "STALE", "HOLD"]


@pytest.mark.parametrize(("better", "worse"), [(RUNGS[n], RUNGS[n + 1]) for n in range(3)])
def test_each_rung_is_worse_than_the_one_before(better, worse):
    def state(before, now):
        states = topic_states(
            [a_run("2023-03-02", data__status=now)], baseline(a_run(data__status=before)), {}, SETTINGS
        )
        return next(state.state for state in states if state.topic == "data")

    assert state(worse, better) == "recovering"
    assert state(better, worse) == ("pending" if worse == "DEGRADED" else "due")


@pytest.mark.parametrize(
    ("before", "held", "announced"),
    [(0.20005, 0.2001, ["action"]), (0.20005, 0.1999505, ["action"]), (0.20005, 0.2002, []), (0.0, 0.0001, [])],
)
def test_a_trade_is_called_off_only_where_nobody_moved_the_weight_by_a_hundredth_of_a_point(before, held, announced):
    known = baseline(trade(held=before))

    assert names([trade("2023-03-02", target=held, held=held)] * 2, known) == announced


@pytest.mark.parametrize(("moved", "announced"), [(0.1499, []), (0.15, ["fed_path"])])
def test_the_path_is_repriced_from_the_basis_points_of_the_setting_on(moved, announced):
    known = baseline(a_run(fed_path=path(4.0, 5.0, 5.1)))
    runs = [a_run(day, fed_path=path(4.0 + moved, 5.0, 5.1)) for day in ("2023-03-02", "2023-03-03")]

    assert names(runs, known) == announced


def test_three_runs_are_enough_to_judge_every_topic():
    from captilt.alerts.rules import RUNS_NEEDED, TOPICS

    assert RUNS_NEEDED == 3
    assert max(max(topic.acts, topic.returns) for topic in TOPICS) < RUNS_NEEDED


@pytest.mark.parametrize(("chance", "announced"), [(0.15, ["probabilities"]), (0.1499, [])])
def test_probabilities_are_announced_from_the_setting_on(chance, announced):
    known = baseline(a_run(regime__probabilities={"HIKE": 0.0, "EASE": 0.85}))
    runs = [a_run(day, regime__probabilities={"HIKE": chance, "EASE": 0.85}) for day in ("2023-03-02", "2023-03-03")]

    assert SETTINGS.material_probability == 0.15
    assert names(runs, known) == announced


@pytest.mark.parametrize(("target", "announced"), [(0.16305, []), (0.16295, ["action"])])
def test_a_trade_is_another_one_from_the_points_of_the_setting_on(target, announced):
    assert SETTINGS.material_points == 1.0

    assert names([trade("2023-03-02", target=target)], baseline(trade())) == announced


def test_the_meeting_of_today_is_still_compared_and_earlier_ones_are_not():
    known = baseline(a_run(fed_path=path(4.80004, 5.0, 5.1)))
    assert known["fed_path"]["2023-03-22"] == 4.8

    after = completed(known, a_run("2023-05-03", fed_path=path(0.0, 0.0, 0.0)))["fed_path"]

    assert (after["2023-05-03"], after["2023-06-14"]) == (5.0, 5.1)
    assert after["2023-03-22"] == 0.0


def test_the_path_is_repriced_by_exactly_the_basis_points_of_the_setting():
    known = baseline(a_run(fed_path=path(4.0, 5.0, 5.1)))
    runs = [a_run(day, fed_path=path(4.25, 5.0, 5.1)) for day in ("2023-03-02", "2023-03-03")]

    changes = confirmed(runs, known, {}, Alerts(material_path_bp=25.0))

    assert [change.topic for change in changes] == ["fed_path"]


def test_a_trade_is_another_one_by_exactly_the_points_of_the_setting():
    known = baseline(trade(target=0.125))

    changes = confirmed([trade("2023-03-02", target=0.25)], known, {}, Alerts(material_points=12.5))

    assert [change.topic for change in changes] == ["action"]


def test_a_phase_that_no_message_named_is_compared_with_no_chance_at_all():
    known = baseline(a_run(regime__probabilities={"HIKE": 0.9}))
    runs = [a_run(day, regime__probabilities={"HIKE": 0.8, "EASE": 0.1}) for day in ("2023-03-02", "2023-03-03")]

    assert names(runs, known) == []


def test_probabilities_are_remembered_to_a_hundredth_of_a_percent():
    known = baseline(a_run(regime__probabilities={"HIKE": 0.123456, "EASE": 0.876544}))

    assert known["probabilities"] == {"HIKE": 0.1235, "EASE": 0.8765}


@pytest.mark.parametrize(("day", "announced"), [("2023-03-02", ["stance"]), ("2023-03-03", [])])
def test_a_stance_back_to_neutral_rests_three_weeks_after_the_one_before(day, announced):
    known = baseline(a_run())
    runs = [a_run(run, recommendation__stance="neutral") for run in ("2023-03-22", "2023-03-23")]

    assert names(runs, known, {"stance": dt.date.fromisoformat(day)}) == announced


def test_a_topic_that_stands_as_announced_counts_no_runs():
    states = topic_states([a_run(), a_run("2023-03-02")], baseline(a_run()), {}, SETTINGS)

    assert {(state.state, state.change, state.runs, state.needed) for state in states} == {("confirmed", None, 0, 0)}
