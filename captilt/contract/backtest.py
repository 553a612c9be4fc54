"""The back-test of the contract: what the rules earned, against what anybody could have done instead."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from allocator.backtest.breakdown import positions_taken, rolling_ratio
from allocator.backtest.performance import PERIODS
from captilt.contract.record import Answer, fill
from captilt.contract.run import Power, power_record
from regime.phase import PHASES, Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from allocator.backtest.backtest import Backtest, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures of one record (see `allocator.backtest.performance.Performance`)."""

    active_return_bp: float
    tracking_error_percent: float
    ir: float | None
    max_active_drawdown_percent: float
    turnover: float
    hit_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFigures(Figures):
    """Figures of one rule, cost, variant or leg."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One figure beside the reference of docs/METHOD.md."""

    figure: str
    ours: float
    reference: float
    standard_error: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What deflation leaves of the record."""

    psr: float
    dsr: float
    trials: float
    t: float | None = None
    haircut_t: float | None = None
    power: Power | None = None
    pbo: float | None
    pbo_rules: int | None = None
    spa_p: float | None
    ir_interval: tuple[float, float] | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestMonth:
    """One decision and what it earned.

    Attributes
    ----------
    traded : datetime.date
        Close at which it was carried out; its month is the one whose return is counted.
    phase : Phase or None
        The most probable one at the decision; None before probabilities are recorded.
    net_percent : float or None
        Active return of the recommended tilt over the period, net of cost.
    rolling_ir : float or None
        Net information ratio of the three years that ended with this period; None before there are three.
    """

    decided: dt.date
    traded: dt.date
    view_points: float | None = None
    active_weight_points: float
    recommended_points: float
    unscaled_points: float | None = None
    confidence: float
    multiplier: float
    small_minus_large_percent: float
    phase: Phase | None = None
    net_percent: float | None = None
    rolling_ir: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A stretch of decisions on one side of policy by a point or more: its net return, and months."""

    start: dt.date
    end: dt.date
    mean_points: float
    net_bp: float
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stances:
    """Shares of decisions by view, and of positions under one point; 0 to 1."""

    overweight: float
    neutral: float
    underweight: float
    under_one_point: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One calendar year of the recommended tilt, net of cost."""

    year: int
    active_return_bp: float
    cost_bp: float
    mean_tilt_points: float
    turnover_points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A fall of active wealth; `end` is None where it has not recovered."""

    start: dt.date
    trough: dt.date
    end: dt.date | None
    depth_bp: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestAnswer(Answer):
    """What `captilt backtest` answers (see `allocator.backtest.backtest.Backtest`)."""

    first: Annotated[dt.date, Field(alias="from")]
    last: Annotated[dt.date, Field(alias="to")]
    last_outcome: dt.date
    n: int
    sample: str
    schedule: str
    small: str
    large: str
    net: Figures
    gross: Figures
    beta_neutral: Figures
    recommended: Figures
    unscaled: Figures
    one_month_late: Figures
    mean_abs_tilt_points: float
    mean_tilt_points: float
    costs: tuple[NamedFigures, ...]
    benchmarks: tuple[NamedFigures, ...]
    variants: tuple[NamedFigures, ...]
    legs_out: tuple[NamedFigures, ...]
    stances: Stances
    years: tuple[Year, ...]
    spells: tuple[Spell, ...]
    positions: tuple[Taken, ...] = ()
    timing_irs: tuple[float | None, ...] = ()
    reference: tuple[Comparison, ...]
    evidence: Proof
    verdict: str
    one_day_optimistic: bool
    rows: tuple[BacktestMonth, ...]


def backtest_answer(result: "Backtest") -> BacktestAnswer:
    """The record of a back-test."""
    return fill(
        BacktestAnswer,
        result,
        n=result.net.periods,
        sample=result.sample.name,
        schedule=result.sample.schedule,
        small=result.sample.small,
        large=result.sample.large,
        net=fill(Figures, result.net),
        gross=fill(Figures, result.gross),
        beta_neutral=fill(Figures, result.beta_neutral),
        recommended=fill(Figures, result.net),
        unscaled=fill(Figures, result.unscaled),
        one_month_late=fill(Figures, result.late),
        costs=_named(result.costs),
        benchmarks=_named(result.benchmarks),
        variants=_named(result.variants),
        legs_out=_named(result.legs_out),
        stances=fill(Stances, result.stances),
        years=tuple(fill(Year, year) for year in result.years),
        spells=tuple(fill(Spell, spell) for spell in result.spells),
        positions=tuple(
            fill(Taken, taken)
            for taken in positions_taken(result.walk.closes, result.walk.points, result.walk.net(result.cost_bp))
        ),
        timing_irs=() if result.timing is None else result.timing.irs,
        reference=tuple(fill(Comparison, row) for row in result.comparisons),
        evidence=fill(
            Proof,
            result.proof,
            power=power_record(result.proof.power),
            reasons=tuple(result.proof.verdict.reasons),
        ),
        verdict=result.proof.verdict.answer,
        rows=_months(result),
    )


def _named(rows: "Sequence[Row]") -> tuple[NamedFigures, ...]:
    return tuple(fill(NamedFigures, row.performance, name=row.name) for row in rows)


def _months(result: "Backtest") -> tuple[BacktestMonth, ...]:
    own, unscaled = result.walk, result.unscaled_walk
    net = own.net(result.cost_bp)
    ratio = rolling_ratio(net, per_year=PERIODS[result.sample.schedule])
    return tuple(
        BacktestMonth(
            decided=own.decided[n].item(),
            traded=own.closes[n].item(),
            view_points=float(own.views[n]),
            active_weight_points=float(own.points[n]),
            recommended_points=float(own.points[n]),
            unscaled_points=float(unscaled.points[n]),
            confidence=float(own.confidence[n]),
            multiplier=float(own.multiplier[n]),
            small_minus_large_percent=float(own.difference[n]),
            phase=_leading(own.phases[n]),
            net_percent=_known(net[n]),
            rolling_ir=_known(ratio[n]),
        )
        for n in range(own.decided.size)
    )


def _leading(chances: np.ndarray) -> Phase | None:
    return PHASES[int(np.argmax(chances))] if np.isfinite(chances).all() else None


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
