"""From filed numbers to company-quarters, each as it was known when a filing was accepted.

1. Filings repeat earlier periods, sometimes restated. Every number keeps the instant at which its filing became
   known; a restatement is a later version, so what was known before stays as it was.
2. A single quarter is taken as filed; where only totals since the start of the fiscal year are filed it is their
   difference. The fourth quarter is the year less the nine months, because no one files it alone.
3. Four quarters ended at a date are the figure for twelve months as filed, else the sum of the four single quarters,
   else the total of this fiscal year so far plus the last whole year less the same part of the year before.
4. Each filing gives one row for its company: the newest period known then, with these sums and balances.

Quarters are recognised by their lengths in the filing, never by the calendar, so a fiscal year may end in any month
and may be moved. A company is its CIK; name and ticker may change.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

MONTHS_IN_QUARTER, MONTHS_IN_YEAR = 3, 12
YEAR_QUARTERS = 4
LONGEST_KNOWN = np.datetime64("2000-01-01T00:00:00", "s")  # known-at instants are counted from here
MONTH_BITS, QUARTER_BITS, SECOND_BITS = 12, 4, 32
SMALLEST_RATE_BASE = 0.01  # of assets: below, interest over debt says nothing about a rate
HIGHEST_RATE = 0.5  # a year; above, interest and debt do not belong together


@dataclass(frozen=True, slots=True)
class Filings:
    """Accepted filings, ascending in (cik, known_at).

    Attributes
    ----------
    cik : ndarray of int64, shape (f,)
    known_at : ndarray of datetime64[us], shape (f,)
        UTC.
    month : ndarray of int64, shape (f,)
        Month of the period's end, counted from 1970-01.
    sic : ndarray of int64, shape (f,)
        Standard Industrial Classification; 0 where none is given.
    """

    cik: np.ndarray
    known_at: np.ndarray
    month: np.ndarray
    sic: np.ndarray


@dataclass(frozen=True, slots=True)
class Statements:
    """Numbers of filings: one row for each (filing, date, number of quarters).

    Attributes
    ----------
    filing : ndarray of int64, shape (n,)
        Row in `Filings`.
    month : ndarray of int64, shape (n,)
        Month of the date, counted from 1970-01.
    quarters : ndarray of int64, shape (n,)
        Length; 0 for a balance.
    values : mapping of str to ndarray of float64, shape (n,)
        Dollars by concept (`signals.filings.concepts`); NaN where the filing has none.
    """

    filing: np.ndarray
    month: np.ndarray
    quarters: np.ndarray
    values: Mapping[str, np.ndarray]


class KnownValues:
    """Every version of one quantity, to be asked for the last one known at an instant.

    Parameters
    ----------
    company : ndarray of int64
        Small whole numbers (below 2**14).
    month, quarters, seconds : ndarray of int64
        `seconds` counts from 2000-01-01 UTC.
    value : ndarray of float64
        NaN rows are left out.
    """

    def __init__(
        self, company: np.ndarray, month: np.ndarray, quarters: np.ndarray, seconds: np.ndarray, value: np.ndarray
    ) -> None:
        filed = np.isfinite(value)
        key = _key(company[filed], month[filed], quarters[filed], seconds[filed])
        order = np.argsort(key, kind="stable")
        self._key, self._value = key[order], value[filed][order]

    def at(self, company: np.ndarray, month: np.ndarray, quarters: int, seconds: np.ndarray) -> np.ndarray:
        """The last value known at `seconds` of each (company, month) over `quarters`; NaN where there is none."""
        if not self._key.size:
            return np.full(company.size, np.nan)
        wanted = _key(company, month, np.full_like(month, quarters), seconds)
        row = np.searchsorted(self._key, wanted, side="right") - 1
        known = (row >= 0) & (self._key[row] >> SECOND_BITS == wanted >> SECOND_BITS)
        return np.where(known, self._value[row], np.nan)


def _key(company: np.ndarray, month: np.ndarray, quarters: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    slot = ((company << MONTH_BITS) | np.clip(month, 0, 2**MONTH_BITS - 1)) << QUARTER_BITS
    return ((slot | quarters) << SECOND_BITS) | seconds


@dataclass(frozen=True)
class Sums:
    """Quarters and years of one flow, at the newest period of each filing.

    Attributes
    ----------
    values : KnownValues
    company, month, seconds : ndarray of int64, shape (f,)
        Whose figure, ended when, as known when.
    """

    values: KnownValues
    company: np.ndarray
    month: np.ndarray
    seconds: np.ndarray

    def filed(self, months_before: int, quarters: int) -> np.ndarray:
        """The figure as filed for `quarters` quarters that end `months_before` months before; NaN where none is."""
        return self.values.at(self.company, self.month - months_before, quarters, self.seconds)

    def quarter(self, months_before: int) -> np.ndarray:
        """One quarter: as filed, else the difference of two totals since the start of the fiscal year."""
        value = self.filed(months_before, 1)
        for length in range(2, YEAR_QUARTERS + 1):
            if not np.isnan(value).any():
                break
            earlier = self.filed(months_before + MONTHS_IN_QUARTER, length - 1)
            value = np.where(np.isnan(value), self.filed(months_before, length) - earlier, value)
        return value

    def year(self, months_before: int = 0) -> np.ndarray:
        """Twelve months: as filed, else four quarters, else part of a year exchanged for the same part of the last."""
        value = self.filed(months_before, YEAR_QUARTERS)
        quarters = [self.quarter(months_before + MONTHS_IN_QUARTER * number) for number in range(YEAR_QUARTERS)]
        value = np.where(np.isnan(value), np.sum(quarters, axis=0), value)
        for length in range(1, YEAR_QUARTERS):
            if not np.isnan(value).any():
                break
            last_year = self.filed(months_before + MONTHS_IN_QUARTER * length, YEAR_QUARTERS)
            same_part = self.filed(months_before + MONTHS_IN_YEAR, length)
            value = np.where(np.isnan(value), self.filed(months_before, length) + last_year - same_part, value)
        return value


@dataclass(frozen=True, slots=True)
class CompanyQuarters:
    """One row for each filing: its company at the newest period known then.

    Attributes
    ----------
    cik, sic : ndarray of int64, shape (f,)
    period : ndarray of datetime64[D], shape (f,)
        Last day of the newest quarter known.
    known_at : ndarray of datetime64[us], shape (f,)
        UTC; when the filing could be read.
    values : mapping of str to ndarray of float64, shape (f,)
        Dollars, `effective_rate*` a share of debt a year; NaN where not known. Names: see `COLUMNS`.
    """

    cik: np.ndarray
    sic: np.ndarray
    period: np.ndarray
    known_at: np.ndarray
    values: Mapping[str, np.ndarray]


COLUMNS = (
    "revenue",
    "quarter_ebit",
    "quarter_ebitda",
    "quarter_interest",
    "quarter_net_income",
    "ebit",
    "ebitda",
    "interest",
    "net_income",
    "net_income_year_ago",
    "assets",
    "liquid",
    "debt",
    "due_within_year",
    "average_debt",
    "effective_rate",
    "effective_rate_year_ago",
    "public_float",
    "float_age_months",
)


def company_quarters(filings: Filings, statements: Statements) -> CompanyQuarters:
    """The newest period of each filing's company as known when the filing was accepted.

    Parameters
    ----------
    filings : Filings
    statements : Statements
        Without refused numbers (`signals.filings.faults`).

    Notes
    -----
    Nothing looks ahead: every lookup is bounded by the filing's own `known_at`.
    """
    table = _Tables(filings, statements)
    flows = {name: table.sums(name) for name in _FLOWS_USED}
    interest = flows["interest"]
    year = {name: sums.year() for name, sums in flows.items()}
    quarter = {name: sums.quarter(0) for name, sums in flows.items()}
    average_debt, average_before = table.average_debt(0), table.average_debt(MONTHS_IN_YEAR)
    assets = table.balance("assets")
    public_float, float_age = table.public_float()
    values = {
        "revenue": year["revenue"],
        "quarter_ebit": _ebit(quarter),
        "quarter_ebitda": _ebit(quarter) + _depreciation(quarter),
        "quarter_interest": quarter["interest"],
        "quarter_net_income": quarter["net_income"],
        "ebit": _ebit(year),
        "ebitda": _ebit(year) + _depreciation(year),
        "interest": year["interest"],
        "net_income": year["net_income"],
        "net_income_year_ago": flows["net_income"].year(MONTHS_IN_YEAR),
        "assets": assets,
        "liquid": table.balance("liquid"),
        "debt": table.balance("debt"),
        "due_within_year": table.balance("due_within_year"),
        "average_debt": average_debt,
        "effective_rate": _rate(year["interest"], average_debt, assets),
        "effective_rate_year_ago": _rate(interest.year(MONTHS_IN_YEAR), average_before, assets),
        "public_float": public_float,
        "float_age_months": float_age,
    }
    period = (table.month + 1).astype("datetime64[M]").astype("datetime64[D]") - 1
    return CompanyQuarters(filings.cik, filings.sic, period, filings.known_at, {name: values[name] for name in COLUMNS})


_FLOWS_USED = (
    "revenue",
    "operating_income",
    "pretax_income",
    "interest",
    "depreciation_amortization",
    "depreciation",
    "amortization",
    "net_income",
)


class _Tables:
    """Lookups over one set of companies."""

    def __init__(self, filings: Filings, statements: Statements) -> None:
        self._filings, self._statements = filings, statements
        _, self._company = np.unique(filings.cik, return_inverse=True)
        self._seconds = (filings.known_at.astype("datetime64[s]") - LONGEST_KNOWN).astype(np.int64)
        self.month = _running_max(self._company, filings.month)
        self._balances = balances(filings, statements)
        self._debt = self._lookup(self._balances["debt"])

    def _lookup(self, value: np.ndarray) -> KnownValues:
        filing = self._statements.filing
        return KnownValues(
            self._company[filing], self._statements.month, self._statements.quarters, self._seconds[filing], value
        )

    def sums(self, name: str) -> Sums:
        return Sums(self._lookup(self._statements.values[name]), self._company, self.month, self._seconds)

    def balance(self, name: str) -> np.ndarray:
        known = self._debt if name == "debt" else self._lookup(self._balances[name])
        return known.at(self._company, self.month, 0, self._seconds)

    def average_debt(self, months_before: int) -> np.ndarray:
        """Mean of the balances of a year: the newest one and at least one before it."""
        months = range(months_before, months_before + MONTHS_IN_YEAR + 1, MONTHS_IN_QUARTER)
        balances = np.array([self._debt.at(self._company, self.month - lag, 0, self._seconds) for lag in months])
        known = (~np.isnan(balances)).sum(axis=0)
        enough = ~np.isnan(balances[0]) & (known > 1)
        return np.where(enough, np.nansum(balances, axis=0) / np.maximum(known, 1), np.nan)

    def public_float(self) -> tuple[np.ndarray, np.ndarray]:
        """The float of the newest date known, and its age in months at the newest period."""
        value = self._statements.values["public_float"]
        rows = np.flatnonzero(np.isfinite(value))
        filing = self._statements.filing[rows]
        order = np.lexsort((self._statements.month[rows], filing))
        rows, filing = rows[order], filing[order]
        newest = np.full(self.month.size, np.nan)
        dated = np.full(self.month.size, -1)
        newest[filing], dated[filing] = value[rows], self._statements.month[rows]
        carried = _carry(self._company, dated)
        known = carried >= 0
        source = np.where(known, carried, 0)
        age = self.month - dated[source]
        return np.where(known, newest[source], np.nan), np.where(known, age, np.nan)


def _running_max(company: np.ndarray, month: np.ndarray) -> np.ndarray:
    """The newest month of each company up to each filing."""
    base = np.int64(2**MONTH_BITS)
    return np.maximum.accumulate(company * base + np.clip(month, 0, base - 1)) - company * base


def _carry(company: np.ndarray, dated: np.ndarray) -> np.ndarray:
    """Row, up to each row, of the company's value with the newest date; -1 where none is known yet."""
    size = np.int64(dated.size)
    rank = np.where(dated >= 0, (dated + 1) * size + np.arange(size), 0)
    ceiling = np.int64(2**MONTH_BITS) * size
    best = np.maximum.accumulate(company * ceiling + rank) - company * ceiling
    return np.where(best > 0, best % size, -1)


