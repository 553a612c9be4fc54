"""Small-cap funds against two benchmark funds: what they earned, what it cost, what a tilt explains and what luck.

1. Difference of monthly total returns to IWM (Russell 2000) and to IJR (S&P 600): the choice between the two is the
   biggest lever on any alpha, so both stand side by side. Index funds are rows of the benchmark, never "active".
2. Own expense ratio less the benchmark fund's is the extra fee; put back, the difference is gross alpha, weighed
   against that fee (`allocator.portfolio.vehicle`).
3. The same difference after market, size, value, profitability and investment (`factor_alpha`), and over the whole
   panel beside what luck would show.

The funds listed are those that are still there; `spiva` says how much that flatters.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from allocator.portfolio.factor_alpha import FEWEST, MONTHS, FactorAlpha, Luck, factor_alpha, luck, mean_difference
from allocator.portfolio.fund_table import PASSIVE, Fund, fund_table, small_cap_funds
from allocator.portfolio.spiva import LaggingShare, latest_lagging_share
from allocator.portfolio.vehicle import NEEDED, Track, Verdict, weigh_record
from allocator.returns import growth_of, month_ends
from signals.asof import AsOf
from signals.calendars import day_of

BENCHMARKS = (("Russell 2000", "IWM"), ("S&P 600", "IJR"))
FACTOR_SERIES = tuple(f"french:FF5_MONTHLY:{name}" for name in ("Mkt-RF", "SMB", "HML", "RMW", "CMA"))
TILT_T = 2.0  # a loading beyond this is a tilt worth naming
SAME_FEE = 0.05  # percent per year: a smaller difference of fees decides nothing

Conclusion = Literal["active", "passive", "no difference", "index"]


@dataclass(frozen=True, slots=True)
class FundRecord:
    """One fund against one benchmark; percent per year.

    Attributes
    ----------
    symbol, benchmark : str
    management : str
        index, rules, active, or empty where the fund table does not know it.
    expense_ratio, extra_fee : float or None
        Own, and beyond the benchmark fund's; the fee asked for where the own is not known.
    alpha_net, t_net : float
        Mean of the monthly difference after fees, and its HAC t.
    tracking_error : float
    years : float
    factors : FactorAlpha or None
        The difference after five factors; None with fewer than 36 common months.
    verdict : Verdict
        Of the gross alpha, with the fee put back, against the extra fee.
    conclusion, why : str
        active, passive, no difference or index, and the reason in one sentence.
    """

    symbol: str
    benchmark: str
    management: str
    expense_ratio: float | None
    extra_fee: float
    alpha_net: float
    t_net: float
    tracking_error: float
    years: float
    factors: FactorAlpha | None
    verdict: Verdict
    conclusion: Conclusion
    why: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Every fund asked for against both benchmarks.

    Attributes
    ----------
    rows : tuple of FundRecord
        The benchmarks against each other first.
    luck : Luck or None
        Of the factor alphas of the funds that are no index funds, against the first benchmark.
    active : tuple of str
        Their symbols, in the order of `luck`.
    spread : tuple of float or None
        Tenth percentile, median and ninetieth of their net alpha, percent per year; None below two funds.
    lagging_percent : float or None
        Share of them behind the S&P 600 fund over their own records, dead funds not counted.
    spiva : LaggingShare or None
        The published share, dead funds counted.
    """

    rows: tuple[FundRecord, ...]
    luck: Luck | None
    active: tuple[str, ...]
    spread: tuple[float, float, float] | None
    lagging_percent: float | None
    spiva: LaggingShare | None


def default_symbols() -> tuple[str, ...]:
    """Every US small-cap fund of the table but the two benchmarks."""
    benchmarks = {symbol for _, symbol in BENCHMARKS}
    return tuple(fund.symbol for fund in small_cap_funds() if fund.symbol not in benchmarks)


