"""A decision: bound to what was shown, refused when stale, kept for ever."""

import datetime as dt
from dataclasses import replace

import pytest

from captilt.contract.run import read_run
from captilt.review.decisions import (
    SHORTEST_CODE,
    AmbiguousWeight,
    Answer,
    ExpiredAdvice,
    NeedsConfirmation,
    StaleAdvice,
    advice_json,
    content_hash,
    current,
    decide,
    find_advice,
    in_words,
    of_day,
    questions,
    read_weight,
    study_advice,
)
from captilt.review.run_changes import changes, label
from signals.calendars import cut
from signals.errors import UsageError
from tests.e2e.review.conftest import desk_at, record
from tests.e2e.sample_run import DAY, a_run

BEFORE = dt.date(2023, 12, 28)


@pytest.fixture
def desk(tmp_path):
    made = desk_at(tmp_path, cut(DAY))
    record(made, BEFORE)
    record(made, DAY)
    return made


def shown(desk):
    return current(desk.ledger, desk.clock(), 5)


def test_a_rerun_that_says_the_same_has_the_same_code():
    run = a_run()

    again = {**run, "run_id": "other", "recorded_at": "2024-01-01T00:00:00+00:00", "timings": {"judge": 9.9}}

    assert content_hash(again) == content_hash(run)


@pytest.mark.parametrize("section", [name for name in a_run() if name != "run_id"])
def test_any_changed_number_has_another_code(section):
    run = a_run()

    assert content_hash({**run, section: "changed"}) != content_hash(run)


@pytest.mark.parametrize(
    ("verdict", "weight", "kept"),
    [("accept", None, "advised"), ("modify", 0.17, 0.17), ("reject", None, None), ("defer", None, None)],
)
def test_an_answer_is_written_and_only_accept_and_modify_change_what_is_held(desk, verdict, weight, kept):
    advice = shown(desk)

    entry = decide(desk, Answer(verdict, advice.code, "Ana", "why", weight))

    expected = advice.run.recommendation.target_weight if kept == "advised" else kept
    assert entry.kind == "decision"
    assert entry.day == DAY
    assert entry.payload["content_hash"] == advice.content_hash == content_hash(desk.ledger.run_of(advice.day).payload)
    assert entry.payload["advice"] == advice.seq
    assert desk.ledger.held_weight(desk.clock()) == expected
    in_payload = advice.run.recommendation.held_weight if expected is None else expected
    assert entry.payload["target_weight"] == in_payload


def test_a_step_beyond_the_largest_is_asked_about(desk):
    with pytest.raises(NeedsConfirmation, match=r"28 % moves 8\.0 points from the 20\.0 % held; the largest step is 5"):
        decide(desk, Answer("modify", shown(desk).code, "Ana", target_weight=0.28))
    assert desk.ledger.decisions() == []


def test_an_answer_after_a_deferral_replaces_nobody(desk):
    decide(desk, Answer("defer", shown(desk).code, "Ana"))

    assert decide(desk, Answer("accept", shown(desk).code, "Ben")).payload["verdict"] == "accept"


def test_older_advice_cannot_be_answered(desk):
    old = content_hash(desk.ledger.run_of(BEFORE).payload)

    with pytest.raises(StaleAdvice, match="is not the newest"):
        decide(desk, Answer("accept", old[:12], "Ana"))
    assert desk.ledger.decisions() == []


def test_an_answer_that_did_not_see_the_last_one_is_refused(desk):
    advice = shown(desk)
    decide(desk, Answer("reject", advice.code, "Ben", seen_decision=0))

    with pytest.raises(StaleAdvice, match="Ben answered reject meanwhile"):
        decide(desk, Answer("accept", advice.code, "Ana", seen_decision=0))
    entry = decide(desk, Answer("accept", advice.code, "Ana", seen_decision=shown(desk).last_decision, confirmed=True))

    assert entry.payload["replaces"] == entry.seq - 1
    assert [one.payload["verdict"] for one in desk.ledger.decisions()] == ["reject", "accept"]


@pytest.mark.parametrize(("days", "left"), [(0, 5), (3, 5), (4, 4), (10, 0), (11, 0)])
def test_advice_expires_after_the_sessions_of_the_setting(desk, days, left):
    desk.clock.moment += dt.timedelta(days=days)  # 2023-12-29 is a Friday; 2024-01-01 a holiday

    assert shown(desk).sessions_left == left
    if left == 0:
        with pytest.raises(ExpiredAdvice):
            decide(desk, Answer("accept", shown(desk).code, "Ana"))


def test_a_clock_that_runs_behind_writes_nothing(desk):
    advice = shown(desk)
    desk.clock.moment -= dt.timedelta(hours=1)

    with pytest.raises(Exception, match="clock"):
        decide(desk, Answer("accept", advice.code, "Ana"))
    assert desk.ledger.decisions() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "approve"},
        {"who": "  "},
        {"who": "x" * 81},
        {"note": "x" * 4001},
        {"verdict": "modify"},
        {"target_weight": 0.2},
        {"verdict": "modify", "target_weight": 1.01},
        {"verdict": "modify", "target_weight": float("nan")},
    ],
)
def test_an_answer_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(UsageError):
        Answer(**{"verdict": "accept", "code": "0" * 12, "who": "Ana", **wrong})


