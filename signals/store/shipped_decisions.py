"""The facts that ship with the product: every decision of the FOMC on its target, 1982 to now."""

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from signals.asof import History
from signals.calendars import target_changes
from signals.series.known_at import decision_instants

if TYPE_CHECKING:
    from signals.store.store import Store

TARGET = "fomc:target"
FIRST = (dt.date(1982, 9, 27), 10.25)  # where the target series starts (METHOD 1.2)
ARRIVED = dt.datetime(1982, 9, 27, tzinfo=dt.UTC)  # shipped facts were always here


def decisions() -> History:
    """`fomc:target`: decision day, when it became known, target after it in percent (upper bound from 2008-12-16)."""
    rows = (FIRST, *target_changes())
    days = np.array([day for day, _ in rows], dtype="datetime64[D]")
    return History(days, decision_instants(days), np.array([target for _, target in rows]))


def seed(store: "Store") -> None:
    """Put the shipped decisions into `store` where they are missing."""
    held = set(store.history(TARGET).period.astype(dt.date).tolist())
    if held.issuperset(day for day, _ in (FIRST, *target_changes())):
        return
    store.write({TARGET: decisions()}, source="package", at=ARRIVED, note="FOMC decisions shipped with this version")