def compare_funds(view: AsOf, symbols: Sequence[str], *, extra_fee: float | None = None, cost: float = 0.0) -> Panel:
    """Weigh funds against both benchmarks, as known at the view's moment.

    Parameters
    ----------
    view : AsOf
    symbols : sequence of str
        Those without 36 months in common with a benchmark are left out.
    extra_fee : float, optional
        Percent per year, for every fund; each fund's own where not given.
    cost : float
        Other extra cost of every fund, percent per year.
    """
    ends, _ = month_ends(view.moment)
    factors = np.column_stack([_monthly(view, series, ends) for series in FACTOR_SERIES])
    returns = {symbol: _returns(view, symbol, ends) for symbol in dict.fromkeys([*_benchmarks(), *symbols])}
    rows = [
        _fund_record(symbol, benchmark, returns, factors, extra_fee=extra_fee, cost=cost)
        for symbol in returns
        for benchmark in BENCHMARKS
        if symbol != benchmark[1]
    ]
    rows = [row for row in rows if row is not None]
    active = tuple(dict.fromkeys(row.symbol for row in rows if row.conclusion != "index"))
    own = [row for row in rows if row.symbol in active and row.benchmark == BENCHMARKS[0][0]]
    return Panel(
        rows=tuple(rows),
        luck=luck(np.column_stack([returns[s] - returns[BENCHMARKS[0][1]] for s in active]), factors)
        if active
        else None,
        active=active,
        spread=_spread([row.alpha_net for row in own]),
        lagging_percent=_lagging(rows, active),
        spiva=latest_lagging_share(day_of(view.moment)),
    )


def conclusions(view: AsOf, symbols: Sequence[str], *, benchmark: str) -> dict[str, Conclusion]:
    """What the records of funds say against one benchmark fund, by symbol; without those that cannot be weighed.

    Parameters
    ----------
    view : AsOf
    symbols : sequence of str
    benchmark : str
        Symbol of the benchmark fund; the first of `BENCHMARKS` where it is none of them.
    """
    against = next((pair for pair in BENCHMARKS if pair[1] == benchmark), BENCHMARKS[0])
    weighed = [symbol for symbol in dict.fromkeys(symbols) if symbol != against[1]]
    if not weighed:
        return {}
    ends, _ = month_ends(view.moment)
    factors = np.column_stack([_monthly(view, series, ends) for series in FACTOR_SERIES])
    returns = {symbol: _returns(view, symbol, ends) for symbol in (against[1], *weighed)}
    records = (_fund_record(symbol, against, returns, factors, extra_fee=None, cost=0.0) for symbol in weighed)
    return {record.symbol: record.conclusion for record in records if record is not None}


def _benchmarks() -> tuple[str, ...]:
    return tuple(symbol for _, symbol in BENCHMARKS)


def _returns(view: AsOf, symbol: str, ends: np.ndarray) -> np.ndarray:
    level = growth_of(view, symbol).at(ends)
    return 100 * (level[1:] / level[:-1] - 1)


def _monthly(view: AsOf, series: str, ends: np.ndarray) -> np.ndarray:
    """A monthly file of percents on the months that end at `ends[1:]`; NaN where not known yet."""
    known = view.latest(series)
    by_month = dict(zip(known.period.astype("datetime64[M]").tolist(), known.value.tolist(), strict=True))
    return np.array([by_month.get(month, math.nan) for month in ends[1:].astype("datetime64[M]").tolist()])