def test_an_empty_book_has_nothing_to_decide(tmp_path):
    desk = desk_at(tmp_path, cut(DAY))

    assert shown(desk) is None
    with pytest.raises(StaleAdvice, match="no advice is recorded"):
        decide(desk, Answer("accept", "0" * 12, "Ana"))


def test_changes_sum_to_the_total_and_name_what_moved():
    before = read_run(a_run(BEFORE))
    now = read_run(a_run(DAY, regime={"phase": "EASE"}, data={"status": "DEGRADED"}))
    moved = tuple(replace(one, score=one.score and one.score + 1) for one in now.signals)

    found = changes(before, replace(now, signals=moved), anchor="review")

    assert sum(shift.points for shift in found.shifts) == pytest.approx(found.total, abs=1e-12)
    assert sum(shift.points for shift in found.moved) == pytest.approx(found.total, abs=1e-12)
    said = " ".join(found.reasons)
    assert "from on hold after hikes to easing" in said
    assert "Credit level went from" in said
    assert "Data went from OK to DEGRADED" in said
    assert "Adviser strength" not in said  # it adds no points


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("credit_level", "Credit level"),
        ("P(HOLD_AFTER_HIKE)", "Chance of a hold after hikes"),
        ("ipo_window", "IPO window"),
        ("HIKE", "Hiking"),
        ("band", "Band"),
    ],
)
def test_names_of_the_code_become_words(name, said):
    assert label(name) == said


def test_both_readings_of_an_ambiguous_weight_are_offered():
    with pytest.raises(AmbiguousWeight, match=r"can be 0\.19 % or 19 %") as asked:
        read_weight("0.19")

    assert asked.value.remedy == "Write 19 or 0.19%."


@pytest.mark.parametrize("word", ["0.19", "0,19", "1", ".5", "0.2"])
def test_a_weight_of_one_or_less_is_asked_about(word):
    with pytest.raises(AmbiguousWeight, match=r"can be .* %") as asked:
        read_weight(word)

    assert read_weight(asked.value.remedy.split(" or ")[1].rstrip(".")) == pytest.approx(
        float(word.replace(",", ".")) / 100
    )


@pytest.mark.parametrize(
    ("word", "weight"),
    [("19", 0.19), ("17,5", 0.175), ("0.5%", 0.005), ("0.5 %", 0.005), ("0", 0.0), ("1.5", 0.015), ("100", 1.0)],
)
def test_a_weight_is_read_in_percent(word, weight):
    assert read_weight(word) == pytest.approx(weight)


@pytest.mark.parametrize("word", ["", "x", "nan", "inf", "19 points"])
def test_what_is_no_weight_is_refused(word):
    with pytest.raises(UsageError, match="is not a weight"):
        read_weight(word)


def test_a_weight_beyond_the_limits_is_written_only_when_confirmed(desk):
    advice = shown(desk)
    slip = Answer("modify", advice.code, "Ana", target_weight=0.002)

    with pytest.raises(NeedsConfirmation, match="points from policy") as asked:
        decide(desk, slip)
    assert len(asked.value.questions) >= 2  # the tilt and the step
    assert desk.ledger.decisions() == []

    decide(desk, Answer("modify", advice.code, "Ana", target_weight=0.002, confirmed=True))
    assert desk.ledger.held_weight(desk.clock()) == 0.002


def test_a_colleague_is_named_before_being_replaced(desk):
    advice = shown(desk)
    weight = advice.run.recommendation.held_weight
    first = decide(desk, Answer("modify", advice.code, "Ana", target_weight=weight))

    with pytest.raises(NeedsConfirmation, match=f"This replaces Ana's {100 * weight:.1f} % of "):
        decide(desk, Answer("reject", advice.code, "Ben"))
    assert in_words(first).startswith("Ana's ")
    assert len(desk.ledger.decisions()) == 1


@pytest.mark.parametrize("verdict", ["reject", "defer"])
def test_a_superseding_entry_puts_the_weight_from_before_back(desk, verdict):
    advice = shown(desk)
    decide(desk, Answer("modify", advice.code, "Ana", target_weight=0.002, confirmed=True))

    decide(desk, Answer(verdict, advice.code, "Ana", confirmed=True))

    assert desk.ledger.held_weight(desk.clock()) is None
    assert [entry.payload["verdict"] for entry in desk.ledger.decisions()] == ["modify", verdict]


def test_any_recorded_advice_is_found_by_its_code(desk):
    old = content_hash(desk.ledger.run_of(BEFORE).payload)

    assert find_advice(desk.ledger, old[:12], desk.clock(), 5).day == BEFORE
    with pytest.raises(UsageError, match="no recorded advice has the code"):
        find_advice(desk.ledger, "0" * 12, desk.clock(), 5)
    with pytest.raises(UsageError, match="too short"):
        find_advice(desk.ledger, old[:4], desk.clock(), 5)


