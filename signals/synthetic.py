"""Made-up histories of any series, from a seed, known when the dictionary says: what a signal is tried on.

Nothing here is ever shown as a result.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

import numpy as np

from signals import calendars
from signals.asof import AsOf, History
from signals.series.dictionary import describe

FIRST, LAST = dt.date(1963, 1, 2), dt.date(2019, 12, 31)
RETURNS = ("close", "adj_close")


def view(world: Mapping[str, History], day: dt.date = dt.date(2019, 6, 28)) -> AsOf:
    """The world as it was known at the cut of `day`."""
    return AsOf(calendars.cut(day), world)


def world(names: Iterable[str], *, seed: int = 1, first: dt.date = FIRST, last: dt.date = LAST) -> dict[str, History]:
    """Random walks for price series, mean-reverting paths for the rest, real decisions for the target."""
    wanted = sorted(set(names))
    strip = [name for name in wanted if name.startswith("cme:ZQ:")]
    made = {name: _contract(name, seed) for name in strip} | {name: NAMED[name]() for name in wanted if name in NAMED}
    for number, name in enumerate(name for name in wanted if name not in made):
        special = SPECIAL.get(name)
        made[name] = special() if special else _path(name, np.random.default_rng((seed, number)), first, last)
    return made


def _target() -> History:
    days = np.array([dt.date(1982, 9, 27), *(day for day, _ in calendars.target_changes())], dtype="datetime64[D]")
    values = np.array([10.25, *(target for _, target in calendars.target_changes())])
    return History.of(days, describe("fomc:target").known(days), values)


def _contract(name: str, seed: int) -> History:
    """A futures contract whose price wanders about the target of the day, eighteen months long; closes only."""
    _, _, contract, column = name.split(":")
    month = np.datetime64(contract, "M")
    if column in ("settle", "quote") or not np.datetime64("1993-12") <= month <= np.datetime64("2021-06"):
        return History.of([], [], [])
    last = min((month + 1).astype("datetime64[D]").item() - dt.timedelta(days=1), LAST)
    days = calendars.sessions_between((month - 18).astype("datetime64[D]").item(), last)
    if column in ("volume", "open_interest"):
        return History.of(days, calendars.instants(days, dt.time(15)), np.full(days.size, 100.0))
    target = _target()
    rate = target.value[np.searchsorted(target.period, days, side="right") - 1]
    random = np.random.default_rng((seed, int(month.astype(int))))
    ahead = (month - days.astype("datetime64[M]")).astype(int) / 12
    drift = np.sin(days.astype(int) / 400) * ahead + 0.02 * _reverting(random, days.size)
    return History.of(days, calendars.instants(days, dt.time(15)), 100 - np.maximum(rate + drift, 0.05))


def _upper() -> History:
    """The target as FRED shows it: every day, a new value from the day after the decision on."""
    target = _target()
    days = np.arange(np.datetime64("2008-12-17"), np.datetime64(LAST, "D"))
    values = target.value[np.searchsorted(target.period, days) - 1]
    return History.of(days, describe("fred:DFEDTARU").known(days), values)


def _nothing() -> History:
    return History.of([], [], [])


SPECIAL = {"fomc:target": _target, "fred:DFEDTARU": _upper}
NAMED = {"fomc:decision": _nothing, "fomc:entered:upper": _nothing, "board:FOMC:upper": _nothing}


def _path(name: str, random: np.random.Generator, first: dt.date, last: dt.date) -> History:
    series = describe(name)
    days = _periods(series.frequency, max(first, series.since or first), last)
    column = name.rsplit(":", 1)[-1]
    if column in RETURNS:
        values = 50 * np.exp(np.cumsum(random.normal(0.0003, 0.01, days.size)))
    elif column in ("dividend", "split"):
        return History.of([], [], [])
    elif name.startswith("french:FF_SIZE_BEME"):
        values = np.exp(_reverting(random, days.size))
    elif name.startswith(("french:FF_NFIRMS", "fred:NCB")):
        values = 5000 * np.exp(np.cumsum(random.normal(0, 0.005, days.size)))
    elif name.startswith("french:"):
        values = random.normal(0.02, 0.5, days.size)
    elif name.startswith("edgar:"):
        values = random.poisson(20, days.size).astype(float)
    else:
        values = 3 + _reverting(random, days.size)
    known = calendars.instants(days, dt.time(17, 30)) if name.startswith("edgar:") else series.known(days)
    if series.habit == "latest":  # a re-estimated series: every period has a second version
        later = known + np.timedelta64(30, "D")
        return History.of(np.tile(days, 2), np.append(known, later), np.append(values, values + 0.01))
    return History.of(days, known, values)


def _reverting(random: np.random.Generator, size: int) -> np.ndarray:
    values, last = np.empty(size), 0.0
    for row, step in enumerate(random.normal(0, 0.2, size).tolist()):
        last = 0.98 * last + step
        values[row] = last
    return 0.4 * values


def _periods(frequency: str, first: dt.date, last: dt.date) -> np.ndarray:
    if frequency == "D":
        return calendars.sessions_between(first, last)
    if frequency == "W":
        return np.arange(np.datetime64(first, "D"), np.datetime64(last, "D"), 7)
    months = np.arange(np.datetime64(first, "M"), np.datetime64(last, "M") + 1, 3 if frequency == "Q" else 1)
    return months.astype("datetime64[D]")
