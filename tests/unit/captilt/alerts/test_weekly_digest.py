"""The weekly digest says what happened, then and now, what it earned, what waits, and what comes."""

import datetime as dt
from types import SimpleNamespace

from captilt.alerts.rules import baseline, topic_states
from captilt.alerts.weekly import unanswered, week_sentences
from captilt.config.settings import Settings
from tests.support.payloads import run

OLD = {"prices": {"IWM": 200.0, "SPY": 400.0}, "recommendation__held_weight": 0.15}
NEW = {"prices": {"IWM": 204.0, "SPY": 404.0}, "events": ["FOMC: target raised by 75 bp"]}


def test_a_week_with_a_hike_is_told_with_what_the_position_earned():
    then = run("2023-03-01", **OLD, recommendation__view_points=-2.0)
    now = run("2023-03-03", **NEW, recommendation__view_points=-3.5)

    text = " ".join(week_sentences([then, now], ()))

    assert "target raised by 75 bp" in text
    assert "underweight (−2.0); now: underweight (−3.5)" in text
    assert "Small less large +1.0 %: the −5.0 points held cost 5.0 bp" in text
    assert "No decision and no release this week." in week_sentences([then], ())
    assert not any(line.startswith("View") for line in week_sentences([then], ()))


def test_six_events_are_listed_and_more_are_counted():
    def first_line(count):
        return week_sentences([run("2023-03-03", events=[f"event {n}" for n in range(count)])], ())[0]

    assert first_line(6).endswith("event 5.")
    assert first_line(8).endswith("event 5 and 2 more.")


def test_a_week_without_a_move_costs_nothing():
    then = run("2023-03-01", **OLD)

    assert "held earned 0.0 bp" in " ".join(week_sentences([then, run("2023-03-03", prices=OLD["prices"])], ()))


def test_an_unanswered_trade_is_named_from_its_first_day_and_an_answer_ends_it():
    runs = [run(f"2023-03-0{day}") for day in (1, 2, 3)]
    answer = SimpleNamespace(day=dt.date(2023, 3, 2))

    assert unanswered(runs, ()).startswith("Unanswered since 1 Mar 2023: Sell 2.7 points of IWM")
    assert unanswered(runs, (answer,)).startswith("Unanswered since 3 Mar 2023")
    assert unanswered([*runs, run("2023-03-06", recommendation__action="hold")], ()) == ""


def test_a_stance_that_crosses_a_threshold_back_and_forth_is_told_once():
    settings = Settings().alerts
    known = baseline(run("2023-03-01", recommendation__stance="underweight"))

    def state(day, stance):
        runs = [run(one, recommendation__stance=stance) for one in ("2023-03-08", day)]
        states = topic_states(runs, known, {"stance": dt.date(2023, 3, 1)}, settings)
        return next(one.state for one in states if one.topic == "stance")

    assert state("2023-03-09", "neutral") == "cooling"
    assert state("2023-03-09", "underweight") == "confirmed"
    assert state("2023-03-09", "overweight") == "due"
    assert state("2023-03-21", "neutral") == "cooling"
    assert state("2023-03-22", "neutral") == "due"


def test_unanswered_advice_is_reminded_once(tmp_path):
    from allocator.ledger.ledger import Ledger
    from captilt.alerts.weekly import week_lines
    from captilt.contract.run import read_run
    from signals.calendars import cut
    from tests.support.payloads import payload

    with_trade = [dt.date(2023, 3, day) for day in (1, 2, 3, 6, 7, 8, 9, 10)]
    ledger = Ledger.open(tmp_path / "ledger.db")
    reminders = []
    for day in with_trade:
        ledger.append("run", day, payload(day.isoformat()), at=cut(day) + dt.timedelta(minutes=5))
        if day.weekday() == 4:
            reminders.append(
                any("Unanswered" in line for line in week_lines(ledger, read_run(payload(day.isoformat()))))
            )
    ledger.close()

    assert reminders == [True, False]


def test_the_week_begins_seven_days_before_and_counts_its_last_day_once(tmp_path):
    from allocator.ledger.ledger import Ledger
    from captilt.alerts.weekly import week_lines
    from captilt.contract.run import read_run
    from signals.calendars import cut
    from tests.support.payloads import payload

    ledger, friday = Ledger.open(tmp_path / "ledger.db"), read_run(payload("2023-03-10"))
    first_lines = []
    for day in (dt.date(2023, 3, 2), dt.date(2023, 3, 3), dt.date(2023, 3, 10)):
        ledger.append("run", day, payload(day.isoformat()), at=cut(day) + dt.timedelta(minutes=5))
        first_lines += [line.split(":")[0] for line in week_lines(ledger, friday) if line.startswith("View")]
    alone = week_lines(ledger, read_run(payload("2023-03-02")))
    ledger.close()

    assert first_lines == ["View 3 Mar 2023", "View 3 Mar 2023"]
    assert not any(line.startswith("View") for line in alone)


def test_the_events_are_those_of_five_sessions_and_the_dates_are_the_next_ones():
    runs = [run(f"2023-03-{day:02d}", events=[f"event of {day}"]) for day in (2, 3, 6, 7, 8, 9)]

    lines = week_sentences(runs, ())

    assert "event of 3;" in lines[0]
    assert "event of 2" not in lines[0]
    assert not any(line.startswith("Next:") for line in lines)
    dates = [
        {"date": f"2023-03-{day}", "event": f"meeting {day}", "by": day == 15, "effect": ""} for day in range(14, 18)
    ]
    last = week_sentences([run("2023-03-09", calendar=dates)], ())[-1]
    assert last == "Next: 14 Mar 2023 meeting 14; by 15 Mar 2023 meeting 15; 16 Mar 2023 meeting 16."
