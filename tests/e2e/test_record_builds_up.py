"""The desk lives through the past: its record builds up as it would have, and agrees with the back-test."""

import datetime as dt

import numpy as np
import pytest

from allocator.backtest import walk_forward
from allocator.outcomes import Outcome, scored
from captilt.config import settings as config
from captilt.context import Desk
from captilt.review.decisions import Answer, current, decide
from captilt.run import daily, track_record
from signals.calendars import cut, day_of, month_end_sessions

ROUNDED = 1e-6  # the book keeps ten digits
STUDIED = dt.date(2023, 12, 29)


def live_through(fill_home, home, first, last):
    """Every month-end: run (which records what can be judged by now) and accept the advice."""
    fill_home(home)
    now = {"at": cut(first)}
    desk = Desk(config.Settings(), home, clock=lambda: now["at"])
    days = month_end_sessions(first, last)
    for day in days:
        now["at"] = cut(day) + dt.timedelta(minutes=20)
        daily.run(desk, offline=True)
        now["at"] = cut(day) + dt.timedelta(minutes=60)
        advice = current(desk.ledger, now["at"], desk.settings.review.valid_days)
        decide(desk, Answer("accept", advice.code, "a person"))
    return desk, days


def agrees(desk, days):
    view, settings = desk.store.as_of(cut(STUDIED)), desk.settings
    afterwards = cut(STUDIED) + dt.timedelta(hours=2)  # the run of the last day records its outcomes after the cut
    recorded, run_race = track_record.recorded_outcomes(desk.ledger, view, settings.judgement, afterwards)
    engine, person, neutral = run_race.runners

    tested = walk_forward.walk(view, settings.judgement, settings.regime, days=days)
    size = min(tested.points.size, engine.points.size)  # a decision of the very last day cannot be traded yet
    assert size >= len(days) - 1
    assert engine.points[:size] == pytest.approx(tested.points[:size], abs=ROUNDED)
    judged = tested.net(settings.judgement.tilt.cost_bp)[: size - 1]
    assert np.isfinite(judged[:-1]).all()  # the month after the last decision but one may not have ended
    assert engine.net[: size - 1] == pytest.approx(judged, abs=ROUNDED, nan_ok=True)
    assert person.net[:-1] == pytest.approx(engine.net[:-1], abs=ROUNDED, nan_ok=True)
    assert (neutral.points == 0).all()

    runs = [entry.payload for entry in desk.ledger.entries("run")]
    now = scored(runs, desk.store.as_of(cut(days[-1])))
    assert {(each.day, each.kind) for each in recorded} == {(each.day, each.kind) for each in now}
    assert {(each.day, each.kind): each.log_score for each in recorded} == {
        (each.day, each.kind): each.log_score for each in now
    }
    for entry in desk.ledger.entries("outcome"):
        assert Outcome.of(entry.payload).ended <= day_of(entry.recorded_at)
    assert desk.ledger.verify() is None


def test_five_months_of_the_desk_agree_with_the_back_test(fill_home, tmp_path):
    desk, days = live_through(fill_home, tmp_path, dt.date(2008, 8, 1), dt.date(2008, 12, 31))

    agrees(desk, days)

    report = track_record.month(
        desk.ledger,
        desk.store.as_of(cut(days[-1])),
        desk.settings.judgement,
        first_day=dt.date(2008, 12, 1),
        until=cut(STUDIED),
    )
    assert report["advised"][0]["day"] == "2008-12-31"
    assert report["matured"]
    track = track_record.track_record(
        desk.ledger, desk.store.as_of(cut(days[-1])), desk.settings.judgement, cut(days[-1])
    )
    assert track.runs == len(days) - 1  # the last run was recorded after its own cut
    assert {row.name for row in track.race} == {"engine", "person", "neutral"}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_desk_lives_from_2000_to_2023_as_the_back_test_says(fill_home, tmp_path):
    desk, days = live_through(fill_home, tmp_path, dt.date(2000, 1, 1), STUDIED)

    assert len(days) == 288
    agrees(desk, days)
    view = desk.store.as_of(cut(STUDIED))
    track = track_record.track_record(desk.ledger, view, desk.settings.judgement, cut(STUDIED))
    assert track.race[0].ir is not None
