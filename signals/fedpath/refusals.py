"""The months of a strip laid out with their decisions, and why a meeting cannot be answered."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from signals.fedpath.meetings import month_lengths, month_marks
from signals.fedpath.records import Strip
from signals.fedpath.solve import MAX_MOVE, MIN_DAYS_AFTER, TWO_DECISIONS
from signals.fedpath.strip import symbol

TWO_IN_ONE = "two decisions fall in {month}, and one price cannot tell them apart"


@dataclass(frozen=True, slots=True)
class Months:
    """Consecutive contract months, from `first` on.

    Attributes
    ----------
    first : numpy.datetime64
    price : ndarray of float64, shape (w,)
        NaN where missing or refused.
    decision, length : ndarray of int, shape (w,)
        As in `signals.fedpath.solve.solve`.
    refused : Mapping from contract to reason
    """

    first: np.datetime64
    price: np.ndarray
    decision: np.ndarray
    length: np.ndarray
    refused: Mapping[str, str]

    @classmethod
    def of(cls, strip: Strip, decisions: np.ndarray, ahead: tuple[dt.date, ...]) -> "Months":
        """All months from the first contract to the last contract or meeting, and one more to be named if missing."""
        names = [*strip.prices, *(str(date)[:7] for date in ahead), str(strip.day)[:7]]
        first = np.datetime64(min(names), "M")
        width = int((np.datetime64(max(names), "M") - first).astype(int)) + 2
        price = np.full(width, np.nan)
        for contract, value in strip.prices.items():
            price[int((np.datetime64(contract, "M") - first).astype(int))] = value
        return cls(first, price, month_marks(decisions, first, width), month_lengths(first, width), strip.refused)

    def column(self, date: dt.date) -> int:
        """Column of the month of `date`."""
        return int((np.datetime64(date, "M") - self.first).astype(int))

    def why(self, date: dt.date, start: float, end: float) -> str:
        """Why the meeting of `date` is refused, from what is known of its rates (NaN where nothing is)."""
        t = self.column(date)
        if self.decision[t] == TWO_DECISIONS:
            return TWO_IN_ONE.format(month=f"{date:%Y-%m}")
        if abs(end - start) > MAX_MOVE:
            return f"the prices imply a move of {100 * (end - start):+.0f} bp at one meeting: one of them must be wrong"
        return " and ".join(self._named(month, t) for month in self._missing(t, start, end))

    def _missing(self, t: int, start: float, end: float) -> list[int]:
        """The months whose prices would have answered the meeting of month `t`."""
        own, late = np.isnan(self.price[t]), self.length[t] - self.decision[t] < MIN_DAYS_AFTER
        if not np.isnan(end) or (own and not np.isnan(start) and not late):
            return [t]
        after = (month for month in range(t + 1, self.price.size) if self._breaks(month))
        closing = next(after, self.price.size - 1)
        if own:
            return [t, closing] if np.isnan(start) and closing != t else [closing]
        opening = t > 0 and not late and np.isnan(start) and not self.decision[t - 1] and np.isnan(self.price[t - 1])
        return [t - 1, closing] if opening else [closing]

    def _breaks(self, month: int) -> bool:
        """Whether the chain of meetings stops at `month` for want of a price, or at two decisions."""
        return bool(np.isnan(self.price[month]) or self.decision[month] == TWO_DECISIONS)

    def _named(self, missing: int, t: int) -> str:
        """What is wrong with month number `missing`, for the meeting of month `t`."""
        contract = str(self.first + missing)
        if self.decision[missing] == TWO_DECISIONS:
            return TWO_IN_ONE.format(month=contract)
        refusal = self.refused.get(contract)
        why = f"contract {contract} ({symbol(contract)}) is {refusal or 'missing'}"
        after = int(self.length[t] - self.decision[t])
        if missing > t and after < MIN_DAYS_AFTER and not np.isnan(self.price[t]):
            why += f"; with {after} days after the meeting its own contract cannot tell"
        return why
