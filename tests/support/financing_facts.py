"""Financing series of invented companies, as facts: what the claims, the scenario and the page are tried on."""

import datetime as dt

import numpy as np

from signals.asof import AsOf, History
from signals.calendars import cut, month_end_sessions
from signals.filings.financing import financing_series
from signals.filings.pass_through import PolicyRate
from signals.filings.quarters import COLUMNS, CompanyQuarters
from signals.filings.size_groups import SizeCut
from signals.new_york import instant
from signals.sources.filings.publish import histories

FIRST, LAST = dt.date(2010, 1, 1), dt.date(2023, 12, 31)
LARGE, SMALL = 40, 60
CUT = SizeCut(1, LARGE, LARGE + 1, LARGE + SMALL)


def policy() -> PolicyRate:
    """A rate between 0 and 5 percent that turns every three years."""
    days = np.arange(np.datetime64("2005-01", "M"), np.datetime64("2024-01", "M")).astype("datetime64[D]")
    return PolicyRate(days, 2.5 + 2.5 * np.sin(2 * np.pi * np.arange(days.size) / 72))


def company_quarters(*, floating: tuple[float, float] = (0.5, 0.1), seed: int = 1) -> CompanyQuarters:
    """Quarterly rows of small companies (more debt, more of it floating) and large ones."""
    made = np.random.default_rng(seed)
    ends = np.arange(np.datetime64("2010-01", "M"), np.datetime64("2023-11", "M"), 3).astype("datetime64[D]") - 1
    count, quarters = LARGE + SMALL, ends.size
    small = np.arange(count) >= LARGE
    rate = policy().mean_of_year(ends) / 100
    before = policy().mean_of_year(ends - 365) / 100
    share = np.where(small, *floating)[:, None]
    ebitda = np.where(small, 100e6, 2e9)[:, None] * made.lognormal(0, 0.2, (count, 1)) * np.ones((1, quarters))
    debt = ebitda * np.where(small, 4.0, 1.5)[:, None] * made.lognormal(0, 0.2, (count, 1))
    noise = made.normal(0, 0.001, (count, quarters))
    cost = share * rate + (1 - share) * 0.05 + noise
    cost_before = share * before + (1 - share) * 0.05 + np.roll(noise, 4, axis=1)
    ebit = 0.7 * ebitda
    rows = {
        "revenue": 3 * ebitda,
        "ebit": ebit,
        "ebitda": ebitda,
        "interest": cost * debt,
        "net_income": ebit - cost * debt,
        "net_income_year_ago": ebit - cost_before * debt,
        "assets": 3 * debt,
        "liquid": 0.2 * debt,
        "debt": debt,
        "due_within_year": np.where(small, 0.15, 0.05)[:, None] * debt,
        "average_debt": debt,
        "effective_rate": cost,
        "effective_rate_year_ago": cost_before,
        "public_float": np.where(small, 5e8, 5e10)[:, None] - np.arange(count)[:, None] * 1e5 + 0 * debt,
        "float_age_months": 9 + 0 * debt,
    }
    values = {name: rows.get(name, np.full_like(debt, np.nan)).ravel() for name in COLUMNS}
    return CompanyQuarters(
        np.repeat(np.arange(count), quarters),
        np.full(count * quarters, 3570),
        np.tile(ends, count),
        np.tile((ends + 40).astype("datetime64[us]"), count),
        values,
    )


def facts(**changes: object) -> dict[str, History]:
    """The series in the store of someone who fetched, with the policy rate they were computed with."""
    moments = [(day, instant(cut(day))) for day in month_end_sessions(FIRST, LAST)]
    path = policy()
    target = History.of(path.day, path.day.astype("datetime64[us]"), path.rate)
    return {
        **histories(financing_series(company_quarters(**changes), moments, path, CUT)),
        "fomc:target": target,
    }


def view(day: dt.date = dt.date(2023, 12, 29), **changes: object) -> AsOf:
    return AsOf(cut(day), facts(**changes))
