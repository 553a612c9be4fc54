"""The declared family of settings, all of them walked forward at once.

Overfitting and data snooping are judged over the family that `specification.toml` declares: every
combination of its signals, priors and half-lives, and nothing else. Members share their facts, so each
month-end is looked at once and only the small linear algebra is repeated; the result equals
`allocator.track_record.record` member by member (a test says so).
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
from allocator.track_record import FIRST_DECISION, SHORTEST_SAMPLE, Panel, panel, realised, sample
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
        Active weight decided, before any multiplier.
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
    past = panel(view, shared, regime)
    places = [place for place, day in enumerate(past.days) if day >= first]
    points = np.zeros((len(places), len(members)))
    held = np.zeros(len(members))
    for row, place in enumerate(places):
        wanted = _wanted(view, past, place, members, shared)
        if wanted is not None:
            raw, sigma = wanted
            held = np.array([_settled(*each) for each in zip(raw, held, sigma, members, strict=True)], dtype=np.float64)
        points[row] = held
        if step is not None:
            step(row + 1, len(places))
    decided = [past.days[place] for place in places]
    net = np.column_stack([realised(view, decided, points[:, m], member)[1] for m, member in enumerate(members)])
    return Family(members, np.array(decided, dtype="datetime64[D]"), points, net)


def _shared(members: tuple[Judgement, ...]) -> Judgement:
    """One judgement that reads everything that any member reads."""
    names = dict.fromkeys(name for member in members for name in member.forecast.signals)
    regime = any(member.forecast.regime for member in members)
    return replace(members[0], forecast=replace(members[0].forecast, signals=tuple(names), regime=regime))


def _wanted(
    view: AsOf, past: Panel, place: int, members: tuple[Judgement, ...], shared: Judgement
) -> tuple[list[float], list[float]] | None:
    """Raw points and volatility of every member at one month-end; None where too little is known."""
    then = view.at(cut(past.days[place]))
    known = returns.monthly(then, shared.portfolio).known()
    if known.size < SHORTEST_SAMPLE:
        return None
    seen = sample(then, Panel(past.days[: place + 1], past.scores[: place + 1], past.phases[: place + 1]), shared)
    called = bool(np.isfinite(past.phases[place]).all())
    means: dict[float, np.ndarray] = {}
    forecasts: dict[ForecastSettings, float] = {}
    sigmas: dict[float, float] = {}

    def phase_mean(prior_sd: float) -> np.ndarray:
        if prior_sd not in means:
            means[prior_sd] = phase_means(seen, prior_sd).mean
        return means[prior_sd]

    def annual(settings: ForecastSettings) -> float:
        columns = [shared.forecast.signals.index(name) for name in settings.signals]
        scores, now = seen.scores[:, columns], past.scores[place, columns]
        mean = phase_mean(settings.regime_prior_sd) if settings.regime else np.zeros(4)
        used = np.isfinite(seen.outcome) & np.isfinite(scores).any(axis=1)
        outcome = seen.outcome - np.nan_to_num(seen.phases) @ mean
        slopes, _ = ridge(scores[used], outcome[used], settings.slope_prior_sd)
        regime_part = float(past.phases[place] @ mean) if settings.regime and called else 0.0
        return MONTHS * (regime_part + float(slopes @ np.nan_to_num(now)))

    raw, sigma = [], []
    for member in members:
        if member.forecast not in forecasts:
            forecasts[member.forecast] = annual(member.forecast)
        half_life = member.tilt.sigma_half_life_months
        if half_life not in sigmas:
            sigmas[half_life] = tilt.sigma_annual_percent(known, member.tilt)
        scale = tilt.points_per_percent(sigmas[half_life], member.tilt)
        raw.append(scale * forecasts[member.forecast])
        sigma.append(sigmas[half_life])
    return raw, sigma


def _settled(raw: float, held: float, sigma: float, member: Judgement) -> float:
    policy = 100 * member.portfolio.policy_weight
    limits = tilt.Limits(
        held=float(held),
        step_from=float(held),
        low=-policy,
        high=100 - policy,
        confidence=1.0,
        multiplier=1.0,
        sigma_annual_percent=sigma,
    )
    return tilt.settle(raw, limits, member.tilt)
