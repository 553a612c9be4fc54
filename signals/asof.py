"""The world at one moment: the only door through which pure code sees data.

1. A `History` holds every version of one series as three parallel arrays.
2. An `AsOf` holds a moment and a way to find histories. Looking a series up drops every version
   learned after the moment, keeps the last version of each period, and drops withdrawn values.
3. `at` moves to an earlier moment, never to a later one; `only` narrows the view to declared inputs.

Whatever is computed from an `AsOf` therefore cannot depend on what was learned later.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from signals.new_york import instant

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


class UndeclaredInput(LookupError):
    """A signal asked for a series that it does not declare."""


class LookAhead(ValueError):
    """A view was asked to move to a later moment."""


@dataclass(frozen=True, slots=True)
class History:
    """Every version of one series, sorted by (period, known_at).

    Attributes
    ----------
    period : ndarray of datetime64[D], shape (n,)
    known_at : ndarray of datetime64[us], shape (n,)
        UTC.
    value : ndarray of float64, shape (n,)
        NaN withdraws the period's earlier value.
    """

    period: np.ndarray
    known_at: np.ndarray
    value: np.ndarray
    # Worked out when first asked and handed on to every beginning of the rows; most series answer yes to both.
    _in_order: bool | None = field(default=None, init=False, repr=False, compare=False)  # each row known after the last
    _unrevised: bool | None = field(default=None, init=False, repr=False, compare=False)  # one value a period

    @classmethod
    def of(cls, period: Any, known_at: Any, value: Any) -> "History":
        """Build from unsorted arrays; exact duplicates are dropped."""
        period = np.asarray(period, dtype="datetime64[D]")
        known_at = np.asarray(known_at, dtype="datetime64[us]")
        value = np.asarray(value, dtype=np.float64)
        order = np.lexsort((value, known_at, period))
        period, known_at, value = period[order], known_at[order], value[order]
        if period.size:
            same = (period[1:] == period[:-1]) & (known_at[1:] == known_at[:-1])
            keep = np.append(~same, True)
            period, known_at, value = period[keep], known_at[keep], value[keep]
        return cls(period, known_at, value)

    def until(self, moment: np.datetime64) -> "History":
        """The versions known at `moment`, revisions included."""
        if self._in_order is None:
            object.__setattr__(self, "_in_order", bool((self.known_at[1:] >= self.known_at[:-1]).all()))
        if not self._in_order:
            known = self.known_at <= moment
            return self if known.all() else History(self.period[known], self.known_at[known], self.value[known])
        if not self.known_at.size or self.known_at[-1] <= moment:
            return self
        size = int(self.known_at.searchsorted(moment, side="right"))
        if self._unrevised is None:
            object.__setattr__(self, "_unrevised", bool(self._in_force().all()))
        start = History(self.period[:size], self.known_at[:size], self.value[:size])
        object.__setattr__(start, "_in_order", True)
        object.__setattr__(start, "_unrevised", self._unrevised or None)  # later rows may be the revised ones
        return start

    def latest(self) -> "History":
        """The last version of each period, withdrawn periods dropped."""
        if self._unrevised:
            return self
        last = self._in_force()
        object.__setattr__(self, "_unrevised", bool(last.all()))
        return self if self._unrevised else History(self.period[last], self.known_at[last], self.value[last])

    def _in_force(self) -> np.ndarray:
        """True for the last version of each period, unless it is withdrawn."""
        last = ~np.isnan(self.value)
        last[:-1] &= self.period[1:] != self.period[:-1]
        return last


EMPTY = History.of([], [], [])


class Memory:
    """What was computed of one set of facts, by moment; a supposed world shares the past of the real one.

    Parameters
    ----------
    past : Memory, optional
        Of the world from which a supposed one departs.
    departs : numpy.datetime64, optional
        The moment up to which both hold the same facts.
    """

    __slots__ = ("_departs", "_past", "_values")

    def __init__(self, past: "Memory | None" = None, departs: np.datetime64 | None = None) -> None:
        self._past = past
        self._departs = departs
        self._values: dict[Any, Any] = {}

    def at(self, instant: np.datetime64) -> dict[Any, Any]:
        """The values of a moment's own world."""
        memory = self
        while memory._past is not None and memory._departs is not None and instant <= memory._departs:
            memory = memory._past
        return memory._values  # noqa: SLF001 - another of its kind


@lru_cache(maxsize=1024)
def _the_one(names: frozenset[str]) -> frozenset[str]:
    """The first set of these names: what is remembered under it is found without comparing name by name."""
    return names


