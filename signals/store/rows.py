"""The rows of one series as four arrays, their checksum, and what is new among offered ones."""

from dataclasses import dataclass

import numpy as np

from signals.asof import History

MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # splitmix64
WITHDRAWN = float("inf")  # stands for an empty value on its way out of the database
SAME = 1e-9  # relative: two prints of one number


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one series in order of (period, known_at).

    Attributes
    ----------
    period : ndarray of int64, shape (n,)
        Days since 1970.
    known_at : ndarray of int64, shape (n,)
        Microseconds since 1970, UTC.
    value : ndarray of float64, shape (n,)
        NaN withdraws the period's earlier value.
    batch : ndarray of int64, shape (n,)
        Number of the batch that brought the row.
    """

    period: np.ndarray
    known_at: np.ndarray
    value: np.ndarray
    batch: np.ndarray

    @property
    def size(self) -> int:
        """How many."""
        return self.period.size

    def history(self) -> History:
        """The same rows with dates as dates, read-only."""
        columns = (self.period.view("datetime64[D]"), self.known_at.view("datetime64[us]"), self.value.view())
        for column in columns:
            column.flags.writeable = False
        return History(*columns)

    def until(self, batch: int) -> "Rows":
        """The rows that this batch or an earlier one brought."""
        came = self.batch <= batch
        return Rows(self.period[came], self.known_at[came], self.value[came], self.batch[came])

    def checksum(self) -> int:
        """Sum of the row hashes modulo 2**64, as a signed number."""
        mixed = np.zeros(self.size, dtype=np.uint64)
        bits = np.where(np.isnan(self.value), WITHDRAWN, self.value + 0.0).view(np.uint64)
        for column in (self.period.view(np.uint64), self.known_at.view(np.uint64), bits, self.batch.view(np.uint64)):
            mixed = (mixed ^ column) + MIX[0]
            mixed = (mixed ^ (mixed >> np.uint64(30))) * MIX[1]
            mixed = (mixed ^ (mixed >> np.uint64(27))) * MIX[2]
            mixed ^= mixed >> np.uint64(31)
        return signed(int(mixed.sum(dtype=np.uint64)))


_NONE = np.empty(0, dtype="int64")
NO_ROWS = Rows(_NONE, _NONE, np.empty(0), _NONE)


def signed(number: int) -> int:
    """`number` modulo 2**64 as databases keep it: between -2**63 and 2**63 - 1."""
    return (number + 2**63) % 2**64 - 2**63


def from_tuples(rows: list[tuple[int, int, float, int]]) -> Rows:
    """Rows as a database gives them, with an infinite value where it holds none."""
    if not rows:
        return NO_ROWS
    period, known_at, value, batch = zip(*rows, strict=True)
    values = np.array(value, dtype=np.float64)
    values[np.isinf(values)] = np.nan
    return Rows(
        np.array(period, dtype="int64"), np.array(known_at, dtype="int64"), values, np.array(batch, dtype="int64")
    )


def to_tuples(series: int, rows: Rows) -> list[tuple[int, int, int, float | None, int]]:
    """Rows as a database takes them: the number of the series first, and None for a withdrawn value."""
    values = [None if gone else value for value, gone in zip(rows.value.tolist(), np.isnan(rows.value), strict=True)]
    columns = (rows.period.tolist(), rows.known_at.tolist(), values, rows.batch.tolist())
    return list(zip([series] * rows.size, *columns, strict=True))
