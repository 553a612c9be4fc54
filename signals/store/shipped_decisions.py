"""The facts that ship with the product: every decision of the FOMC on its target, 1982 to now."""

import datetime as dt
from pathlib import Path

import numpy as np

from signals.asof import History
from signals.calendars import meetings, target_changes
from signals.derived.policy_rate import DECISION, TARGET
from signals.series.known_at import decision_instants
from signals.store.database import Location
from signals.store.store import Store

FIRST = (dt.date(1982, 9, 27), 10.25)  # where the target series starts (METHOD 1.2)
ARRIVED = dt.datetime(1982, 9, 27, tzinfo=dt.UTC)  # shipped facts were always here


def decisions() -> History:
    """`fomc:target`: decision day, when it became known, target after it in percent (upper bound from 2008-12-16)."""
    rows = (FIRST, *target_changes())
    days = np.array([day for day, _ in rows], dtype="datetime64[D]")
    return History(days, decision_instants(days), np.array([target for _, target in rows]))


def meeting_decisions() -> History:
    """`fomc:decision`: the target after every scheduled meeting up to the last shipped change, changed or not.

    Without it nobody could tell a meeting that left the target alone from one that is not known yet.
    """
    changes = decisions()
    last = target_changes()[-1][0]
    days = np.array([m.date for m in meetings() if m.scheduled and m.date <= last], dtype="datetime64[D]")
    in_force = np.searchsorted(changes.period, days, side="right") - 1
    return History(days, decision_instants(days), changes.value[in_force])


def open_store(path: Location, *, columns: Path | None = None) -> Store:
    """`Store.open`, with the decisions that ship with this version in it.

    Parameters
    ----------
    path : pathlib.Path or str
        An SQLite file, or the URL of a PostgreSQL database.
    columns : pathlib.Path, optional
        Where the snapshot is kept; beside an SQLite file by default.
    """
    store = Store.open(path, columns=columns)
    seed(store)
    return store


def seed(store: Store) -> None:
    """Put the shipped decisions into `store` where they are missing."""
    shipped = {TARGET: decisions(), DECISION: meeting_decisions()}
    missing = {
        name: facts for name, facts in shipped.items() if not np.isin(facts.period, store.history(name).period).all()
    }
    if missing:
        store.write(missing, source="package", at=ARRIVED, note="FOMC decisions shipped with this version")