def _fund_record(
    symbol: str,
    benchmark: tuple[str, str],
    returns: dict[str, np.ndarray],
    factors: np.ndarray,
    *,
    extra_fee: float | None,
    cost: float,
) -> FundRecord | None:
    """A fund's record over all common months; None with fewer than 36."""
    difference = returns[symbol] - returns[benchmark[1]]
    known = difference[np.isfinite(difference)]
    if known.size < FEWEST or float(np.ptp(known)) == 0:
        return None
    fund, index = fund_table().get(symbol), fund_table().get(benchmark[1])
    fee = _extra_fee(fund, index) if extra_fee is None else extra_fee
    alpha, t = mean_difference(known)
    error = math.sqrt(MONTHS) * float(known.std(ddof=1))
    years = known.size / MONTHS
    verdict = weigh_record(Track(alpha + fee, error, years, max(fee, 0.0), cost))
    explained = factor_alpha(difference, factors)
    management = "" if fund is None else fund.management
    conclusion, why = _concluded(management, verdict, explained, fee=fee, cost=cost)
    return FundRecord(
        symbol=symbol,
        benchmark=benchmark[0],
        management=management,
        expense_ratio=None if fund is None else fund.expense_ratio_percent,
        extra_fee=fee,
        alpha_net=alpha,
        t_net=t,
        tracking_error=error,
        years=years,
        factors=explained,
        verdict=verdict,
        conclusion=conclusion,
        why=why,
    )


TYPICAL_EXTRA_FEE = 0.60  # percent per year above an index fund: METHOD's example of an active small-cap fund


def _extra_fee(fund: Fund | None, index: Fund | None) -> float:
    """Own expense ratio less the benchmark fund's; a typical one where the own is not known."""
    if fund is None or fund.expense_ratio_percent is None or index is None or index.expense_ratio_percent is None:
        return TYPICAL_EXTRA_FEE
    return fund.expense_ratio_percent - index.expense_ratio_percent


def _concluded(
    management: str, verdict: Verdict, explained: FactorAlpha | None, *, fee: float, cost: float
) -> tuple[Conclusion, str]:
    """Active, passive or no difference, and why."""
    if management == PASSIVE:
        return "index", "an index fund: a row of the benchmark"
    chance = f"{100 * verdict.probability:.0f} %"
    if verdict.choice == "passive":
        if abs(fee) + cost < SAME_FEE:
            return "no difference", f"it costs the same, and the chance that it adds anything is {chance}"
        return (
            "passive",
            f"the chance that its alpha beats {fee + cost:.2f} % a year is {chance}; {NEEDED:.0%} are needed",
        )
    if explained is None:
        return "no difference", f"fewer than {FEWEST} months with factors: a tilt cannot be separated from skill"
    if not _beats_after_factors(explained, fee=fee, cost=cost):
        tilts = [name for name, _, t in explained.loadings if abs(t) > TILT_T]
        named = " and ".join([", ".join(tilts[:-1]), tilts[-1]] if len(tilts) > 1 else tilts) or "the five factors"
        return "no difference", f"{explained.alpha:+.1f} % a year is left after {named}: a tilt, not skill"
    return (
        "active",
        f"{explained.alpha:+.1f} % a year is left after five factors (t {explained.t:.1f}); chance {chance}",
    )


def _beats_after_factors(explained: FactorAlpha, *, fee: float, cost: float) -> bool:
    """The same rule on the alpha that the factors leave, with its own standard error."""
    error = abs(explained.alpha / explained.t) if explained.t else math.inf
    if not 0 < error < math.inf:
        return False
    years = explained.months / MONTHS
    track = Track(explained.alpha + fee, error * math.sqrt(years), years, max(fee, 0.0), cost)
    return weigh_record(track).choice == "active"


def _spread(alphas: Sequence[float]) -> tuple[float, float, float] | None:
    if len(alphas) < 2:  # noqa: PLR2004 - one fund has no spread
        return None
    low, middle, high = np.percentile(alphas, [10, 50, 90])
    return float(low), float(middle), float(high)


def _lagging(rows: Sequence[FundRecord], active: tuple[str, ...]) -> float | None:
    """Percent of the judged funds that are behind the S&P 600 fund."""
    own = [row.alpha_net for row in rows if row.symbol in active and row.benchmark == BENCHMARKS[1][0]]
    return 100 * sum(alpha < 0 for alpha in own) / len(own) if own else None
