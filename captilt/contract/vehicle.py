"""The vehicle of the contract: active or passive, for one record or for the funds that are held."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from captilt.contract.record import fill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from allocator.portfolio.funds import FundRecord
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
class RecordAnswer(VehicleChoice):
    """What `captilt vehicle` answers about one record."""

    alpha_percent: float
    tracking_error_percent: float
    years: float
    extra_fee_percent: float
    cost_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund(VehicleChoice):
    """One fund against one benchmark."""

    symbol: str
    benchmark: str
    alpha_net: float
    tracking_error: float
    years: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FundsAnswer:
    """What `captilt vehicle` answers about the funds that are held in the store."""

    as_of: dt.date
    extra_fee_percent: float
    cost_percent: float
    rows: tuple[Fund, ...]


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


def funds_answer(rows: "Sequence[FundRecord]", day: dt.date, *, extra_fee: float, cost: float) -> FundsAnswer:
    """The choice that each fund leaves against each benchmark."""
    funds = tuple(fill(Fund, row, **_choice(row.verdict)) for row in rows)
    return FundsAnswer(as_of=day, extra_fee_percent=extra_fee, cost_percent=cost, rows=funds)


def _choice(verdict: "Verdict") -> dict[str, Any]:
    return {
        "choice": verdict.choice,
        "posterior_mean_percent": verdict.posterior_mean,
        "posterior_sd_percent": verdict.posterior_sd,
        "probability": verdict.probability,
        "break_even_mean_percent": verdict.break_even_mean,
        "break_even_percent": verdict.break_even,
    }
