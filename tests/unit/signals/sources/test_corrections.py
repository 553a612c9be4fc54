"""A correction of a number that should never change: taken as a revision, and a fault only where it is large."""

import datetime as dt

import numpy as np
import pytest

from signals.asof import AsOf, History
from signals.calendars import NEW_YORK
from signals.series.dictionary import describe
from signals.sources.csv_sheet import Sheet
from signals.sources.validation.revisions import merge
from signals.sources.validation.series import checked

NOW = dt.datetime(2026, 11, 20, 18, 30, tzinfo=NEW_YORK)
DAYS = np.arange(np.datetime64("2026-01-05"), np.datetime64("2026-11-20"))
DAYS = DAYS[np.is_busday(DAYS)]


def history(name: str, values: np.ndarray) -> History:
    return History.of(DAYS, describe(name).known(DAYS), values)


def offered(name: str, place: int, value: float) -> tuple[History, History]:
    """What is held, four percent throughout, and the same with one value changed."""
    held = np.full(DAYS.size, 4.0)
    changed = held.copy()
    changed[place] = value
    return history(name, held), history(name, changed)


@pytest.mark.parametrize(("place", "value"), [(10, 4.01), (-2, 4.01), (10, 4.6)])
def test_a_small_or_old_correction_is_a_revision_known_from_now_on(place: int, value: float) -> None:
    held, now = offered("fred:DGS10", place, value)

    new = merge(describe("fred:DGS10"), held, now, NOW)

    assert new.value.tolist() == [value]
    assert new.known_at.tolist() == [np.datetime64("2026-11-20T23:30:00", "us").item()]
    both = History.of(*(np.append(getattr(held, part), getattr(new, part)) for part in ("period", "known_at", "value")))
    before, after = (AsOf(moment, {"x": both}).latest("x").value[place] for moment in (NOW - dt.timedelta(1), NOW))
    assert (before, after) == (4.0, value)


def test_a_large_change_of_the_last_weeks_and_any_of_a_price_is_kept_aside() -> None:
    for name, place, value in (("fred:DGS10", -2, 4.6), ("yahoo:IWM:close", -2, 4.01), ("yahoo:IWM:close", 10, 4.6)):
        held, now = offered(name, place, value)

        new = merge(describe(name), held, now, NOW)

        assert new.known_at.tolist() == [held.known_at[place].item()]  # the store keeps it as a contradiction


@pytest.mark.parametrize(
    ("place", "value", "rule"),
    [
        (10, 4.01, "value.corrected"),
        (-2, 4.01, "value.corrected"),
        (10, 4.6, "value.disputed"),
        (-2, 4.6, "value.disputed"),
    ],
)
def test_only_a_large_correction_is_a_fault(place: int, value: float, rule: str) -> None:
    held, now = offered("fred:DGS10", place, value)
    cells = {"date": now.period.astype(str).tolist(), "value": [f"{number:g}" for number in now.value]}
    sheet = Sheet("fred:DGS10", ("date", "value"), cells, np.arange(DAYS.size))

    delivery = checked(describe("fred:DGS10"), sheet, held, NOW, name="FRED")

    assert [remark.rule for remark in delivery.remarks] == [rule]
