"""What was said meets what happened: scores by hand, and nothing judged before its time."""

import datetime as dt
import math

import numpy as np
import pytest

from allocator.outcomes import Advised, Decided, Outcome, due, monthly_report, paper_portfolios, scoreboard, scored
from allocator.outcomes.scores import distribution_score
from allocator.settings import Judgement
from signals.asof import AsOf, History
from signals.calendars import NEW_YORK, cut, sessions, target_changes
from signals.series.known_at import decision_instants
from tests.e2e.sample_run import a_run

START, END = dt.date(2021, 1, 4), dt.date(2023, 12, 29)
DAILY = {"yahoo:IWM:close": 1.001, "yahoo:SPY:close": 1.0005}  # growth per session


def prices(growth):
    days = sessions()[(sessions() >= np.datetime64(START)) & (sessions() <= np.datetime64(END))]
    return History.of(days, days.astype("datetime64[us]") + np.timedelta64(21, "h"), growth ** np.arange(days.size))


def decisions():
    days = np.array([dt.date(1982, 9, 27), *(day for day, _ in target_changes())], dtype="datetime64[D]")
    return History.of(days, decision_instants(days), [10.25, *(target for _, target in target_changes())])


WORLD = {name: prices(growth) for name, growth in DAILY.items()} | {"fomc:target": decisions()}


def view(day):
    return AsOf(cut(day), WORLD)


def run(day, **recommendation):
    return a_run(day, recommendation=recommendation)


def by_kind(outcomes):
    return {each.kind: each for each in outcomes}


def test_scores_are_those_of_the_definition():
    given, log_score, brier, top = distribution_score({"up": 0.2, "none": 0.7, "down": 0.1}, "up")

    assert (given, top) == (0.2, "none")
    assert log_score == pytest.approx(-math.log(0.2))
    assert brier == pytest.approx(0.8**2 + 0.7**2 + 0.1**2)


def test_the_impossible_that_happens_costs_a_finite_score():
    given, log_score, brier, _ = distribution_score({"none": 1.0}, "up")

    assert given == 0
    assert log_score == pytest.approx(-math.log(1e-3))
    assert brier == pytest.approx(2)


def test_nothing_is_judged_before_its_horizon_has_passed():
    day = dt.date(2022, 1, 31)
    said = [run(day)]
    month_end = sessions()[np.searchsorted(sessions(), np.datetime64(day), side="right") + 21].astype(dt.date)

    before = by_kind(scored(said, view(month_end - dt.timedelta(days=1))))
    after = by_kind(scored(said, view(month_end)))

    assert "direction_1m" not in before
    assert after["direction_1m"].ended == month_end
    assert "outperform_12m" not in after
    assert "outperform_12m" in by_kind(scored(said, view(dt.date(2023, 6, 30))))


def test_a_return_runs_from_the_close_after_the_run():
    day = dt.date(2022, 1, 31)

    found = by_kind(scored([run(day, forecast_annual_percent=1.0, probability_outperform=0.6)], view(END)))

    gap = 100 * (DAILY["yahoo:IWM:close"] ** 21 - DAILY["yahoo:SPY:close"] ** 21)
    assert found["direction_1m"].happened == f"small {gap:+.1f} % against large"
    assert found["direction_1m"].hit
    assert found["outperform_12m"].log_score == pytest.approx(-math.log(0.6))
    assert found["outperform_12m"].brier == pytest.approx(2 * 0.4**2)


def test_a_wrong_direction_is_no_hit():
    found = by_kind(
        scored([run(dt.date(2022, 1, 31), forecast_annual_percent=-1.0, probability_outperform=0.4)], view(END))
    )

    assert not found["direction_1m"].hit
    assert not found["outperform_12m"].hit


def test_the_next_meeting_is_scored_against_the_decision():
    found = by_kind(scored([run(dt.date(2022, 5, 2))], view(dt.date(2022, 5, 10))))

    assert found["meeting"].happened == "up"  # 2022-05-04, to 1.00
    assert found["meeting"].ended == dt.date(2022, 5, 4)
    assert found["meeting"].probability == 0.01


def test_the_range_that_futures_priced_is_scored_by_its_upper_bound():
    said = run(dt.date(2023, 12, 29))
    said["as_of"], said["fed_path"]["meetings"][0]["date"] = "2023-12-12", "2023-12-13"

    found = by_kind(scored([said], view(dt.date(2023, 12, 14))))

    assert found["path"].happened == "550 bp"
    assert found["path"].probability == pytest.approx(0.87)


def test_a_phase_is_scored_only_when_its_label_can_no_longer_change():
    said = [run(dt.date(2022, 3, 31))]  # in the hikes that began on 2022-03-16

    young, old = by_kind(scored(said, view(dt.date(2022, 4, 29)))), by_kind(scored(said, view(dt.date(2022, 12, 30))))

    assert "phase" not in young or young["phase"].happened == old["phase"].happened
    assert old["phase"].happened == "HIKE"
    assert old["phase_3m"].happened == "HIKE"
    assert old["phase"].probability == 0.06
    assert not old["phase"].hit


