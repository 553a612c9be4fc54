"""The strip of Fed funds futures on given days, read through a view, every refused price with its reason.

1. Contracts are months; the strip of a day starts with the month before, whose last price stays a valid anchor.
2. Settlement, close and quote are different prices. A day's strip is of one kind: the one that prices most
   contracts, settlement before close before quote where they price as many.
3. A price is refused where it is stale (none on that day), impossible, or derived: beyond the month in
   delivery, neither held nor traded, on a day whose open interest is known at all; more than a year ahead and not
   traded, where a source gives volumes alone (Yahoo). Prices that their source flags as placeholders or bad closes
   never pass the import; here they are stale.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from signals.asof import EMPTY, AsOf, History
from signals.lookup import rows_of

KINDS = ("settle", "close", "quote")  # in the order of trust
MONTHS_AHEAD = 36  # the exchange lists as many; beyond it there were only ever indications
WIDTH = MONTHS_AHEAD + 2  # the month before, the month of delivery, and those ahead
FIRST_CONTRACT, LAST_CONTRACT = np.datetime64("1993-12", "M"), np.datetime64("2031-12", "M")
LETTERS = "FGHJKMNQUVXZ"  # the exchange's month codes, January first
TOP_PRICE = 100.0  # above it the market would expect a negative average rate

FAR_AHEAD = 12  # months; nearer contracts are held even on days without a trade
ACCEPTED, ABSENT, IMPOSSIBLE, UNHELD, UNTRADED = range(5)
REASONS = {
    IMPOSSIBLE: "impossible: outside 0 to 100",
    UNHELD: "derived, with no open interest and no trade on that day",
    UNTRADED: "derived: more than a year ahead, with no trade on that day",
}


def series(contract: str, column: str) -> str:
    """Name of a column of a contract, for example ``cme:ZQ:2023-12:close``."""
    return f"cme:ZQ:{contract}:{column}"


def symbol(contract: str) -> str:
    """The exchange's symbol: ``2026-12`` is ``ZQZ26``."""
    year, month = contract.split("-")
    return f"ZQ{LETTERS[int(month) - 1]}{year[2:]}"


COLUMNS = (*KINDS, "volume", "open_interest")
STRIP_INPUTS = tuple(
    series(str(FIRST_CONTRACT + k), column)
    for k in range(int((LAST_CONTRACT - FIRST_CONTRACT).astype(int)) + 1)
    for column in COLUMNS
)


@dataclass(frozen=True, slots=True)
class Strips:
    """The strips of n days, one a row; column 0 is the month before the day's own.

    Attributes
    ----------
    days : ndarray of datetime64[D], shape (n,)
    price : ndarray of float64, shape (n, w)
        Accepted prices; NaN elsewhere.
    offered : ndarray of float64, shape (n, w)
        Prices before any was refused.
    verdict : ndarray of int8, shape (n, w)
        `ACCEPTED`, or a key of `REASONS`.
    kind : ndarray of int, shape (n,)
        Index into `KINDS`.
    known_at : ndarray of datetime64[us], shape (n,)
        UTC instant at which the last of the day's prices was known; NaT where it had none.
    """

    days: np.ndarray
    price: np.ndarray
    offered: np.ndarray
    verdict: np.ndarray
    kind: np.ndarray
    known_at: np.ndarray

    @property
    def first_month(self) -> np.ndarray:
        """The month of column 0, datetime64[M], shape (n,)."""
        return self.days.astype("datetime64[M]") - 1

    def contracts(self, row: int) -> list[str]:
        """Contract months of one row."""
        return [str(self.first_month[row] + k) for k in range(self.price.shape[1])]

    def refused(self, row: int) -> dict[str, str]:
        """Reason of every contract that was offered on that day and not used."""
        pairs = zip(self.contracts(row), self.verdict[row].tolist(), self.offered[row].tolist(), strict=True)
        return {
            contract: f"{REASONS[verdict]} ({offered:g})"
            for contract, verdict, offered in pairs
            if verdict not in (ACCEPTED, ABSENT)
        }


def read_strips(view: AsOf, days: np.ndarray, moments: np.ndarray | None = None) -> Strips:
    """The strips of `days`, as known at the view's moment or row by row at earlier ones.

    Parameters
    ----------
    view : AsOf
    days : ndarray of datetime64[D], shape (n,)
        Ascending, none after the view's own day.
    moments : ndarray of datetime64[us], shape (n,), optional
        UTC instants, none after the view's: row k shows only what was known at ``moments[k]``.
    """
    learned = np.full(days.size, np.datetime64("NaT", "us"))
    tables = [_table(view, kind, days, moments, learned) for kind in KINDS]
    volume = _table(view, "volume", days, moments)
    interest = _table(view, "open_interest", days, moments)
    verdicts = [_verdicts(offered, volume, interest) for offered in tables]
    usable = np.stack([(verdict == ACCEPTED)[:, 1:].sum(axis=1) for verdict in verdicts], axis=1)
    kind, rows = usable.argmax(axis=1), np.arange(days.size)
    offered, verdict = np.stack(tables, axis=1)[rows, kind], np.stack(verdicts, axis=1)[rows, kind]
    return Strips(days, np.where(verdict == ACCEPTED, offered, np.nan), offered, verdict, kind, learned)


