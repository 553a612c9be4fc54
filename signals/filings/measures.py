"""How one group of companies is financed at one moment: one number with its error and its coverage for each question.

A median has as standard error half the distance between the order statistics one binomial standard deviation to
either side of it; a share the binomial one; a ratio of sums the linearised one. None assumes a normal distribution.
Coverage is the share of the group's companies whose filings answer the question.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from signals.filings.groups import Group

LEAST_COMPANIES = 30  # fewer give no number for a group
PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number for a group.

    Attributes
    ----------
    value, standard_error : float
        In the measure's unit.
    companies : int
        That went in.
    coverage : float
        Share of the group's companies that went in, 0 to 1.
    """

    value: float
    standard_error: float
    companies: int
    coverage: float


NOTHING = Estimate(np.nan, np.nan, 0, 0.0)


@dataclass(frozen=True, slots=True)
class Measure:
    """One question about a group.

    Attributes
    ----------
    name, unit, title : str
    financials : bool
        False where financial companies are left out.
    estimate : callable
        From the group to its `Estimate`.
    """

    name: str
    unit: str
    title: str
    financials: bool
    estimate: Callable[[Group], Estimate]

    def of(self, group: Group) -> Estimate:
        """The estimate for `group`; `NOTHING` where fewer than `LEAST_COMPANIES` answer."""
        answer = self.estimate(group if self.financials else group.without_financials())
        return answer if answer.companies >= LEAST_COMPANIES else NOTHING


def median(values: np.ndarray) -> Estimate:
    """Median of the finite values with a distribution-free standard error.

    Examples
    --------
    >>> median(np.arange(1.0, 102.0))
    Estimate(value=51.0, standard_error=5.0, companies=101, coverage=1.0)
    """
    known = np.sort(values[np.isfinite(values)])
    count = known.size
    if not count:
        return NOTHING
    half = np.sqrt(count) / 2
    low = int(np.clip(np.floor(count / 2 - half), 0, count - 1))
    high = int(np.clip(np.ceil(count / 2 + half) - 1, 0, count - 1))
    error = float(known[high] - known[low]) / 2
    return Estimate(float(np.median(known)), error, count, count / values.size)


def share(true: np.ndarray, known: np.ndarray) -> Estimate:
    """Percent of the companies in `known` for which `true` holds."""
    count = int(known.sum())
    if not count:
        return NOTHING
    part = float((true & known).sum()) / count
    error = np.sqrt(part * (1 - part) / count)
    return Estimate(PERCENT * part, PERCENT * float(error), count, count / known.size)


def ratio_of_sums(top: np.ndarray, bottom: np.ndarray) -> Estimate:
    """Sum of `top` over sum of `bottom`, of companies with both, with a linearised standard error."""
    known = np.isfinite(top) & np.isfinite(bottom)
    count = int(known.sum())
    whole = float(bottom[known].sum())
    if count < 2 or whole <= 0:  # noqa: PLR2004 - one company has no spread
        return NOTHING
    value = float(top[known].sum()) / whole
    spread = top[known] - value * bottom[known]
    error = np.sqrt(count / (count - 1) * float(spread @ spread)) / whole
    return Estimate(value, float(error), count, count / known.size)


def _scaled(estimate: Estimate, factor: float, shift: float = 0.0) -> Estimate:
    return Estimate(
        factor * estimate.value + shift, abs(factor) * estimate.standard_error, estimate.companies, estimate.coverage
    )


def _over_ebitda(group: Group, top: Callable[[Mapping[str, np.ndarray]], np.ndarray]) -> Estimate:
    ebitda = group.values["ebitda"]
    with np.errstate(invalid="ignore", divide="ignore"):
        return median(np.where(ebitda > 0, top(group.values) / ebitda, np.nan))


def _net_debt_ebitda(group: Group) -> Estimate:
    return _over_ebitda(group, lambda value: value["debt"] - value["liquid"])


def _debt_ebitda(group: Group) -> Estimate:
    return _over_ebitda(group, lambda value: value["debt"])


def _total_debt_ebitda(group: Group) -> Estimate:
    return ratio_of_sums(group.values["debt"], group.values["ebitda"])


def _effective_rate(group: Group) -> Estimate:
    return _scaled(median(group.values["effective_rate"]), PERCENT)


def _below_interest(group: Group) -> Estimate:
    value = group.values
    interest = np.where(np.isnan(value["interest"]) & (value["debt"] == 0), 0.0, value["interest"])
    with np.errstate(invalid="ignore"):
        return share(value["ebit"] < interest, np.isfinite(value["ebit"]) & np.isfinite(interest))


def _loss_makers(group: Group) -> Estimate:
    income = group.values["net_income"]
    with np.errstate(invalid="ignore"):
        return share(income < 0, np.isfinite(income))


def _earnings_growth(group: Group) -> Estimate:
    value = group.values
    return _scaled(ratio_of_sums(value["net_income"], value["net_income_year_ago"]), PERCENT, -PERCENT)


def _due_within_year(group: Group) -> Estimate:
    value = group.values
    with np.errstate(invalid="ignore"):
        owing = value["debt"] > 0
        due = np.minimum(value["due_within_year"], value["debt"])
    estimate = ratio_of_sums(np.where(owing, due, np.nan), np.where(owing, value["debt"], np.nan))
    return _scaled(estimate, PERCENT)


def _earnings_yield(group: Group) -> Estimate:
    return _scaled(ratio_of_sums(group.values["net_income"], group.values["public_float"]), PERCENT)


MEASURES: tuple[Measure, ...] = (
    Measure("net_debt_ebitda", "times", "net debt over EBITDA, median", False, _net_debt_ebitda),
    Measure("debt_ebitda", "times", "debt over EBITDA, median", False, _debt_ebitda),
    Measure("total_debt_ebitda", "times", "all debt over all EBITDA", False, _total_debt_ebitda),
    Measure("effective_rate", "%", "interest over average debt, median", False, _effective_rate),
    Measure("ebit_below_interest", "%", "companies with EBIT below interest", False, _below_interest),
    Measure("loss_makers", "%", "companies with a loss over twelve months", True, _loss_makers),
    Measure("earnings_growth", "%", "growth of earnings over a year", True, _earnings_growth),
    Measure("due_within_year", "%", "debt due within a year", False, _due_within_year),
    Measure("earnings_yield", "%", "earnings over public float", True, _earnings_yield),
)
