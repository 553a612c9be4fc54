"""The back-test of one sample: the recommended tilt against what anybody could have done instead.

1. Walk the rule forward over the month-ends (or another schedule) as recommended, with the data confidence and the
   multiplier of each day, with the regime, without it, and with it alone; then once before both factors.
2. Measure the sample by the periods of its own schedule: net, gross, hedged for beta, at other costs, one period
   late, by stance, by calendar year, in its worst spells, and on the other sessions of the month.
3. Set simple rules of the same average size beside it, over the same periods and at the same cost.
4. Deflate it: PSR, DSR with its power, overfitting over distinct rules and superiority over the declared family, a
   bootstrap interval, verdict.

Nothing here is chosen from. The differences from METHOD's reference figures are reported with their
standard error and left as they are.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.backtest import declared_family as families
from allocator.backtest import walk_forward
from allocator.backtest.benchmarks import benchmarks, earned
from allocator.backtest.breakdown import (
    Spell,
    Stances,
    TimingLuck,
    Year,
    calendar_years,
    stances,
    timing_luck,
    worst_spells,
)
from allocator.backtest.performance import MONTHS, PERIODS, Performance, ir_error, measure
from allocator.backtest.samples import REFERENCES, Reference, Sample
from allocator.backtest.walk_forward import Step, Walk
from allocator.evidence import (
    Moments,
    Power,
    Verdict,
    bootstrap_interval,
    dsr,
    haircut_t,
    pbo_of_distinct,
    power_of_dsr,
    psr,
    superiority,
    trials_at,
    unfit_for_dsr,
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
    trials : float
        Effective tries judged on returns.
    t, haircut_t : float
        Of the mean, before and after the correction for the tries; to be set against 3.
    power : Power
        What the deflated Sharpe ratio could have seen over a record of this length.
    pbo, spa_p : float or None
        Over the declared family (PBO over its distinct rules); None where not computed.
    pbo_rules : int or None
        Distinct rules.
    ir_interval : tuple of float or None
        Of the net information ratio, 95 %.
    verdict : Verdict
    """

    psr: float
    dsr: float
    trials: float
    t: float
    haircut_t: float
    power: Power
    pbo: float | None
    pbo_rules: int | None
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
    last_outcome : datetime.date
        Close at which the last known outcome ended.
    net, gross, beta_neutral : Performance
        Of the recommended tilt.
    unscaled : Performance
        Net, before data confidence and multiplier.
    mean_abs_tilt_points, mean_tilt_points : float
    costs, benchmarks, variants : tuple of Row
    late : Performance
        Every decision carried out one period later.
    legs_out : tuple of Row
        Without the months of each leg of the rate cycle.
    stances, years, spells, timing
        See `allocator.breakdown`; timing is None unless asked for, and for another schedule than months.
    comparisons : tuple of Comparison
    proof : Proof
    walk, unscaled_walk : Walk
        The periods of the sample.
    benchmark_returns : tuple of (name, ndarray)
        Net, percent, by period.
    one_day_optimistic : bool
        True where only monthly files are held.
    cost_bp : float
    """

    sample: Sample
    first: dt.date
    last: dt.date
    last_outcome: dt.date
    net: Performance
    gross: Performance
    beta_neutral: Performance
    unscaled: Performance
    mean_abs_tilt_points: float
    mean_tilt_points: float
    costs: tuple[Row, ...]
    benchmarks: tuple[Row, ...]
    variants: tuple[Row, ...]
    late: Performance
    legs_out: tuple[Row, ...]
    stances: Stances
    years: tuple[Year, ...]
    spells: tuple[Spell, ...]
    timing: TimingLuck | None
    comparisons: tuple[Comparison, ...]
    proof: Proof
    walk: Walk
    unscaled_walk: Walk
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
    advance = _Progress(step, parts=6 if thorough else 4)
    whole = _walked(view, judgement, regime, days, advance)
    plain = _walked(view, judgement, regime, days, advance, recommended=False)
    bare = replace(judgement, forecast=replace(judgement.forecast, regime=False))
    alone = replace(judgement, forecast=replace(judgement.forecast, regime=True, signals=()))
    without, only = (_walked(view, rule, regime, days, advance) for rule in (bare, alone))
    inside = _periods(view, whole, sample, judgement)
    cost, per_year = judgement.tilt.cost_bp, PERIODS[sample.schedule]
    own, unscaled, without, only = (_cut(walk_of_rule, inside) for walk_of_rule in (whole, plain, without, only))
    net = own.net(cost)
    others = [(name, earned(points, own, cost)) for name, points in benchmarks(view, own, judgement)]
    family = _family(view, judgement, regime, sample, advance, thorough)
    return Backtest(
        sample=sample,
        first=own.decided[0].item(),
        last=own.decided[-1].item(),
        last_outcome=whole.closes[np.flatnonzero(inside)[-1] + 1].item(),
        net=_measured(net, own, per_year),
        gross=_measured(own.gross, own, per_year),
        beta_neutral=_measured(whole.beta_neutral(cost, per_year=per_year)[inside], own, per_year),
        unscaled=_net(unscaled, cost, per_year),
        mean_abs_tilt_points=float(np.abs(own.points).mean()),
        mean_tilt_points=float(own.points.mean()),
        costs=tuple(Row(f"cost x{k}", _net(own, k * cost, per_year)) for k in COSTS),
        benchmarks=tuple(Row(name, measure(*columns, per_year=per_year)) for name, columns in others),
        variants=tuple(
            Row(name, _net(walk_of_rule, cost, per_year))
            for name, walk_of_rule in zip(VARIANTS, (own, without, only), strict=True)
        ),
        late=_late(whole, inside, cost, per_year),
        legs_out=_without_each_leg(view, own, net, per_year),
        stances=stances(own.views, own.points, judgement.tilt),
        years=calendar_years(own.closes, net, own.gross, own.points),
        spells=worst_spells(own.closes, net),
        timing=_timing(view, judgement, regime, own, sample, advance, thorough),
        comparisons=_compared(sample, own, cost),
        proof=_proof(view, judgement, own, net, family=family, per_year=per_year),
        walk=own,
        unscaled_walk=unscaled,
        benchmark_returns=tuple((name, columns[0]) for name, columns in others),
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
    sessions = walk_forward.sessions(sample.schedule, start - dt.timedelta(days=40), day_of(view.moment))
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
    advance: _Progress,
    *,
    recommended: bool = True,
) -> Walk:
    return walk_forward.walk(view, judgement, regime, days=days, recommended=recommended, step=advance.part())


def _timing(
    view: AsOf,
    judgement: Judgement,
    regime: RegimeSettings,
    own: Walk,
    sample: Sample,
    advance: _Progress,
    thorough: bool,
) -> TimingLuck | None:
    """The rule on the other sessions of the month."""
    if not thorough or sample.schedule != "month":
        return None
    step = advance.part()
    luck = timing_luck(view, judgement, regime, first=own.decided[0], last=own.decided[-1])
    if step is not None:
        step(1, 1)
    return luck


def _periods(view: AsOf, whole: Walk, sample: Sample, judgement: Judgement) -> np.ndarray:
    """Which decisions count: outcome known, inside the sample, and the pair itself (no stand-in) priced.

    Raises
    ------
    NoAdvice
        Where fewer than 24 are left.
    """
    begins = [growth_of(view, leg).day[0] for leg in (sample.small, sample.large) if leg != NONE]
    first = max(np.datetime64(sample.first, "D"), *begins, begins[0])
    inside = whole.known() & np.isfinite(whole.sigma) & (whole.closes >= first)
    if sample.last is not None:
        inside &= whole.closes <= np.datetime64(sample.last, "D")
    if inside.sum() < FEWEST:
        raise NoAdvice(
            f"the history of {judgement.portfolio.small} less {judgement.portfolio.large} is too short:"
            f" {int(inside.sum())} decisions with a known outcome, {FEWEST} are needed.",
            remedy=f"Choose an earlier start or another pair; a forecast needs {SHORTEST_SAMPLE} months before it.",
            code="short_history",
        )
    return inside


def _cut(whole: Walk, inside: np.ndarray) -> Walk:
    """The decisions that count."""
    rows = {name: getattr(whole, name)[inside] for name in Walk.__slots__ if name != "lines"}
    return replace(whole, **rows)


def _measured(active: np.ndarray, own: Walk, per_year: float) -> Performance:
    return measure(active, own.points, own.traded, per_year=per_year)


def _net(own: Walk, cost_bp: float, per_year: float) -> Performance:
    return _measured(own.net(cost_bp), own, per_year)


def _late(whole: Walk, inside: np.ndarray, cost_bp: float, per_year: float) -> Performance:
    """The weights of one decision earlier: every trade one period late."""
    points, traded = np.roll(whole.points, 1), np.roll(whole.traded, 1)
    points[0] = traded[0] = 0.0
    return _net(_cut(replace(whole, points=points, traded=traded), inside), cost_bp, per_year)


def _without_each_leg(view: AsOf, own: Walk, net: np.ndarray, per_year: float) -> tuple[Row, ...]:
    """The record without the periods of each leg of the cycle and the hold after it."""
    legs = legs_of(view, own.decided)
    rows = []
    for leg in np.unique([name for name in legs if name]):
        rest = np.array([name != leg for name in legs])
        rows.append(Row(str(leg), measure(net[rest], own.points[rest], own.traded[rest], per_year=per_year)))
    return tuple(rows)


def legs_of(view: AsOf, days: np.ndarray) -> list[str]:
    """The leg of the rate cycle, dated in hindsight, that each day belongs to; empty before the first."""
    rows = date_cycle(*target_path(view)).phases
    starts = np.array([row.first_move for row in rows], dtype="datetime64[D]")
    names = [f"{row.first_move} {row.phase}" for row in rows]
    leg = np.searchsorted(starts, days, side="right") - 1
    return [names[at] if at >= 0 else "" for at in leg]


def _compared(sample: Sample, own: Walk, cost_bp: float) -> tuple[Comparison, ...]:
    """Ours beside METHOD's."""
    known: Reference | None = REFERENCES.get(sample.name)
    if known is None or sample.schedule != "month":
        return ()
    ours = _net(own, cost_bp, PERIODS["month"])
    if ours.ir is None:
        return ()
    size = float(np.abs(own.points).mean())
    deepest = 100 * ours.max_active_drawdown_percent
    return (
        Comparison("net IR", ours.ir, known.ir, ir_error(known.ir, ours.periods)),
        Comparison("active return, bp/y", ours.active_return_bp, known.active_return_bp, _return_error(ours)),
        Comparison("tracking error, %/y", ours.tracking_error_percent, known.tracking_error_percent, None),
        Comparison("mean size of the tilt, points", size, known.mean_abs_tilt_points, None),
        Comparison("drawdown, bp", deepest, known.max_active_drawdown_bp, None),
    )


