"""What a move of the policy rate does to the interest bill of small and of large companies, from their filings."""

from dataclasses import dataclass

import numpy as np

from signals.asof import AsOf
from signals.derived.financing_gap import WAITS
from signals.filings.interest_bill import Funding, Saving, interest_saved, small_less_large
from signals.filings.size_groups import DELAY, LARGE, PASS_THROUGH, SMALL, series_of
from signals.signal import Gap

DEBT = "debt_ebitda"
INPUTS = tuple(
    series_of(measure, group, statistic)
    for measure in (DEBT, PASS_THROUGH)
    for group in (SMALL, LARGE)
    for statistic in ("value", "error", "companies")
)


@dataclass(frozen=True, slots=True)
class InterestBills:
    """Interest saved in a year after a move of the policy rate, in percent of EBITDA.

    Attributes
    ----------
    policy_bp : float
        The move.
    month : numpy.datetime64
        Month-end whose filings are used.
    small, large, gap : Saving
        `gap` is small less large.
    companies : int
    """

    policy_bp: float
    month: np.datetime64
    small: Saving
    large: Saving
    gap: Saving
    companies: int


def bills(view: AsOf, policy_bp: float) -> InterestBills | Gap:
    """The interest bill after the policy rate moves by `policy_bp`, as far as filings known at the moment tell."""
    newest = {name: view.latest(name) for name in INPUTS}
    if not all(part.period.size for part in newest.values()):
        absent = next(name for name, part in newest.items() if not part.period.size)
        return Gap("interest_bill", WAITS, "missing", absent)
    number = {name: float(part.value[-1]) for name, part in newest.items()}
    small, large = (interest_saved(_funding(view, group, number), policy_bp) for group in (SMALL, LARGE))
    return InterestBills(
        policy_bp=policy_bp,
        month=min(part.period[-1] for part in newest.values()),
        small=small,
        large=large,
        gap=small_less_large(small, large),
        companies=sum(int(number[series_of(DEBT, group, "companies")]) for group in (SMALL, LARGE)),
    )


def _funding(view: AsOf, group: str, number: dict[str, float]) -> Funding:
    delay = view.latest(series_of(DELAY, group)).value
    return Funding(
        debt_ebitda=number[series_of(DEBT, group)],
        debt_ebitda_error=number[series_of(DEBT, group, "error")],
        pass_through=number[series_of(PASS_THROUGH, group)],
        pass_through_error=number[series_of(PASS_THROUGH, group, "error")],
        delay_quarters=int(delay[-1]) if delay.size else 0,
    )
