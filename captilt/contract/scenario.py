"""Scenarios of the contract: what is supposed, and what the engine would say."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allocator.returns import old_prices
from captilt.contract.financing import InterestBill, interest_bill
from captilt.contract.record import Answer, fill
from captilt.contract.run import Line
from regime.phase import Phase
from signals.calendars import day_of

if TYPE_CHECKING:
    from allocator.scenario import Outcome
    from signals.asof import AsOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """A supposed future: where inputs stand after so many months, basis points of change from today."""

    months: int
    target_bp: float = 0.0
    spread_bp: float = 0.0
    slope_bp: float = 0.0
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSignal:
    """Score of a signal today and in the scenario; None for a gap."""

    name: str
    score_now: float | None
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioHealth:
    """Health of the data in the scenario; confidence 0 to 1."""

    status: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTheWay:
    """What the move of the spread itself does, by the same-month sensitivity known that day.

    Attributes
    ----------
    small_minus_large_percent : float
        Negative where small caps lag.
    interval : tuple of float
        95 %.
    position_bp : float
        The same in basis points of the portfolio, at the tilt recommended today.
    months : int
        Behind the sensitivity.
    """

    small_minus_large_percent: float
    interval: tuple[float, float]
    position_bp: float
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What the engine would say in one scenario; `supposed` is None for today."""

    scenario: str
    supposed: Supposed | None
    day: dt.date
    probabilities: Mapping[Phase, float]
    signals: tuple[ScenarioSignal, ...]
    forecast_annual_percent: float | None
    forecast_sd_percent: float | None
    probability_outperform: float | None
    probability_wrong: float | None
    wanted_points: float | None
    active_weight_points: float
    target_weight: float
    trade_points: float
    stance: str
    attribution: tuple[Line, ...]
    active_beta: float | None
    data: ScenarioHealth
    on_the_way: OnTheWay | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioAnswer(Answer):
    """What `captilt scenario` answers; the first row is today."""

    as_of: dt.date
    small: str
    large: str
    rows: tuple[Scenario, ...]
    interest_bill: InterestBill | None = None
    old_prices: tuple[str, ...] = ()


def scenario_answer(view: "AsOf", outcomes: "Sequence[Outcome]", *, small: str, large: str) -> ScenarioAnswer:
    """Every outcome, today first."""
    return ScenarioAnswer(
        as_of=day_of(view.moment),
        small=small,
        large=large,
        rows=tuple(_scenario(outcome) for outcome in outcomes),
        interest_bill=interest_bill(view),
        old_prices=old_prices(view, (small, large)),
    )


def _scenario(outcome: "Outcome") -> Scenario:
    decision = outcome.decision
    return fill(
        Scenario,
        decision.recommendation,
        scenario=outcome.name,
        supposed=outcome.supposed and fill(Supposed, outcome.supposed),
        day=outcome.day,
        probabilities=outcome.probabilities,
        signals=tuple(ScenarioSignal(name=name, score_now=now, score=then) for name, now, then in outcome.moved),
        probability_wrong=outcome.wrong,
        wanted_points=decision.wanted_points,
        attribution=tuple(fill(Line, line) for line in decision.recommendation.attribution),
        active_beta=outcome.active_beta,
        data=fill(ScenarioHealth, decision.health),
        on_the_way=outcome.on_the_way and fill(OnTheWay, outcome.on_the_way),
    )