class AsOf:
    """What was known at `moment`.

    Parameters
    ----------
    moment : datetime.datetime
        Aware. Facts with ``known_at <= moment`` are visible.
    find : callable or mapping
        From a series name to its `History` (or None where nothing is held).
    """

    __slots__ = ("_allowed", "_find", "_instant", "_memory", "moment", "tables")

    def __init__(
        self,
        moment: dt.datetime,
        find: Callable[[str], History | None] | Mapping[str, History],
        *,
        _allowed: frozenset[str] | None = None,
        _memory: Memory | None = None,
        _tables: MutableMapping[str, bytes] | None = None,
    ) -> None:
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        self.moment = moment
        self._instant = instant(moment)
        self._find = find.get if isinstance(find, Mapping) else find
        self._allowed = _allowed
        self._memory = Memory() if _memory is None else _memory
        self.tables = _tables  # where `signals.growing` keeps its tables, None for nowhere

    def history(self, series: str) -> History:
        """Every version known at the moment, revisions included; empty where nothing is held."""
        if self._allowed is not None and series not in self._allowed:
            raise UndeclaredInput(f"{series} is not among the declared inputs {sorted(self._allowed)}")
        whole = self._find(series)
        return EMPTY if whole is None else whole.until(self._instant)

    def latest(self, series: str) -> History:
        """The version of each period in force at the moment, as bare arrays (fast)."""
        return self.history(series).latest()

    def __getitem__(self, series: str) -> "pd.Series":
        """Values by period, the version in force at the moment, withdrawn periods left out.

        Returns
        -------
        pandas.Series of float64
            Index: DatetimeIndex of periods (naive days), ascending. Empty where nothing is known.
        """
        import pandas as pd

        rows = self.latest(series)
        return pd.Series(rows.value, index=pd.DatetimeIndex(rows.period.astype("datetime64[us]")), name=series)

    def __contains__(self, series: str) -> bool:
        return bool(self.latest(series).period.size)

    def known_at(self, series: str) -> dt.datetime | None:
        """When the newest period's value in force was learned; None where nothing is known."""
        rows = self.latest(series)
        if not rows.period.size:
            return None
        return rows.known_at[-1].astype(dt.datetime).replace(tzinfo=dt.UTC)

    def at(self, earlier: dt.datetime) -> "AsOf":
        """The same world at an earlier moment; a later one raises `LookAhead`."""
        if earlier > self.moment:
            raise LookAhead(f"a view of {self.moment:%Y-%m-%d %H:%M} cannot move on to {earlier:%Y-%m-%d %H:%M}")
        return AsOf(earlier, self._find, _allowed=self._allowed, _memory=self._memory, _tables=self.tables)

    def suppose(self, later: dt.datetime, facts: Mapping[str, History]) -> "AsOf":
        """A later world that is imagined: what is known now, and `facts`, all learned after this view's moment.

        Whatever was really learned after the moment is left out, so a scenario of a past day cannot peek.
        """
        now = self._instant
        for name, part in facts.items():
            if part.known_at.size and part.known_at.min() <= now:
                raise ValueError(f"{name}: a supposed fact must be learned after {self.moment:%Y-%m-%d %H:%M}")

        def find(name: str) -> History | None:
            known, supposed = self._find(name), facts.get(name)
            known = None if known is None else known.until(now)
            if known is None or supposed is None:
                return known if supposed is None else supposed
            return History.of(
                np.concatenate([known.period, supposed.period]),
                np.concatenate([known.known_at, supposed.known_at]),
                np.concatenate([known.value, supposed.value]),
            )

        return AsOf(later, cache(find), _allowed=self._allowed, _memory=Memory(self._memory, now), _tables=self.tables)

    def kept_in(self, tables: MutableMapping[str, bytes]) -> "AsOf":
        """The same world, whose tables by moment are kept in `tables` (see `signals.growing`)."""
        return AsOf(self.moment, self._find, _allowed=self._allowed, _memory=self._memory, _tables=tables)

    def only(self, inputs: Iterable[str]) -> "AsOf":
        """The same world narrowed to declared inputs; anything else raises `UndeclaredInput`."""
        wanted = frozenset(inputs)
        allowed = _the_one(wanted if self._allowed is None else wanted & self._allowed)
        return AsOf(self.moment, self._find, _allowed=allowed, _memory=self._memory, _tables=self.tables)

    def remember(self, key: Any, compute: Callable[[], T]) -> T:
        """A value computed once per (moment, key) and shared by all views of the same facts.

        `compute` must depend on this view and `key` alone, so remembering it changes nothing but time.
        """
        slot = (self._instant, self._allowed, key)
        values = self._memory.at(self._instant)
        if slot not in values:
            values[slot] = compute()
        return values[slot]

    def recall(self, instants: Iterable[np.datetime64], key: Any) -> dict[np.datetime64, Any]:
        """What `keep` was given for `key` at those of `instants`, none after the view's, at which it was given."""
        remembered = {}
        for known_at in instants:
            values = self._memory.at(known_at)
            if (slot := (known_at, self._allowed, key)) in values:
                remembered[known_at] = values[slot]
        return remembered

    def keep(self, key: Any, values: Iterable[tuple[np.datetime64, Any]]) -> None:
        """Values of `key` by moment, for all views of the same facts; each depends on its own moment alone."""
        for known_at, value in values:
            self._memory.at(known_at)[(known_at, self._allowed, key)] = value

    def fingerprint(self, series: Iterable[str]) -> str:
        """SHA-256 over every version of `series` known at the moment: equal prefixes, equal prints."""
        digest = hashlib.sha256()
        for name in sorted(series):
            history = self.history(name)
            digest.update(name.encode())
            digest.update(history.period.astype("int64").tobytes())
            digest.update(history.known_at.astype("int64").tobytes())
            digest.update(history.value.tobytes())
        return digest.hexdigest()