def balances(filings: Filings, statements: Statements) -> dict[str, np.ndarray]:
    """Assets, liquid funds, debt and the debt due within a year, from one balance sheet each; dollars.

    Debt due within a year is current debt as a whole, else the current part of long debt plus short borrowings. Debt
    is what is due within a year plus long debt, else a total as filed. A balance sheet with assets and no line
    for debt, in a filing without interest expense, has none; with interest it is not known.
    """
    value = statements.values
    due = np.where(
        np.isnan(value["debt_current"]), _plus(value["long_debt_current"], value["short_debt"]), value["debt_current"]
    )
    total = _first(
        value["debt_total"],
        value["long_debt"] + np.nan_to_num(due),
        value["long_debt_total"] + np.nan_to_num(value["short_debt"]),
        due,
    )
    paid = np.zeros(filings.cik.size, dtype=bool)
    paid[statements.filing[np.nan_to_num(value["interest"]) > 0]] = True
    own = statements.month == filings.month[statements.filing]
    free = np.isnan(total) & ~np.isnan(value["assets"]) & own & ~paid[statements.filing]
    long_known = ~np.isnan(value["long_debt"]) | free
    liquid = _first(
        value["cash_and_investments"], value["cash"] + np.nan_to_num(value["short_investments"]), value["cash"]
    )
    return {
        "assets": value["assets"],
        "liquid": liquid,
        "debt": np.where(free, 0.0, total),
        "due_within_year": np.where(np.isnan(due) & long_known, 0.0, due),
    }


def _ebit(flow: Mapping[str, np.ndarray]) -> np.ndarray:
    """Operating income, else income before tax with interest added back."""
    return _first(flow["operating_income"], flow["pretax_income"] + np.nan_to_num(flow["interest"]))


def _depreciation(flow: Mapping[str, np.ndarray]) -> np.ndarray:
    return _first(flow["depreciation_amortization"], flow["depreciation"] + np.nan_to_num(flow["amortization"]))


def _rate(interest: np.ndarray, debt: np.ndarray, assets: np.ndarray) -> np.ndarray:
    """Interest of twelve months over average debt; NaN where debt is too small or the two do not fit."""
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = interest / debt
        usable = (debt > SMALLEST_RATE_BASE * assets) & (interest >= 0) & (rate <= HIGHEST_RATE)
    return np.where(usable, rate, np.nan)


def _first(*choices: np.ndarray) -> np.ndarray:
    """The first of the choices that is known, element by element."""
    value = choices[0]
    for other in choices[1:]:
        value = np.where(np.isnan(value), other, value)
    return value


def _plus(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The sum of what is known; NaN where neither is."""
    return np.where(np.isnan(one) & np.isnan(other), np.nan, np.nan_to_num(one) + np.nan_to_num(other))
