"""The back-test of one sample: the rules against what anybody could have done instead.

1. Walk the declared rule forward over the month-ends (or another schedule), before and after the
   confidence and evidence multipliers, with the regime, without it, and with it alone.
2. Measure the months of the sample: net, gross, hedged for beta, at other costs, one month late.
3. Set simple rules of the same average size beside it, over the same months and at the same cost.
4. Deflate it: PSR, DSR, overfitting and superiority over the declared family, a bootstrap interval, verdict.

Nothing here is chosen from. The differences from METHOD's reference figures are reported with their
standard error and left as they are.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.backtest import benchmarks as rules
from allocator.backtest import declared_family as families
from allocator.backtest import walk_forward as walk
from allocator.backtest.performance import Performance, ir_error, measure
from allocator.backtest.samples import REFERENCES, Reference, Sample
from allocator.backtest.walk_forward import Step, Walk
from allocator.evidence import (
    Moments,
    Verdict,
    bootstrap_interval,
    cscv,
    dsr,
    psr,
    superiority,
    trials_at,
    verdict,
)
from allocator.returns import NONE, by_month_only, demand_overlap, growth_of
from allocator.settings import Judgement
from allocator.tilt import band_points
from allocator.track_record import FIRST_DECISION, SHORTEST_SAMPLE
from regime.dating import date_cycle
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.calendars import cut, day_of
from signals.derived.policy_rate import target_path
from signals.errors import NoAdvice, UsageError

COSTS = (1, 2, 4)  # multiples of the setting
FEWEST = 24  # months: a shorter sample has no information ratio worth printing
TYPICAL_SIGMA = 10.3  # percent per year (METHOD 4), to compare limits with the band before any data are read
SPA_REPETITIONS = 2_000  # a p-value of 0.05 to half a point
VARIANTS = ("as set", "without the regime", "the regime alone")


@dataclass(frozen=True, slots=True)
class Row:
    """One rule over the months of the sample, net of cost."""

    name: str
    performance: Performance


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure beside METHOD's reference, with the standard error of the difference where there is one."""

    figure: str
    ours: float
    reference: float
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What deflation leaves of the record.

    Attributes
    ----------
    psr, dsr : float
        0 to 1.
    trials : int
    pbo, spa_p : float or None
        Over the declared family; None where not asked for.
    ir_interval : tuple of float or None
        Of the net information ratio, 95 %.
    verdict : Verdict
    """

    psr: float
    dsr: float
    trials: int
    pbo: float | None
    spa_p: float | None
    ir_interval: tuple[float, float] | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Backtest:
    """The result of one sample.

    Attributes
    ----------
    sample : Sample
    first, last : datetime.date
        First and last decision whose outcome is known.
    net, gross, beta_neutral, recommended : Performance
        The rules before any multiplier; `recommended` is net after confidence and evidence.
    mean_abs_tilt_points, mean_tilt_points : float
    costs, benchmarks, variants : tuple of Row
    late : Performance
        Every decision carried out one month later.
    legs_out : tuple of Row
        Without the months of each leg of the rate cycle.
    comparisons : tuple of Comparison
    proof : Proof
    walk, multiplied : Walk
        The months of the sample.
    benchmark_returns : tuple of (name, ndarray)
        Net, percent, by period.
    one_day_optimistic : bool
        True where only monthly files are held.
    cost_bp : float
    """

    sample: Sample
    first: dt.date
    last: dt.date
    net: Performance
    gross: Performance
    beta_neutral: Performance
    recommended: Performance
    mean_abs_tilt_points: float
    mean_tilt_points: float
    costs: tuple[Row, ...]
    benchmarks: tuple[Row, ...]
    variants: tuple[Row, ...]
    late: Performance
    legs_out: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]
    proof: Proof
    walk: Walk
    multiplied: Walk
    benchmark_returns: tuple[tuple[str, np.ndarray], ...]
    one_day_optimistic: bool
    cost_bp: float


def backtest(
    view: AsOf,
    sample: Sample,
    judgement: Judgement,
    regime: RegimeSettings,
    *,
    thorough: bool = True,
    step: Step | None = None,
) -> Backtest:
    """Back-test `judgement` on `sample` with the facts known at the view's moment.

    Parameters
    ----------
    sample : Sample
        The pair, the months and the schedule.
    thorough : bool
        False leaves out what walks the declared family (PBO and SPA).
    step : callable, optional
        Told (done, of).

    Raises
    ------
    UsageError
        For limits that no data can satisfy.
    NoAdvice
        For a pair without common prices, or too few months.
    """
    demand_room(judgement)
    judgement = replace(judgement, portfolio=replace(judgement.portfolio, small=sample.small, large=sample.large))
    demand_overlap(view, judgement.portfolio)
    days = schedule(view, sample)
    tell = _Progress(step, parts=5 if thorough else 4)
    plain = _walked(view, judgement, regime, days, tell)
    multiplied = _walked(view, judgement, regime, days, tell, multiplied=True)
    bare = replace(judgement, forecast=replace(judgement.forecast, regime=False))
    alone = replace(judgement, forecast=replace(judgement.forecast, regime=True, signals=()))
    without, only = (_walked(view, each, regime, days, tell) for each in (bare, alone))
    kept = _months(view, plain, sample, judgement)
    cost = judgement.tilt.cost_bp
    own = _cut(plain, kept)
    net = own.net(cost)
    without = _cut(without, kept)
    others = [(name, rules.earned(points, own, cost)) for name, points in rules.benchmarks(view, own, judgement)]
    return Backtest(
        sample=sample,
        first=own.decided[0].item(),
        last=own.decided[-1].item(),
        net=_measured(net, own),
        gross=_measured(own.gross, own),
        beta_neutral=_measured(plain.beta_neutral(cost)[kept], own),
        recommended=_net(_cut(multiplied, kept), cost),
        mean_abs_tilt_points=float(np.abs(own.points).mean()),
        mean_tilt_points=float(own.points.mean()),
        costs=tuple(Row(f"cost x{k}", _net(own, k * cost)) for k in COSTS),
        benchmarks=tuple(Row(name, measure(*earned)) for name, earned in others),
        variants=tuple(
            Row(name, _net(each, cost)) for name, each in zip(VARIANTS, (own, without, _cut(only, kept)), strict=True)
        ),
        late=_late(plain, kept, cost),
        legs_out=_without_each_leg(view, own, net),
        comparisons=_compared(sample, without, cost),
        proof=_proof(view, judgement, own, net, family=_family(view, judgement, regime, sample, tell, thorough)),
        walk=own,
        multiplied=_cut(multiplied, kept),
        benchmark_returns=tuple((name, earned[0]) for name, earned in others),
        one_day_optimistic=by_month_only(view),
        cost_bp=cost,
    )


def demand_room(judgement: Judgement) -> None:
    """Refuse limits within which no trade could ever pay for itself.

    Raises
    ------
    UsageError
        Where the largest tilt is smaller than the no-trade band at ordinary volatility.
    """
    settings = judgement.tilt
    band = band_points(TYPICAL_SIGMA, settings)
    if settings.max_active_points <= band:
        raise UsageError(
            f"[tilt] max_active_points is {settings.max_active_points:g}, below the no-trade band of {band:.1f} points"
            f" at {TYPICAL_SIGMA:g} % volatility: no trade could ever happen.",
            remedy="Raise max_active_points, or lower cost_bp.",
            code="limit_below_band",
        )


def schedule(view: AsOf, sample: Sample) -> tuple[dt.date, ...]:
    """Decision days of the sample, from the first month that can be decided on."""
    start = min(sample.first, FIRST_DECISION)
    sessions = walk.sessions(sample.schedule, start - dt.timedelta(days=40), day_of(view.moment))
    return tuple(day for day in sessions if cut(day) <= view.moment)


class _Progress:
    """Progress of several walks as one bar."""

    def __init__(self, step: Step | None, *, parts: int) -> None:
        self._step, self._parts, self._done = step, parts, 0

    def part(self) -> Step | None:
        """A step function for the next part."""
        if (step := self._step) is None:
            return None
        start, self._done = self._done, self._done + 1
        return lambda done, of: step(start * of + done, self._parts * of)


def _walked(
    view: AsOf,
    judgement: Judgement,
    regime: RegimeSettings,
    days: Sequence[dt.date],
    tell: _Progress,
    *,
    multiplied: bool = False,
) -> Walk:
    return walk.walk(view, judgement, regime, days=days, multiplied=multiplied, step=tell.part())


def _months(view: AsOf, whole: Walk, sample: Sample, judgement: Judgement) -> np.ndarray:
    """Which decisions count: outcome known, inside the sample, and the pair itself (no stand-in) priced.

    Raises
    ------
    NoAdvice
        Where fewer than 24 are left.
    """
    begins = [growth_of(view, leg).day[0] for leg in (sample.small, sample.large) if leg != NONE]
    first = max(np.datetime64(sample.first, "D"), *begins, begins[0])
    kept = whole.known() & np.isfinite(whole.sigma) & (whole.closes >= first)
    if sample.last is not None:
        kept &= whole.closes <= np.datetime64(sample.last, "D")
    if kept.sum() < FEWEST:
        raise NoAdvice(
            f"the history of {judgement.portfolio.small} less {judgement.portfolio.large} is too short:"
            f" {int(kept.sum())} decisions with a known outcome, {FEWEST} are needed.",
            remedy=f"Choose an earlier start or another pair; a forecast needs {SHORTEST_SAMPLE} months before it.",
            code="short_history",
        )
    return kept


def _cut(whole: Walk, kept: np.ndarray) -> Walk:
    """The decisions that count."""
    rows = {name: getattr(whole, name)[kept] for name in Walk.__slots__ if name != "lines"}
    return replace(whole, **rows)


def _measured(active: np.ndarray, own: Walk) -> Performance:
    return measure(*monthly(own, active))


def monthly(own: Walk, active: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Active returns, mean weight and trades by calendar month of the close that ends each period.

    Month-end decisions have one period a month and pass through unchanged.
    """
    ends = own.closes.astype("datetime64[M]")
    if np.unique(ends).size == ends.size:
        return active, own.points, own.traded
    _, place = np.unique(ends, return_inverse=True)
    count = np.bincount(place)
    return (
        np.bincount(place, weights=active),
        np.bincount(place, weights=own.points) / count,
        np.bincount(place, weights=np.abs(own.traded)),
    )


