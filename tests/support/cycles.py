"""Policy paths for tests: the shipped decisions as facts, and small made-up ones."""

import datetime as dt

import numpy as np

from regime.features import INPUTS
from signals.asof import AsOf, History
from signals.calendars import cut, instants, next_business_day, target_changes

TODAY = dt.date(2026, 11, 20)
NOON = dt.time(14, 0)


def shipped() -> tuple[np.ndarray, np.ndarray]:
    """The shipped decisions with the start of the record."""
    changes = target_changes()
    days = np.array(["1982-09-27", *(str(day) for day, _ in changes)], dtype="datetime64[D]")
    return days, np.array([10.25, *(level for _, level in changes)])


def announced(days: np.ndarray) -> np.ndarray:
    """When each decision was known: at 14:00, before 1994 on the next business day."""
    known = instants(days, NOON)
    old = days < np.datetime64("1994-01-01")
    known[old] = instants(next_business_day(days[old]), NOON)
    return known


def policy_only(day: dt.date = TODAY, *, until: dt.date | None = None) -> AsOf:
    """A world that knows the target decisions and nothing else."""
    days, target = shipped()
    kept = days <= np.datetime64(until or TODAY, "D")
    return AsOf(cut(day), {"fomc:target": History.of(days[kept], announced(days[kept]), target[kept])})


def inputs_of(view: AsOf) -> AsOf:
    """The same moment with only what the cycle's models read, held in memory."""
    return AsOf(view.moment, {name: view.history(name) for name in (*INPUTS, "fred:FEDFUNDS")})
