"""A kept record grows by its new months and equals, to the bit, the one computed anew."""

import datetime as dt

import numpy as np
import pytest

from allocator import track_record
from allocator.settings import ForecastSettings, Judgement
from allocator.track_record import Record, inputs, walk_forward_record
from regime.settings import RegimeSettings
from signals.asof import History
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