def test_what_stands_in_the_book_is_not_scored_again():
    said = [run(dt.date(2022, 1, 31)), run(dt.date(2022, 2, 28))]
    first = due(said, [], view(END))

    kept = [each.payload() for each in first]

    assert first
    assert due(said, kept, view(END)) == ()
    assert due(said, kept[1:], view(END)) == first[:1]


def test_an_outcome_survives_the_book():
    import json

    for each in scored([run(dt.date(2022, 1, 31))], view(END)):
        assert Outcome.of(json.loads(json.dumps(each.payload()))) == each


def test_runs_after_the_moment_are_left_out():
    assert scored([run(dt.date(2023, 6, 1))], view(dt.date(2023, 5, 31))) == ()


def test_the_board_averages_and_says_what_knowing_nothing_scores():
    found = scored([run(dt.date(2022, 1, 31)), run(dt.date(2022, 2, 28))], view(END))

    lines = {line.kind: line for line in scoreboard(found)}

    assert lines["outperform_12m"].n == 2
    assert lines["outperform_12m"].know_nothing == pytest.approx(math.log(2))
    assert lines["outperform_12m"].log_score == pytest.approx(-math.log(0.44))
    assert lines["direction_1m"].log_score is None
    assert 0 <= lines["direction_1m"].hit_rate <= 1


MONTH_ENDS = [dt.date(2022, 1, 31), dt.date(2022, 2, 28), dt.date(2022, 3, 31), dt.date(2022, 4, 29)]


def path(*points):
    return [
        run(day, active_weight_points=each, target_weight=0.2 + each / 100, held_weight=0.2)
        for day, each in zip(MONTH_ENDS, points, strict=True)
    ]


def decided(day, weight, verdict="accept", hour=19):
    return Decided(dt.datetime(day.year, day.month, day.day, hour, tzinfo=NEW_YORK), verdict, weight)


def advised(runs):
    return [Advised.of(each["recommendation"], dt.date.fromisoformat(each["as_of"])) for each in runs]


def runners(runs, answers):
    return {each.name: each for each in paper_portfolios(advised(runs), answers, view(END), Judgement()).runners}


def test_the_engine_earns_its_weight_on_the_difference_less_cost():
    engine = runners(path(10.0, 10.0, -5.0, 0.0), [])["engine"]

    closes = np.searchsorted(sessions(), np.array(MONTH_ENDS, "datetime64[D]"), side="right")
    length = np.diff(closes)
    gap = 100 * (DAILY["yahoo:IWM:close"] ** length - DAILY["yahoo:SPY:close"] ** length)
    paid = np.array([10.0, 0.0, 15.0]) / 100 * 0.20
    assert engine.net[:3] == pytest.approx(np.array([10, 10, -5]) / 100 * gap - paid)
    assert np.isnan(engine.net[3])


def test_a_person_who_accepts_everything_is_the_engine():
    runs = path(10.0, 8.0, -5.0, 0.0)
    answers = [
        decided(day, each["recommendation"]["target_weight"]) for day, each in zip(MONTH_ENDS, runs, strict=True)
    ]

    found = runners(runs, answers)

    assert found["person"].points == pytest.approx(found["engine"].points)
    assert found["person"].total_percent == pytest.approx(found["engine"].total_percent)


def test_a_person_who_declines_stays_where_they_were():
    found = runners(path(10.0, 8.0, -5.0, 0.0), [decided(day, None, "reject") for day in MONTH_ENDS])

    assert (found["person"].points == 0).all()
    assert found["neutral"].total_percent == found["person"].total_percent == 0


def test_a_person_who_takes_an_answer_back_never_held_it():
    answers = [
        Decided(dt.datetime(2022, 2, 1, 9, minute, tzinfo=NEW_YORK), verdict, weight, advice=7)
        for minute, verdict, weight in ((0, "modify", 0.002), (5, "defer", 0.2))
    ]

    found = runners(path(10.0, 8.0, -5.0, 0.0), answers)

    assert (found["person"].points == 0).all()


def test_an_answer_after_the_next_close_counts_from_the_close_after():
    runs = path(10.0, 10.0, 10.0, 10.0)
    late = decided(dt.date(2022, 2, 1), 0.25, "modify", hour=17)

    found = runners(runs, [late])

    assert found["person"].points == pytest.approx([0, 5, 5, 5])


def test_the_monthly_report_shows_what_was_advised_what_matured_and_the_race():
    runs = path(10.0, 8.0, -5.0, 0.0)
    outcomes = scored(runs, view(END))
    run_race = paper_portfolios(advised(runs), [], view(END), Judgement())

    report = monthly_report(np.datetime64("2022-03", "M"), runs, outcomes, run_race)

    assert report["advised"][0]["active_weight_points"] == -5.0
    assert all(each["ended"].startswith("2022-03") for each in report["matured"])
    assert report["matured"]
    assert {row["name"] for row in report["race"]} == {"engine", "person", "neutral"}
    engine = next(row for row in report["race"] if row["name"] == "engine")
    assert engine["month_percent"] == pytest.approx(run_race.runners[0].net[2])
    assert engine["since_start_percent"] == pytest.approx(float(np.nansum(run_race.runners[0].net[:3])))
    assert engine["ir"] is None