def _net(own: Walk, cost_bp: float) -> Performance:
    return _measured(own.net(cost_bp), own)


def _late(whole: Walk, kept: np.ndarray, cost_bp: float) -> Performance:
    """The weights of one decision earlier: every trade one period late."""
    points, traded = np.roll(whole.points, 1), np.roll(whole.traded, 1)
    points[0] = traded[0] = 0.0
    return _net(_cut(replace(whole, points=points, traded=traded), kept), cost_bp)


def _without_each_leg(view: AsOf, own: Walk, net: np.ndarray) -> tuple[Row, ...]:
    """The record without the months of each leg of the cycle and the hold after it."""
    legs = legs_of(view, own.decided)
    rows = []
    for leg in np.unique([name for name in legs if name]):
        rest = np.array([name != leg for name in legs])
        rows.append(Row(str(leg), measure(net[rest], own.points[rest], own.traded[rest])))
    return tuple(rows)


def legs_of(view: AsOf, days: np.ndarray) -> list[str]:
    """The leg of the rate cycle, dated in hindsight, that each day belongs to; empty before the first."""
    rows = date_cycle(*target_path(view)).phases
    starts = np.array([row.first_move for row in rows], dtype="datetime64[D]")
    names = [f"{row.first_move} {row.phase}" for row in rows]
    place = np.searchsorted(starts, days, side="right") - 1
    return [names[at] if at >= 0 else "" for at in place]


