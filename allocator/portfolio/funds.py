"""Small-cap funds against two benchmarks: the choice between them is the biggest lever on any alpha.

The funds listed are those that are still there: the dead ones had worse records, so every number here
flatters active management.
"""

import math
from dataclasses import dataclass

import numpy as np

from allocator.portfolio.vehicle import Track, Verdict, judge
from allocator.returns import growth_of, month_ends
from signals.asof import AsOf

BENCHMARKS = (("Russell 2000", "IWM"), ("S&P 600", "IJR"))
FUNDS = (
    "AVUV", "AVSC", "CALF", "DFAS", "DFAT", "DFSV", "FNDA", "IWC", "OMFS", "PSC", "RWJ", "SVAL", "XSVM",
)  # fmt: skip
FEWEST = 36  # months: a shorter record says nothing about skill
MONTHS = 12


@dataclass(frozen=True, slots=True)
class FundRecord:
    """One fund against one benchmark; percent per year.

    Attributes
    ----------
    symbol, benchmark : str
    alpha_net, tracking_error : float
        Mean and standard deviation of the monthly difference, the fund's own fee already taken.
    years : float
    verdict : Verdict
        Of the gross alpha, with the fee put back, against the extra fee.
    """

    symbol: str
    benchmark: str
    alpha_net: float
    tracking_error: float
    years: float
    verdict: Verdict


def record(view: AsOf, symbol: str, benchmark: tuple[str, str], *, extra_fee: float, cost: float) -> FundRecord | None:
    """A fund's record over all common months; None with fewer than 36."""
    ends, _ = month_ends(view.moment)
    own, index = (growth_of(view, ticker).at(ends) for ticker in (symbol, benchmark[1]))
    difference = 100 * (own[1:] / own[:-1] - index[1:] / index[:-1])
    known = difference[np.isfinite(difference)]
    if known.size < FEWEST or float(np.ptp(known)) == 0:
        return None
    alpha = MONTHS * float(known.mean())
    error = math.sqrt(MONTHS) * float(known.std(ddof=1))
    years = known.size / MONTHS
    return FundRecord(
        symbol=symbol,
        benchmark=benchmark[0],
        alpha_net=alpha,
        tracking_error=error,
        years=years,
        verdict=judge(Track(alpha + extra_fee, error, years, extra_fee, cost)),
    )


def table(view: AsOf, symbols: tuple[str, ...], *, extra_fee: float, cost: float) -> tuple[FundRecord, ...]:
    """Every fund against both benchmarks, the benchmarks against each other first."""
    rows = [
        record(view, ticker, other, extra_fee=extra_fee, cost=cost)
        for (_, ticker), other in zip(BENCHMARKS, reversed(BENCHMARKS), strict=True)
    ]
    rows += [record(view, symbol, index, extra_fee=extra_fee, cost=cost) for symbol in symbols for index in BENCHMARKS]
    return tuple(row for row in rows if row is not None)
