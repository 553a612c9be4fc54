"""The vehicle of the contract: active or passive, for one record or for the funds that are held."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allocator.portfolio.factor_alpha import FALSE_DISCOVERIES
from captilt.contract.record import Answer, fill

if TYPE_CHECKING:
    from allocator.portfolio.funds import FundRecord, Panel
    from allocator.portfolio.vehicle import Track, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleChoice:
    """Active or passive, with the arithmetic; percent a year, probability 0 to 1."""

    choice: str
    posterior_mean_percent: float
    posterior_sd_percent: float
    probability: float
    break_even_mean_percent: float
    break_even_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAnswer(VehicleChoice, Answer):
    """What `captilt vehicle` answers about one record."""

    alpha_percent: float
    tracking_error_percent: float
    years: float
    extra_fee_percent: float
    cost_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """Slope of a difference of returns on one factor, with its HAC t."""

    factor: str
    slope: float
    t: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorAlpha:
    """What factors leave of a difference of returns: alpha in percent a year, its HAC t, and the loadings."""

    alpha_percent: float
    t: float
    months: int
    loadings: tuple[Loading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund(VehicleChoice):
    """One fund against one benchmark (see `allocator.portfolio.funds.FundRecord`).

    Attributes
    ----------
    expense_ratio_percent, extra_fee_percent : float
        Own, and beyond the benchmark fund's, per year.
    t_net : float or None
        HAC t of `alpha_net`.
    p_luck : float or None
        Bootstrap p-value of the alpha after factors.
    conclusion, why : str
        active, passive, no difference or index, and the reason.
    """

    symbol: str
    benchmark: str
    alpha_net: float
    tracking_error: float
    years: float
    management: str = ""
    expense_ratio_percent: float | None = None
    extra_fee_percent: float | None = None
    t_net: float | None = None
    factors: FactorAlpha | None = None
    p_luck: float | None = None
    conclusion: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelLuck:
    """The t statistics of a panel of at least two alphas beside what luck alone shows.

    Attributes
    ----------
    funds : tuple of str
    sd_of_t, sd_of_t_by_luck, largest_t_by_luck : float
    false_discovery_rate : float
    different : tuple of str
        Funds whose alpha differs from zero at that rate.
    """

    funds: tuple[str, ...]
    sd_of_t: float
    sd_of_t_by_luck: float
    largest_t_by_luck: float
    false_discovery_rate: float
    different: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lagging:
    """Published share of all small-cap funds behind the S&P 600, closed ones counted, percent."""

    years: int
    percent: float
    as_of: dt.date
    published: dt.date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsAnswer(Answer):
    """What `captilt vehicle` answers about the funds that are in the store.

    Attributes
    ----------
    extra_fee_percent : float or None
        The same for every fund; None where each has its own.
    net_alpha_percentiles_percent : (low, median, high) or None
        Tenth percentile, median and ninetieth of the funds beyond the index.
    lagging_percent : float or None
        Share of those funds behind the S&P 600 fund, closed ones not counted.
    """

    as_of: dt.date
    extra_fee_percent: float | None
    cost_percent: float
    rows: tuple[Fund, ...]
    luck: PanelLuck | None = None
    net_alpha_percentiles_percent: tuple[float, float, float] | None = None
    lagging_percent: float | None = None
    spiva: Lagging | None = None
    old_prices: tuple[str, ...] = ()


def record_answer(track: "Track", verdict: "Verdict") -> RecordAnswer:
    """The choice that one record leaves."""
    return RecordAnswer(
        alpha_percent=track.alpha,
        tracking_error_percent=track.tracking_error,
        years=track.years,
        extra_fee_percent=track.extra_fee,
        cost_percent=track.cost,
        **_choice(verdict),
    )


def funds_answer(panel: "Panel", day: dt.date, *, extra_fee: float | None, cost: float) -> FundsAnswer:
    """The choice that each fund leaves against each benchmark."""
    luck = panel.luck
    p_luck = {} if luck is None else dict(zip(panel.active, luck.p, strict=True))
    return FundsAnswer(
        as_of=day,
        extra_fee_percent=extra_fee,
        cost_percent=cost,
        rows=tuple(_fund(row, p_luck.get(row.symbol)) for row in panel.rows),
        luck=None
        if luck is None or len(panel.active) == 1
        else PanelLuck(
            funds=panel.active,
            sd_of_t=luck.sd_of_t,
            sd_of_t_by_luck=luck.sd_by_luck,
            largest_t_by_luck=luck.largest_by_luck,
            false_discovery_rate=FALSE_DISCOVERIES,
            different=tuple(symbol for symbol, yes in zip(panel.active, luck.different, strict=True) if yes),
        ),
        net_alpha_percentiles_percent=panel.spread,
        lagging_percent=panel.lagging_percent,
        spiva=panel.spiva and fill(Lagging, panel.spiva),
    )


def _fund(row: "FundRecord", p_luck: float | None) -> Fund:
    factors = row.factors
    return fill(
        Fund,
        row,
        expense_ratio_percent=row.expense_ratio,
        extra_fee_percent=row.extra_fee,
        factors=factors
        and FactorAlpha(
            alpha_percent=factors.alpha,
            t=factors.t,
            months=factors.months,
            loadings=tuple(Loading(factor=name, slope=slope, t=t) for name, slope, t in factors.loadings),
        ),
        p_luck=p_luck,
        **_choice(row.verdict),
    )


def _choice(verdict: "Verdict") -> dict[str, Any]:
    return {
        "choice": verdict.choice,
        "posterior_mean_percent": verdict.posterior_mean,
        "posterior_sd_percent": verdict.posterior_sd,
        "probability": verdict.probability,
        "break_even_mean_percent": verdict.break_even_mean,
        "break_even_percent": verdict.break_even,
    }