def _return_error(ours: Performance) -> float:
    """Standard error of the mean active return of monthly decisions, bp per year."""
    return 100 * ours.tracking_error_percent / (ours.periods / PERIODS["month"]) ** 0.5


def _family(
    view: AsOf, judgement: Judgement, regime: RegimeSettings, sample: Sample, advance: _Progress, thorough: bool
) -> families.Family | None:
    """The declared family over the same pair, from the first decision of the record."""
    if not thorough or sample.schedule != "month":
        return None
    return families.walk(view, families.declared(judgement), regime, step=advance.part())


def _proof(
    view: AsOf,
    judgement: Judgement,
    own: Walk,
    net: np.ndarray,
    *,
    family: families.Family | None,
    per_year: float,
) -> Proof:
    counted = trials_at(view.moment, listed=judgement.forecast.signals)
    moments = Moments.of(net)
    deflated = dsr(moments, trials=counted.count, variance=counted.variance)
    settings = judgement.evidence
    pbo = rules = spa_p = None
    if family is not None:
        same = np.isin(family.decided, own.decided) & np.isfinite(family.net).all(axis=1)
        returns = family.net[same]
        overfitting = pbo_of_distinct(returns)
        pbo, rules = (None, None) if overfitting is None else (overfitting.probability, overfitting.settings)
        spa_p = superiority(returns, repetitions=SPA_REPETITIONS, seed=settings.seed).consistent
    interval = bootstrap_interval(net, repetitions=settings.bootstrap, seed=settings.seed, per_year=per_year)
    t = moments.sharpe * moments.n**0.5
    return Proof(
        psr=psr(moments),
        dsr=deflated,
        trials=counted.count,
        t=t,
        haircut_t=haircut_t(t, counted.count),
        power=power_of_dsr(moments.n / per_year, counted.count),
        pbo=pbo,
        pbo_rules=rules,
        spa_p=spa_p,
        ir_interval=interval,
        verdict=verdict(
            months=round(MONTHS * moments.n / per_year),
            dsr=deflated,
            spa_p=spa_p,
            pbo=pbo,
            ir_interval=interval,
            unfit=unfit_for_dsr(net),
        ),
    )
