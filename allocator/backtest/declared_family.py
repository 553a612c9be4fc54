"""The declared family of settings, all of them walked forward at once.

Overfitting and data snooping are judged over the family that `specification.toml` declares: every
combination of its signals, priors and half-lives, and nothing else. Members share their facts, so each
month-end is looked at once and only the small linear algebra is repeated; the result equals
`allocator.track.walk_forward_record` member by member (a test says so).
"""

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from allocator import returns, tilt
from allocator.evidence import specification
from allocator.forecast import MONTHS, phase_means, ridge
from allocator.settings import ForecastSettings, Judgement
from allocator.track_record import (
    FIRST_DECISION,
    SHORTEST_SAMPLE,
    Panel,
    month_end_panel,
    multiplier_path,
    realised,
    sample,
)
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.calendars import cut

Step = Callable[[int, int], None]  # (done, of): progress for a person who waits


@dataclass(frozen=True, slots=True)
class Family:
    """What every member earned.

    Attributes
    ----------
    members : tuple of Judgement
    decided : ndarray of datetime64[D], shape (n,)
        Month-ends of the decisions.
    points : ndarray, shape (n, members)
        Active weight recommended, with the multiplier that each member's own forecasts had earned by then.
    net : ndarray, shape (n, members)
        Percent over the holding period after it, net of cost; NaN where its end is not known.
    """

    members: tuple[Judgement, ...]
    decided: np.ndarray
    points: np.ndarray
    net: np.ndarray

    def known(self) -> np.ndarray:
        """The net returns with an outcome, shape (months, members)."""
        return self.net[np.isfinite(self.net).all(axis=1)]


def declared(judgement: Judgement) -> tuple[Judgement, ...]:
    """Every member of the declared family, on the pair and the limits of `judgement`."""
    family = specification().declared["family"]
    axes = (family["signals"], family["regime"], family["slope_prior_sd"], family["sigma_half_life_months"])
    return tuple(
        replace(
            judgement,
            forecast=replace(judgement.forecast, signals=tuple(names), regime=regime, slope_prior_sd=prior),
            tilt=replace(judgement.tilt, sigma_half_life_months=half_life),
        )
        for names, regime, prior, half_life in itertools.product(*axes)
    )


def walk(
    view: AsOf,
    members: tuple[Judgement, ...],
    regime: RegimeSettings,
    *,
    first: dt.date = FIRST_DECISION,
    step: Step | None = None,
) -> Family:
    """Walk every member forward over the month-ends known at the view's moment.

    Parameters
    ----------
    members : tuple of Judgement
        On one pair; they may differ in forecast and tilt settings. A member without signals follows the
        regime alone.
    first : datetime.date
        Earliest decision.
    step : callable, optional
        Called after every month-end with (done, of).
    """
    shared = _shared(members)
    past = month_end_panel(view, shared, regime)
    rows = [row for row, day in enumerate(past.days) if day >= first]
    decided = [past.days[row] for row in rows]
    forecasts, sigmas = np.full((2, len(rows), len(members)), np.nan)
    for number, row in enumerate(rows):
        wanted = _forecasts(view, past, row, members, shared)
        if wanted is not None:
            forecasts[number], sigmas[number] = wanted
        if step is not None:
            step(number + 1, len(rows))
    points = _trade(forecasts, sigmas, _factors(view, decided, forecasts, members, shared), members)
    net = np.column_stack([realised(view, decided, points[:, m], member)[1] for m, member in enumerate(members)])
    return Family(members, np.array(decided, dtype="datetime64[D]"), points, net)


def _factors(
    view: AsOf, decided: list[dt.date], forecasts: np.ndarray, members: tuple[Judgement, ...], shared: Judgement
) -> np.ndarray:
    """The multiplier of every member at every month-end; members with one forecast share one."""
    distinct = list(dict.fromkeys(member.forecast for member in members))
    column = [distinct.index(member.forecast) for member in members]
    first = [column.index(forecast_number) for forecast_number in range(len(distinct))]
    return multiplier_path(view, decided, forecasts[:, first], shared)[:, column]


def _trade(
    forecasts: np.ndarray, sigmas: np.ndarray, factors: np.ndarray, members: tuple[Judgement, ...]
) -> np.ndarray:
    """Active weights of every member from the policy weight on, points, shape (n, members)."""
    points, positions = np.zeros(forecasts.shape), np.zeros(len(members))
    for row, (forecast, sigma, factor) in enumerate(zip(forecasts, sigmas, factors, strict=True)):
        if np.isfinite(forecast).all():
            positions = np.array(
                [_settled(forecast[m], positions[m], sigma[m], factor[m], member) for m, member in enumerate(members)]
            )
        points[row] = positions
    return points


def _shared(members: tuple[Judgement, ...]) -> Judgement:
    """One judgement that reads everything that any member reads."""
    names = dict.fromkeys(name for member in members for name in member.forecast.signals)
    regime = any(member.forecast.regime for member in members)
    return replace(members[0], forecast=replace(members[0].forecast, signals=tuple(names), regime=regime))


def _forecasts(
    view: AsOf, past: Panel, month_end: int, members: tuple[Judgement, ...], shared: Judgement
) -> tuple[list[float], list[float]] | None:
    """Annual forecast and volatility of every member at one month-end; None where too little is known."""
    then = view.at(cut(past.days[month_end]))
    known = returns.monthly(then, shared.portfolio).known()
    if known.size < SHORTEST_SAMPLE:
        return None
    fitted_on = sample(
        then, Panel(past.days[: month_end + 1], past.scores[: month_end + 1], past.phases[: month_end + 1]), shared
    )
    called = bool(np.isfinite(past.phases[month_end]).all())
    means: dict[float, np.ndarray] = {}
    forecasts: dict[ForecastSettings, float] = {}
    sigmas: dict[float, float] = {}

    def phase_mean(prior_sd: float) -> np.ndarray:
        if prior_sd not in means:
            means[prior_sd] = phase_means(fitted_on, prior_sd).mean
        return means[prior_sd]

    def annual(settings: ForecastSettings) -> float:
        columns = [shared.forecast.signals.index(name) for name in settings.signals]
        scores, now = fitted_on.scores[:, columns], past.scores[month_end, columns]
        mean = phase_mean(settings.regime_prior_sd) if settings.regime else np.zeros(4)
        used = np.isfinite(fitted_on.outcome) & np.isfinite(scores).any(axis=1)
        outcome = fitted_on.outcome - np.nan_to_num(fitted_on.phases) @ mean
        slopes, _ = ridge(scores[used], outcome[used], settings.slope_prior_sd)
        regime_part = float(past.phases[month_end] @ mean) if settings.regime and called else 0.0
        return MONTHS * (regime_part + float(slopes @ np.nan_to_num(now)))

    expected, sigma = [], []
    for member in members:
        if member.forecast not in forecasts:
            forecasts[member.forecast] = annual(member.forecast)
        half_life = member.tilt.sigma_half_life_months
        if half_life not in sigmas:
            sigmas[half_life] = tilt.sigma_annual_percent(known, member.tilt)
        expected.append(forecasts[member.forecast])
        sigma.append(sigmas[half_life])
    return expected, sigma


def _settled(annual_percent: float, position: float, sigma: float, factor: float, member: Judgement) -> float:
    limits = tilt.Limits.long_only(member.portfolio.policy_weight, position, sigma, factor)
    return tilt.settle(float(annual_percent) * tilt.points_per_percent(float(sigma), member.tilt), limits, member.tilt)
