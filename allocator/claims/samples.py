"""The monthly series that claims are tested on, each as known at the view's moment.

Size premium: SMB of the monthly French file (of the daily file, compounded by month, where only that is
known). Funds: total return of the small one minus the large one between month-end closes. Indices: Russell 2000
minus Russell 1000, to see whether a finding on SMB holds for what an index investor gets.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from allocator.returns import FIRST_MONTH, growth_of, month_ends
from regime.dating import date_cycle
from signals.asof import AsOf
from signals.calendars import CUT, instants, sessions
from signals.derived.policy_rate import target_path
from signals.new_york import instant

SMB_MONTHLY = "french:FF3_MONTHLY:SMB"  # percent per month
SMB_DAILY = "french:FF3_DAILY:SMB"  # percent per session
FUNDS = ("IWM", "SPY")
RUSSELL = ("fred:RU2000TR", "fred:RU1000TR")  # total return indices, daily from 1978-12-29
LATEST_CLOSE = np.timedelta64(1, "D")  # an index without a value at a month-end has none for the month
CYCLE_FROM = np.datetime64("1982-10", "M")  # the target is published from here
MODERN_FROM = np.datetime64("1984-01", "M")  # after the disinflation; METHOD's middle sample
PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Small minus large by month.

    Attributes
    ----------
    name : str
        As it stands in a definition.
    month : ndarray of datetime64[M], shape (n,)
        Consecutive.
    percent : ndarray of float64, shape (n,)
        No NaN.
    sources : tuple of str
    """

    name: str
    month: np.ndarray
    percent: np.ndarray
    sources: tuple[str, ...]

    def since(self, first: np.datetime64) -> "Sample":
        """The months from `first` on."""
        rows = self.month >= first
        return Sample(self.name, self.month[rows], self.percent[rows], self.sources)

    def only(self, months: np.ndarray) -> "Sample":
        """The months that are among `months`, ascending."""
        rows = np.isin(self.month, months)
        return Sample(self.name, self.month[rows], self.percent[rows], self.sources)

    def trailing(self, months: int) -> "Sample":
        """The last `months` months."""
        return Sample(self.name, self.month[-months:], self.percent[-months:], self.sources)


def size_premium(view: AsOf) -> Sample:
    """SMB since 1963-07, when AMEX stocks are in the file."""
    smb = view.latest(SMB_MONTHLY)
    if smb.period.size:
        return Sample("SMB", smb.period.astype("datetime64[M]"), smb.value, (SMB_MONTHLY,)).since(FIRST_MONTH)
    percent, month = _between_month_ends(view, SMB_DAILY)
    return _known("SMB of the daily file", month, percent, (SMB_DAILY,))


def funds(view: AsOf, small: str = FUNDS[0], large: str = FUNDS[1]) -> Sample:
    """Total return of `small` minus `large` by calendar month, from the first month both were held."""
    mine, month = _between_month_ends(view, small)
    other, _ = _between_month_ends(view, large)
    return _known(f"{small} minus {large}", month, mine - other, (f"yahoo:{small}", f"yahoo:{large}"))


def indices(view: AsOf) -> Sample:
    """Russell 2000 minus Russell 1000, total return by calendar month from 1979-01, as far as the indices are known."""
    small, month = level_returns(view, RUSSELL[0])
    large, _ = level_returns(view, RUSSELL[1])
    return _known("Russell 2000 minus Russell 1000", month, small - large, RUSSELL)


def level_returns(view: AsOf, series: str) -> tuple[np.ndarray, np.ndarray]:
    """Monthly returns of an index level, percent, and their months; NaN where a month-end is not known."""
    ends, month = month_ends(view.moment)
    level = view.latest(series)
    if not level.period.size:
        return np.full(month.size, np.nan), month
    row = np.searchsorted(level.period, ends, side="right") - 1
    there = (row >= 0) & (ends - level.period[np.maximum(row, 0)] <= LATEST_CLOSE)
    at_ends = np.where(there, level.value[np.maximum(row, 0)], np.nan)
    return PERCENT * (at_ends[1:] / at_ends[:-1] - 1), month


def levels(view: AsOf, leg: str) -> tuple[np.ndarray, np.ndarray]:
    """Monthly returns of one leg, percent, and their months; NaN where not known."""
    return level_returns(view, leg) if leg.startswith("fred:") else _between_month_ends(view, leg)


def phases(view: AsOf, month: np.ndarray) -> np.ndarray:
    """Hindsight phase of each month as dated at the view's moment (its last business day), by index."""
    dated = view.remember("claims chronology", lambda: date_cycle(*target_path(view)))
    return dated.labels(last_sessions(month))


def last_sessions(month: np.ndarray) -> np.ndarray:
    """The last session of each month, datetime64[D]."""
    days = sessions()
    return days[np.searchsorted(days, (month + 1).astype("datetime64[D]"), side="left") - 1]


def month_cuts(month: np.ndarray) -> np.ndarray:
    """The 18:00 New York cut of each month's last session, UTC datetime64[us]."""
    return instants(last_sessions(month), CUT)


def ahead(view: AsOf, month: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Month-end cuts before each of `month` that the view has reached, and the places of those months.

    Returns
    -------
    moments : ndarray of datetime64[us], shape (k,)
    rows : ndarray of int, shape (k,)
    """
    moments = month_cuts(month - 1)
    rows = np.flatnonzero(moments <= instant(view.moment))
    return moments[rows], rows


def day(month: np.datetime64) -> dt.date:
    """First day of a month."""
    return month.astype("datetime64[D]").astype(dt.date)


def _between_month_ends(view: AsOf, leg: str) -> tuple[np.ndarray, np.ndarray]:
    ends, month = month_ends(view.moment)
    level = growth_of(view, leg).at(ends)
    return PERCENT * (level[1:] / level[:-1] - 1), month


def _known(name: str, month: np.ndarray, percent: np.ndarray, sources: tuple[str, ...]) -> Sample:
    known = np.isfinite(percent)
    return Sample(name, month[known], percent[known], sources)
