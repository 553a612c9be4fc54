"""A kept record grows by its new months and equals, to the bit, the one computed anew."""

import datetime as dt
import itertools

import numpy as np
import pytest

from allocator import track_record
from allocator.backtest.walk_forward import Walk, walk
from allocator.settings import ForecastSettings, Judgement
from allocator.track_record import Record, inputs, walk_forward_record
from regime.settings import RegimeSettings
from signals.asof import History
from signals.calendars import cut, month_end_sessions
from signals.catalog import BY_NAME
from signals.health.health import health, health_inputs
from tests.support import worlds

JUDGEMENT, REGIME = Judgement(forecast=ForecastSettings(regime=False)), RegimeSettings()
BEFORE, NOW = dt.date(1998, 11, 30), dt.date(1999, 1, 29)
SPREAD = "fred:BAA10Y"


@pytest.fixture(scope="module")
def world() -> dict[str, History]:
    return worlds.world(inputs(JUDGEMENT), last=dt.date(1999, 2, 26))


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> list[dt.datetime]:
    """Moments at which a forecast was fitted."""
    moments: list[dt.datetime] = []
    plain = track_record.opinion

    def noted(view, *parts, **named):
        moments.append(view.moment)
        return plain(view, *parts, **named)

    monkeypatch.setattr(track_record, "opinion", noted)
    return moments


def equal(one: Record, other: Record) -> None:
    for name in track_record.RECORDED:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_two_new_months_are_two_fits_and_the_record_is_that_of_computing_it_anew(world, fitted):
    tables: dict[str, bytes] = {}
    walk_forward_record(worlds.view(world, BEFORE).kept_in(tables), JUDGEMENT, REGIME)
    fitted.clear()

    grown = walk_forward_record(worlds.view(world, NOW).kept_in(tables), JUDGEMENT, REGIME)

    assert [moment.date() for moment in fitted] == [dt.date(1998, 12, 31), NOW]
    equal(grown, walk_forward_record(worlds.view(world, NOW), JUDGEMENT, REGIME))


def walked(facts: dict[str, History], day: dt.date, tables: dict[str, bytes] | None = None) -> Walk:
    view = worlds.view(facts, day)
    return walk(view if tables is None else view.kept_in(tables), JUDGEMENT, REGIME, days=month_ends(day))


def month_ends(last: dt.date) -> tuple[dt.date, ...]:
    return month_end_sessions(dt.date(1997, 1, 1), last)


def test_the_health_of_the_data_is_kept_with_the_walk_and_a_trouble_learned_later_counts_from_then_on(world):
    tables: dict[str, bytes] = {}
    walked(world, BEFORE, tables)
    at = cut(dt.date(1998, 12, 31)).astimezone(dt.UTC).replace(tzinfo=None) - dt.timedelta(hours=1)
    troubled = {**world, f"note:down:{SPREAD}": History.of(["1998-12-31"], [np.datetime64(at, "us")], [1.0])}

    grown, anew = walked(troubled, NOW, tables), walked(troubled, NOW)

    for name in ("confidence", "points", "multiplier", "attribution"):
        np.testing.assert_array_equal(getattr(grown, name), getattr(anew, name), err_msg=name)
    lowered = np.flatnonzero(anew.confidence < walked(world, NOW).confidence)
    assert anew.decided[lowered].tolist() == [dt.date(1998, 12, 31)]


@pytest.mark.parametrize("pair", [("IWM", "SPY"), ("french:FF3_DAILY:SMB", "")])
def test_health_reads_what_it_declares_and_no_more(world, pair):
    small, large = pair
    names = tuple(BY_NAME)
    read = health_inputs(names, small=small, large=large)

    for facts, day in itertools.product((world, {}), (dt.date(1975, 6, 30), BEFORE)):
        view = worlds.view(facts, day)
        assert health(view.only(read), names, small=small, large=large) == health(view, names, small=small, large=large)


def test_a_fact_of_the_past_that_changes_is_fitted_again_from_there_on(world, fitted):
    tables: dict[str, bytes] = {}
    walk_forward_record(worlds.view(world, NOW).kept_in(tables), JUDGEMENT, REGIME)
    fitted.clear()
    old = world[SPREAD]
    changed = {
        **world,
        SPREAD: History(old.period, old.known_at, np.where(old.period == np.datetime64("1998-06-30"), 9, old.value)),
    }

    grown = walk_forward_record(worlds.view(changed, NOW).kept_in(tables), JUDGEMENT, REGIME)

    assert min(moment.date() for moment in fitted) == dt.date(1998, 7, 31)
    equal(grown, walk_forward_record(worlds.view(changed, NOW), JUDGEMENT, REGIME))
