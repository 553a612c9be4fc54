"""Every real day of 1990 to 2023: no crash, no wrong sum, and the same answer alone or among all."""

import datetime as dt
import math

import numpy as np
import pytest

from captilt.contract.fedpath import fed_path_answer
from signals.calendars import cut, sessions_between
from signals.fedpath.features import moves_at
from signals.fedpath.history import path_table
from signals.fedpath.path import fed_path
from signals.fedpath.summary import fed_report
from signals.fedpath.surprise import surprises
from signals.new_york import instant

FIRST, LAST = dt.date(1990, 1, 2), dt.date(2023, 12, 29)
ANNOUNCED = dt.date(1994, 1, 3)
pytestmark = pytest.mark.real_data


def check(view, day):
    """The path of `day` sums to one meeting by meeting, or is refused with a reason."""
    path = fed_path(view.at(cut(day)))
    for meeting in path.meetings:
        if meeting.status == "ok":
            assert abs(math.fsum(b.probability for b in meeting.probabilities) - 1) <= 1e-12, day
            assert all(b.probability > 0 for b in meeting.probabilities), day
        else:
            assert meeting.reason, day
    if day < ANNOUNCED:
        assert path.status == "refused"
        assert "no meeting calendar before 1994" in path.reason
    return path


@pytest.fixture(scope="module")
def view(store):
    return store.as_of(cut(LAST))


def test_a_spread_of_days_sums_to_one_or_says_why_not(view):
    days = sessions_between(FIRST, LAST)[::61].tolist()

    answered = [day for day in days if check(view, day).status == "ok"]

    later = [day for day in days if ANNOUNCED <= day <= dt.date(2023, 9, 15)]
    assert len(answered) > 0.95 * len(later)


@pytest.mark.slow
def test_every_day_sums_to_one_or_says_why_not(view):
    days = sessions_between(FIRST, LAST)

    answered = sum(check(view, day).status == "ok" for day in days.tolist())

    assert days.size == 8565
    assert answered > 7300


def test_all_days_at_once_sum_to_one(view):
    table = path_table(view, sessions_between(ANNOUNCED, LAST))

    known = ~np.isnan(table.lowest)
    assert np.abs(table.probability[known].sum(axis=1) - 1).max() <= 1e-12
    assert table.probability[known].min() >= 0
    assert known[:, 0].sum() > 7300


def test_a_feature_at_a_past_moment_is_the_path_of_that_moment(view):
    days = sessions_between(dt.date(1994, 1, 3), LAST)[::223]
    moments = np.array([instant(cut(day)) for day in days.tolist()])

    found = moves_at(view, moments)

    for k, day in enumerate(days.tolist()):
        path = fed_path(view.at(cut(day)))
        for name in ("next", "m3", "m6", "m12"):
            alone = getattr(path.bp, name)
            assert np.isnan(found.bp[name][k]) if alone is None else found.bp[name][k] == alone, (day, name)


def test_daily_surprises_agree_with_those_of_the_half_hour(view, data):
    import pandas as pd

    events = pd.read_csv(data / "events" / "usmpd_statements.csv", parse_dates=["date"]).set_index("date")
    told = surprises(view)
    ours = pd.Series(told.surprise_bp, index=pd.DatetimeIndex(told.date))

    both = pd.concat([ours, 100 * events.MP1], axis=1, join="inner").dropna()

    assert len(both) > 230
    assert both.corr().iloc[0, 1] == pytest.approx(0.907, abs=0.02)
    assert both[both.index >= "2008"].corr().iloc[0, 1] > 0.9


def test_daily_surprises_agree_with_a_second_record_of_the_half_hour(view, data):
    import pandas as pd

    events = pd.read_csv(data / "events" / "bauer_swanson_fomc.csv", parse_dates=["date"]).set_index("date")
    once = events[~events.index.duplicated()]
    left = once.index.days_in_month - once.index.day
    scaled = once.FF1 * once.index.days_in_month / np.maximum(left, 1)
    target = scaled.where(left >= 7, once.FF2)  # Kuttner's scaling; late in a month the next contract
    told = surprises(view)
    ours = pd.Series(told.surprise_bp, index=pd.DatetimeIndex(told.date))

    both = pd.concat([ours, 100 * target, 100 * once.MPS], axis=1, join="inner").dropna()
    print(f"{len(both)} decisions: target factor {both.corr().iloc[0, 1]:.3f}, MPS {both.corr().iloc[0, 2]:.3f}")

    assert len(both) > 100  # the file has futures only for these decisions
    assert both.corr().iloc[0, 1] > 0.8
    assert 0.3 < both.corr().iloc[0, 2] < both.corr().iloc[0, 1]  # MPS is of the year ahead, not of the decision


def test_where_futures_are_missing_yields_answer_with_a_wider_band(view):
    with_futures = fed_report(view.at(cut(dt.date(2023, 9, 15)))).outlook
    without = fed_report(view).outlook

    assert (with_futures.source, without.source) == ("futures", "yields")
    assert "yields" in without.note
    for horizon in ("next", "m3", "m6", "m12"):
        assert getattr(without.band_bp, horizon) > getattr(with_futures.band_bp, horizon)


def test_the_report_of_a_past_day_does_not_change_with_what_came_after(store):
    day = dt.date(2019, 6, 14)

    assert fed_path_answer(fed_report(store.as_of(cut(LAST)).at(cut(day)))) == fed_path_answer(
        fed_report(store.as_of(cut(day)))
    )
