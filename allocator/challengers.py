"""Registered rules that run beside the method and are compared on later days only.

1. `challengers.toml` registers each with its day; the method in force is the first, so that all are measured alike.
2. Every day each rule states its view and the weight of a paper portfolio that started at the policy weight on the
   day of registration: what it would hold if it decided today, stepping from where it stood at the last month's end.
   The last statement of a month is its decision.
3. The statements of month-ends are then compared: net return, information ratio, and the e-process of
   `allocator.evidence.forward_test`, which may be looked at on any day.

A rule that does better is no reason for the program to change: a person changes the method.
"""

import datetime as dt
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from allocator import method_1, returns, tilt
from allocator.decide import weigh_evidence
from allocator.evidence import ForwardTest, forward_test, information_ratio
from allocator.settings import ForecastSettings, Judgement
from allocator.track_record import Cache, known_record, named_signals, opinion
from regime.call import call_regime
from regime.phase import PHASES
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.calendars import month_end_sessions
from signals.signal import Reading, read

SHORTEST_IR = 12  # months below which no ratio is shown


@dataclass(frozen=True, slots=True)
class Challenger:
    """A registered rule.

    Attributes
    ----------
    name : str
    registered : datetime.date
        Its first day; nothing earlier counts.
    why : str
    method : int
        Whose arithmetic it follows.
    signals : tuple of str
    regime, pooled : bool
        With the rate cycle's phases; with one slope for all signals.
    """

    name: str
    registered: dt.date
    why: str
    method: int
    signals: tuple[str, ...]
    regime: bool
    pooled: bool = False

    def judgement(self, base: Judgement) -> Judgement:
        """Its settings, on the pair and the policy weight of `base`."""
        if self.method == 1:
            return method_1.defaults(base.portfolio)
        plain = Judgement(portfolio=base.portfolio)
        forecast = ForecastSettings(signals=self.signals, regime=self.regime, pooled=self.pooled)
        return replace(plain, forecast=forecast)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a rule states on one day.

    Attributes
    ----------
    name : str
    view_points : float
        Its wish after the multiplier.
    active_weight_points : float
        Of its paper portfolio, if it decided today.
    multiplier : float
    sigma_annual_percent : float
    """

    name: str
    view_points: float
    active_weight_points: float
    multiplier: float
    sigma_annual_percent: float


@dataclass(frozen=True, slots=True)
class Compared:
    """A rule since its registration.

    Attributes
    ----------
    challenger : Challenger
    months : ndarray of datetime64[M], shape (n,)
        Months of the decisions whose outcome is known.
    net : ndarray, shape (n,)
        Active return of the holding period after each, percent, net of cost.
    test : ForwardTest
    """

    challenger: Challenger
    months: np.ndarray
    net: np.ndarray
    test: ForwardTest

    @property
    def ir(self) -> float | None:
        """Annual information ratio; None under a year."""
        return information_ratio(self.net) if self.net.size >= SHORTEST_IR else None


@cache
def registered_challengers() -> tuple[Challenger, ...]:
    """The shipped file."""
    body = resources.files("allocator").joinpath("challengers.toml").read_text(encoding="utf-8")
    rows: Sequence[dict[str, Any]] = tomllib.loads(body)["challenger"]
    for row in rows:
        row["signals"] = tuple(row["signals"])
    return tuple(Challenger(**row) for row in rows)


def state(
    challenger: Challenger,
    view: AsOf,
    base: Judgement,
    regime: RegimeSettings,
    *,
    before: float,
    cache: Cache | None = None,
) -> Statement | None:
    """What a rule states at the view's moment; None where it can give no forecast.

    Parameters
    ----------
    before : float
        Active weight of its paper portfolio at the last month's end, points.
    """
    judgement = challenger.judgement(base)
    past, record, as_of = known_record(view, judgement, regime, cache)
    phases = None
    if judgement.forecast.regime:
        probabilities = call_regime(view, regime).probabilities
        phases = np.array([probabilities[phase] for phase in PHASES])
    answers = [read(signal, view) for signal in named_signals(judgement)]
    now = np.array([answer.score if isinstance(answer, Reading) else np.nan for answer in answers])
    formed = opinion(view, past, judgement, phases=phases, now=now)
    if formed is None:
        return None
    factor = weigh_evidence(record, view.moment, as_of, judgement).multiplier.value
    limits = tilt.Limits.long_only(judgement.portfolio.policy_weight, before, formed.sigma_annual_percent, factor)
    rules = method_1 if judgement.method == 1 else tilt
    sized = rules.size(formed.contributions, limits, judgement.tilt)
    return Statement(challenger.name, sized.view, sized.points, factor, formed.sigma_annual_percent)


def compare(
    challenger: Challenger, stated: Sequence[tuple[dt.date, Statement]], view: AsOf, base: Judgement
) -> Compared:
    """A rule's recorded statements against what happened, as known at the view's moment.

    Parameters
    ----------
    stated : sequence of (day, Statement)
        As recorded, ascending. The last one of each month counts, once that month is over.
    """
    by_month = {np.datetime64(day, "M"): statement for day, statement in stated if day >= challenger.registered}
    over = np.datetime64(view.moment.date(), "M")
    months = np.array([month for month in by_month if month < over], dtype="datetime64[M]")
    points = np.array([by_month[month].active_weight_points for month in months])
    sigma = np.array([by_month[month].sigma_annual_percent for month in months])
    if not months.size:
        return Compared(challenger, months, np.zeros(0), forward_test(*(np.zeros(0),) * 4))
    closes = returns.execution_days([_last_session(month) for month in np.append(months, months[-1] + 1)])
    difference = returns.between(view, base.portfolio, closes)
    done = np.isfinite(difference)
    traded = np.abs(np.diff(points, prepend=0.0))
    cost_percent = base.tilt.cost_bp / 100
    net = points / 100 * difference - traded / 100 * cost_percent
    test = forward_test(points[done], difference[done], sigma[done], traded[done], round_trip_percent=cost_percent)
    return Compared(challenger, months[done], net[done], test)


def _last_session(month: np.datetime64) -> dt.date:
    first = month.astype("datetime64[D]").item()
    return month_end_sessions(first, (month + 1).astype("datetime64[D]").item() - dt.timedelta(days=1))[0]
