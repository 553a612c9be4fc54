"""The financing series: every measure for small and large companies at month-ends, as known at each.

A value depends on filings known at its month-end alone, so adding later filings leaves it as it was.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from signals.filings.groups import Group, Register
from signals.filings.measures import LEAST_COMPANIES, MEASURES, PERCENT, Estimate, median
from signals.filings.pass_through import PolicyRate, pass_through
from signals.filings.quarters import CompanyQuarters
from signals.filings.size_groups import DELAY, GROUPS, PASS_THROUGH, SizeCut

MONTHS_IN_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One number of one series.

    Attributes
    ----------
    measure, group : str
    period : datetime.date
        Month-end.
    known_at : numpy.datetime64
        UTC; the cut of that day.
    estimate : Estimate
    """

    measure: str
    group: str
    period: dt.date
    known_at: np.datetime64
    estimate: Estimate


def financing_series(
    table: CompanyQuarters,
    moments: Sequence[tuple[dt.date, np.datetime64]],
    policy: PolicyRate,
    cut: SizeCut,
    *,
    step: Callable[[int, int], None] | None = None,
) -> tuple[Point, ...]:
    """Every measure of small and large companies at every moment, as known then.

    Parameters
    ----------
    table : CompanyQuarters
    moments : sequence of (date, datetime64[us])
        Month-ends, ascending and one a month, and the instant of each one's cut in UTC.
    policy : PolicyRate
    cut : SizeCut
    step : callable, optional
        Called with (done, of).

    Returns
    -------
    tuple of Point
        Only where at least `LEAST_COMPANIES` companies answer.
    """
    register = Register(table)
    points: list[Point] = []
    changes = {group: np.full((len(moments), 4), np.nan) for group in GROUPS}
    for number, (day, moment) in enumerate(moments):
        if step is not None:
            step(number, len(moments))
        groups = register.groups(moment, cut)
        for name, group in groups.items():
            estimates = [(measure.name, measure.of(group)) for measure in MEASURES]
            changes[name][number] = _changes(group, policy)
            estimates += _pass_through(changes[name], number)
            points += [
                Point(what, name, day, moment, estimate) for what, estimate in estimates if np.isfinite(estimate.value)
            ]
    return tuple(points)


def _changes(group: Group, policy: PolicyRate) -> np.ndarray:
    """Median change of the effective rate and of the policy rate over four quarters; companies and coverage."""
    group = group.without_financials()
    change = PERCENT * (group.values["effective_rate"] - group.values["effective_rate_year_ago"])
    middle = median(change)
    if middle.companies < LEAST_COMPANIES:
        return np.full(4, np.nan)
    moved = policy.change(group.period[np.isfinite(change)])
    return np.array([middle.value, np.median(moved), middle.companies, middle.coverage])


def _pass_through(changes: np.ndarray, number: int) -> list[tuple[str, Estimate]]:
    """Slope and delay from every third month-end up to this one."""
    rows = changes[number % MONTHS_IN_QUARTER : number + 1 : MONTHS_IN_QUARTER]
    fitted = pass_through(rows[:, 0], rows[:, 1])
    companies, coverage = int(np.nan_to_num(rows[-1, 2])), float(np.nan_to_num(rows[-1, 3]))
    delay = float(fitted.delay_quarters) if fitted.quarters else np.nan
    return [
        (PASS_THROUGH, Estimate(fitted.slope, fitted.standard_error, companies, coverage)),
        (DELAY, Estimate(delay, 0.0, companies, coverage)),
    ]
