"""Who is small: companies ranked by the market value of their freely held shares, as then known.

Every annual report states it on its cover (`EntityPublicFloat`), so no index licence and no price is needed: ranks 1 to
500 stand for large companies and 1,001 to 3,000 for small ones, about as the S&P 500 and the Russell 2000 do. The
number is dated at the middle of the fiscal year and known with the annual report, so ranks follow prices by up to two
years. Subsidiaries and shells have no float and are not ranked; blank-check companies (SIC 6770) are left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from signals.filings.quarters import CompanyQuarters
from signals.filings.size_groups import LARGE, SMALL, SizeCut

BLANK_CHECK = 6770
FINANCIAL_FIRST, FINANCIAL_LAST = 6000, 6999
DAYS_IN_MONTH = 30.44


@dataclass(frozen=True, slots=True)
class Group:
    """The companies of one size at one moment.

    Attributes
    ----------
    cik : ndarray of int64, shape (n,)
    period : ndarray of datetime64[D], shape (n,)
        Newest quarter of each.
    financial : ndarray of bool, shape (n,)
    values : mapping of str to ndarray of float64, shape (n,)
        See `signals.filings.quarters.CompanyQuarters`.
    """

    cik: np.ndarray
    period: np.ndarray
    financial: np.ndarray
    values: Mapping[str, np.ndarray]

    def without_financials(self) -> "Group":
        """Banks, insurers and property companies left out: their debt is their business."""
        chosen = ~self.financial
        return Group(
            self.cik[chosen],
            self.period[chosen],
            self.financial[chosen],
            {name: value[chosen] for name, value in self.values.items()},
        )


class Register:
    """All companies, to be asked for the groups at many moments.

    Parameters
    ----------
    table : CompanyQuarters
        In any order.
    """

    def __init__(self, table: CompanyQuarters) -> None:
        order = np.lexsort((table.known_at, table.cik))
        self._table, self._order = table, order
        cik, known_at = table.cik[order], table.known_at[order]
        self._known_at = known_at
        last = np.append(cik[1:] != cik[:-1], True) if cik.size else np.zeros(0, dtype=bool)
        replaced = np.append(known_at[1:], known_at[:1]) if cik.size else known_at
        self._replaced = np.where(last, np.datetime64("9999-12-31", "us"), replaced)

    def groups(self, moment: np.datetime64, cut: SizeCut) -> dict[str, Group]:
        """Small and large companies as known at `moment` (datetime64[us], UTC)."""
        rows = self._order[(self._known_at <= moment) & (self._replaced > moment)]
        table = self._table
        age = (moment.astype("datetime64[D]") - table.period[rows]).astype(np.int64) / DAYS_IN_MONTH
        public_float, dated = table.values["public_float"][rows], table.values["float_age_months"][rows]
        with np.errstate(invalid="ignore"):
            ranked = (public_float > 0) & (dated + age <= cut.float_months) & (age <= cut.report_months)
        rows = rows[ranked & (table.sic[rows] != BLANK_CHECK)]
        rows = rows[np.lexsort((table.cik[rows], -table.values["public_float"][rows]))]
        return {
            LARGE: self._group(rows[cut.large_first - 1 : cut.large_last]),
            SMALL: self._group(rows[cut.small_first - 1 : cut.small_last]),
        }

    def _group(self, rows: np.ndarray) -> Group:
        table = self._table
        sic = table.sic[rows]
        return Group(
            table.cik[rows],
            table.period[rows],
            (sic >= FINANCIAL_FIRST) & (sic <= FINANCIAL_LAST),
            {name: value[rows] for name, value in table.values.items()},
        )