def test_a_code_of_eight_digits_is_enough_and_one_of_seven_is_not(desk):
    code = shown(desk).code

    assert find_advice(desk.ledger, code[:SHORTEST_CODE], desk.clock(), 5).day == DAY
    with pytest.raises(UsageError, match="too short"):
        find_advice(desk.ledger, code[:7], desk.clock(), 5)
    with pytest.raises(StaleAdvice):
        decide(desk, Answer("defer", code[:7], "Ana"))
    assert SHORTEST_CODE == 8
    assert decide(desk, Answer("defer", code[:8], "Ana")).payload["code"] == code


@pytest.mark.parametrize(("points", "weight", "way"), [(-2.7, 0.21, "sell"), (2.7, 0.19, "buy"), (0.5, 0.19, "buy")])
def test_a_weight_on_the_other_side_of_the_advice_is_asked_about(desk, points, weight, way):
    advice = shown(desk)
    recommendation = replace(advice.run.recommendation, held_weight=0.2, policy_weight=0.2, trade_points=points)
    advice = replace(advice, run=replace(advice.run, recommendation=recommendation))

    def asked(target):
        return questions(advice, Answer("modify", advice.code, "Ana", target_weight=target), desk.settings.tilt)

    assert asked(weight) == (f"The advice is to {way}; {100 * weight:g} % goes the other way.",)
    assert asked(0.2) == asked(0.4 - weight) == ()


def test_the_largest_tilt_and_the_largest_step_are_ordinary_answers(desk):
    advice, limits = shown(desk), desk.settings.tilt
    recommendation = replace(advice.run.recommendation, policy_weight=0.2, trade_points=0.0)

    def asked(weight, held):
        run = replace(advice.run, recommendation=replace(recommendation, held_weight=held))
        answer = Answer("modify", advice.code, "Ana", target_weight=weight)
        return len(questions(replace(advice, run=run), answer, limits))

    assert (limits.max_active_points, limits.max_step_points) == (15.0, 5.0)
    assert (asked(0.35, 0.35), asked(0.3501, 0.35)) == (0, 1)
    assert (asked(0.2, 0.15), asked(0.2, 0.1499)) == (0, 1)


def test_the_longest_note_is_kept_whole(desk):
    note = "n" * 4000

    assert decide(desk, Answer("defer", shown(desk).code, "Ana", note)).payload["note"] == note


@pytest.mark.parametrize("verdict", ["accept", "reject", "defer"])
def test_advice_is_settled_by_any_answer_but_a_deferral(desk, verdict):
    assert not shown(desk).settled

    decide(desk, Answer(verdict, shown(desk).code, "Ana"))

    assert shown(desk).settled is (verdict != "defer")


def test_a_study_has_no_number_in_the_ledger(desk):
    advice = shown(desk)

    assert advice_json(advice)["advice"] == advice.seq > 0
    assert advice_json(study_advice(advice.run))["advice"] is None
    assert study_advice(advice.run).sessions_left == 0, "a study is never open to a decision"


def test_advice_that_carries_its_hash_is_found_by_it_on_an_earlier_day_too(tmp_path):
    desk = desk_at(tmp_path, cut(DAY))
    for day in (BEFORE, DAY):
        desk.ledger.append("run", day, a_run(day), at=cut(day))
        desk.ledger.append("advice", day, {"content_hash": content_hash(a_run(day))}, at=cut(day))

    for day in (BEFORE, DAY):
        assert find_advice(desk.ledger, content_hash(a_run(day))[:12], desk.clock(), 5).day == day


def test_the_advice_of_any_day_is_found_by_the_day(desk):
    assert of_day(desk.ledger, BEFORE, desk.clock(), 5).code == content_hash(desk.ledger.run_of(BEFORE).payload)[:12]
    assert of_day(desk.ledger, dt.date(2023, 12, 27), desk.clock(), 5) is None


def test_an_impossible_weight_is_named_in_percent():
    with pytest.raises(UsageError, match=r"a weight of 125 % is not possible"):
        Answer("modify", "0" * 12, "Ana", target_weight=1.25)


def test_a_decision_in_words_names_its_day_only_where_it_came_later(desk):
    entry = decide(desk, Answer("reject", shown(desk).code, "Ana"))
    later = replace(entry, recorded_at=entry.recorded_at + dt.timedelta(days=1))

    assert in_words(entry) == "Ana's rejection of 18:10"
    assert in_words(later) == "Ana's rejection of 2023-12-30 18:10"


def test_of_days_with_the_same_code_the_newest_is_found(tmp_path):
    desk = desk_at(tmp_path, cut(DAY))
    for day in (BEFORE, DAY):
        desk.ledger.append("run", day, a_run(DAY), at=cut(day))

    assert find_advice(desk.ledger, content_hash(a_run(DAY))[:12], desk.clock(), 5).day == DAY