def _verdicts(offered: np.ndarray, volume: np.ndarray, interest: np.ndarray) -> np.ndarray:
    """The verdict on every price, shape (n, w)."""
    reported = (interest > 0).any(axis=1, keepdims=True)  # before 2005 the record has zeros throughout
    ahead = np.arange(offered.shape[1]) > 1
    unheld = reported & ahead & (interest == 0) & ~(volume > 0)
    volumes_alone = ~np.isfinite(interest).any(axis=1, keepdims=True) & (volume > 0).any(axis=1, keepdims=True)
    far = np.arange(offered.shape[1]) > 1 + FAR_AHEAD
    untraded = volumes_alone & far & (volume == 0)
    impossible = ~((offered > 0) & (offered <= TOP_PRICE))
    faults = {ABSENT: np.isnan(offered), IMPOSSIBLE: impossible, UNHELD: unheld, UNTRADED: untraded}
    return np.select(list(faults.values()), list(faults), ACCEPTED).astype(np.int8)


def _table(
    view: AsOf, column: str, days: np.ndarray, moments: np.ndarray | None, learned: np.ndarray | None = None
) -> np.ndarray:
    """One column of every contract, shape (n, w); in column 0 the last value of the month before.

    `learned`, where given, is moved on to the instant at which the last value of each row was known.
    """
    table = np.full((days.size, WIDTH), np.nan)
    known = _versions(view, column, days)
    if not known.period.size:
        return table
    month = days.astype("datetime64[M]")
    row, here = rows_of(known.period, days)
    ahead = (known.contract - month[row]).astype(np.int64) + 1
    here &= (ahead >= 1) & (ahead < WIDTH)
    if moments is not None:
        here &= known.known_at <= moments[row]
    row = row[here]
    # Versions come in the order in which they were known, so that writing them in turn leaves the last one.
    table[row, ahead[here]] = known.value[here]
    if learned is not None:  # as whole numbers, where no instant is the smallest
        np.maximum.at(learned.view(np.int64), row, known.known_at[here].view(np.int64))
    _put_expired(table, known.living(), month - 1, moments)
    return table


@dataclass(frozen=True, slots=True)
class _Versions:
    """Every version of one column of many contracts, contract after contract, each sorted by (period, known_at)."""

    contract: np.ndarray
    ended: np.ndarray  # the day after the contract's own month
    period: np.ndarray
    known_at: np.ndarray
    value: np.ndarray

    def living(self) -> "_Versions":
        """Those of days up to the end of the contract's own month."""
        rows = self.period < self.ended
        if rows.all():
            return self
        return _Versions(
            self.contract[rows], self.ended[rows], self.period[rows], self.known_at[rows], self.value[rows]
        )


def _versions(view: AsOf, column: str, days: np.ndarray) -> _Versions:
    """Everything known of `column` of the contracts that a strip of `days` may hold."""
    contracts = np.empty(0, dtype="datetime64[M]")
    if days.size:
        first, last = np.datetime64(days[0], "M") - 1, np.datetime64(days[-1], "M") + MONTHS_AHEAD
        contracts = np.arange(max(first, FIRST_CONTRACT), min(last, LAST_CONTRACT) + 1)
    parts = [view.history(series(name, column)) for name in contracts.astype(str).tolist()]
    sizes = [part.period.size for part in parts]
    ended = (contracts + 1).astype("datetime64[D]")
    period = np.concatenate([EMPTY.period, *(part.period for part in parts)])
    known_at = np.concatenate([EMPTY.known_at, *(part.known_at for part in parts)])
    value = np.concatenate([EMPTY.value, *(part.value for part in parts)])
    return _Versions(np.repeat(contracts, sizes), np.repeat(ended, sizes), period, known_at, value)


def _put_expired(table: np.ndarray, life: _Versions, before: np.ndarray, moments: np.ndarray | None) -> None:
    """Put into column 0 the last value before expiry of the contract of the month `before` each row."""
    start = np.searchsorted(life.contract, before)
    end = np.searchsorted(life.contract, before, side="right")
    last = np.ones(life.period.size, dtype=bool)
    last[:-1] = (life.period[1:] != life.period[:-1]) | (life.contract[1:] != life.contract[:-1])
    in_force = np.flatnonzero(last & ~np.isnan(life.value))
    if in_force.size:
        newest = in_force[np.maximum(np.searchsorted(in_force, end) - 1, 0)]
        there = (newest >= start) & (newest < end)
        table[there, 0] = life.value[newest[there]]
    if moments is None:
        return
    known_by = np.full(before.size, np.datetime64("NaT", "us"))
    for contract in np.unique(before[end > start]):
        rows = before == contract
        part = slice(start[rows][0], end[rows][0])
        known_by[rows] = life.known_at[part].max()
    for row in np.flatnonzero(known_by > moments):  # something of it was learned later
        part = slice(start[row], end[row])
        whole = History(life.period[part], life.known_at[part], life.value[part])
        left = whole.until(np.datetime64(moments.item(row), "us")).latest().value
        table[row, 0] = left[-1] if left.size else np.nan


def stale(view: AsOf, strips: Strips, row: int) -> dict[str, str]:
    """Contracts that had a price before the day of `row` and have none on it, with the day of the last one."""
    day, kind = strips.days[row], KINDS[strips.kind[row]]
    reasons = {}
    for contract, verdict in zip(strips.contracts(row), strips.verdict[row].tolist(), strict=True):
        period = view.latest(series(contract, kind)).period
        earlier = period[period < day]
        if verdict == ABSENT and earlier.size:
            reasons[contract] = f"stale: its newest price is of {earlier[-1]}"
    return reasons


def newest_day(view: AsOf, day: dt.date) -> dt.date | None:
    """The last day up to `day` on which any contract of its strip has a price; None where there is none."""
    month = np.datetime64(day, "M")
    newest = None
    for contract in np.arange(month, min(month + MONTHS_AHEAD, LAST_CONTRACT) + 1):
        for kind in KINDS:
            period = view.latest(series(str(contract), kind)).period
            priced = period[period <= np.datetime64(day, "D")]
            if priced.size and (newest is None or priced[-1] > newest):
                newest = priced[-1]
    return None if newest is None else newest.item()