def _compared(sample: Sample, without: Walk, cost_bp: float) -> tuple[Comparison, ...]:
    """Ours beside METHOD's: net, without the regime part, the months that it used."""
    known: Reference | None = REFERENCES.get(sample.name)
    if known is None or sample.schedule != "month":
        return ()
    ours = _net(without, cost_bp)
    if ours.ir is None:
        return ()
    rows = (
        Comparison("net IR", ours.ir, known.ir, ir_error(known.ir, ours.months)),
        _figure("active return, bp/y", ours.active_return_bp, known.active_return_bp, _return_error(ours)),
        _figure("tracking error, %/y", ours.tracking_error_percent, known.tracking_error_percent, None),
        _figure(
            "mean size of the tilt, points", float(np.abs(without.points).mean()), known.mean_abs_tilt_points, None
        ),
    )
    return tuple(row for row in rows if row is not None)


def _figure(name: str, ours: float, reference: float | None, error: float | None) -> Comparison | None:
    return None if reference is None else Comparison(name, ours, reference, error)


def _return_error(ours: Performance) -> float:
    """Standard error of the mean active return, bp per year."""
    return 100 * ours.tracking_error_percent / (ours.months / 12) ** 0.5


def _family(
    view: AsOf, judgement: Judgement, regime: RegimeSettings, sample: Sample, tell: _Progress, thorough: bool
) -> families.Family | None:
    """The declared family over the same pair, from the first decision of the record."""
    if not thorough or sample.schedule != "month":
        return None
    return families.walk(view, families.declared(judgement), regime, step=tell.part())


def _proof(
    view: AsOf,
    judgement: Judgement,
    own: Walk,
    net: np.ndarray,
    *,
    family: families.Family | None,
) -> Proof:
    active = monthly(own, net)[0]
    counted = trials_at(view.moment, listed=judgement.forecast.signals)
    moments = Moments.of(active)
    deflated = dsr(moments, trials=counted.count, variance=counted.variance)
    settings = judgement.evidence
    pbo = spa_p = None
    if family is not None:
        same = np.isin(family.decided, own.decided) & np.isfinite(family.net).all(axis=1)
        pbo = cscv(family.net[same]).probability
        spa_p = superiority(family.net[same], repetitions=SPA_REPETITIONS, seed=settings.seed).consistent
    interval = bootstrap_interval(active, repetitions=settings.bootstrap, seed=settings.seed)
    return Proof(
        psr=psr(moments),
        dsr=deflated,
        trials=counted.count,
        pbo=pbo,
        spa_p=spa_p,
        ir_interval=interval,
        verdict=verdict(months=moments.n, dsr=deflated, spa_p=spa_p, pbo=pbo, ir_interval=interval),
    )
