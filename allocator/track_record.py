"""What the rules recommended at every month-end, and what came of it: the walk-forward track record.

1. `month_end_panel` lists the month-ends before a moment with the scores and phase probabilities of each, as they
   were then.
2. `opinion` fits the forecast on what was known at one moment and gives the raw wish, before any multiplier.
3. `walk_forward_record` lets the opinions of all month-ends since 1985 trade under the rules of `allocator.tilt`:
   as recommended, with the multiplier that each month-end knew, and before it.

Everything an opinion uses comes through a view of its own moment, so the record of a past day is the one
that could have been kept then.
"""

import datetime as dt
import hashlib
import io
import math
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np

from allocator import method_1, returns, tilt
from allocator.evidence import (
    RealisedShare,
    TrackRecord,
    last_month_end,
    multiplier_of,
    realised_share,
    realised_shares,
)
from allocator.evidence.multiplier import PRIOR_MEAN
from allocator.evidence.multiplier import SHORTEST as SHORTEST_MATURED
from allocator.forecast import Forecast, Model, Sample, fit, forecast
from allocator.recommendation import Line
from allocator.settings import METHOD, Judgement
from regime.dating import date_cycle
from regime.features import INPUTS as REGIME_INPUTS
from regime.phase import PHASES
from regime.settings import RegimeSettings
from regime.walk_forward import probabilities
from signals.asof import AsOf
from signals.calendars import CUT as CUT_TIME
from signals.calendars import FIRST_RECORD, cut, day_of, instants, month_end_sessions
from signals.derived.policy_rate import POLICY_INPUTS, target_path
from signals.errors import UsageError
from signals.growing import code_of, growing_table
from signals.signal import Signal, scores

FIRST_SAMPLE = dt.date(1963, 6, 1)  # month-ends that may train; the outcome of the first is 1963-07
FIRST_DECISION = dt.date(1984, 12, 1)  # the record's first month is 1985-01 (METHOD 5)
SHORTEST_SAMPLE = 60  # months of outcome below which there is no forecast

Cache = MutableMapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Panel:
    """Month-ends up to a moment with the scores and phase probabilities of each.

    Attributes
    ----------
    days : tuple of datetime.date
        Last sessions of their months, ascending.
    scores : ndarray, shape (n, signals)
        NaN for a gap.
    phases : ndarray, shape (n, 4)
        In the order of `PHASES`; NaN before 1995.
    """

    days: tuple[dt.date, ...]
    scores: np.ndarray
    phases: np.ndarray

    def until(self, day: dt.date) -> "Panel":
        """The month-ends up to and including `day`."""
        size = sum(1 for known in self.days if known <= day)
        return Panel(self.days[:size], self.scores[:size], self.phases[:size])


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the model wants at one moment, before confidence, verdict, limits and trading rules.

    Attributes
    ----------
    forecast : Forecast
    model : Model
    sigma_annual_percent : float
    contributions : tuple of Line
        Points, one line per term of the forecast.
    """

    forecast: Forecast
    model: Model
    sigma_annual_percent: float
    contributions: tuple[Line, ...]

    @property
    def raw_points(self) -> float:
        """The raw wish: the sum of the contributions."""
        return math.fsum(line.points for line in self.contributions)

    @property
    def probability_outperform(self) -> float:
        """That small beats large over the following twelve months; the multiplier has no part in it."""
        return self.forecast.probability_outperform(self.sigma_annual_percent)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an opinion comes to, without the model behind it: the part of a past moment that is kept.

    Attributes
    ----------
    annual_percent, probability_outperform, sigma_annual_percent : float
    contributions : tuple of Line
        Points, one line per term of the forecast.
    """

    annual_percent: float
    probability_outperform: float
    sigma_annual_percent: float
    contributions: tuple[Line, ...]

    @property
    def raw_points(self) -> float:
        """The raw wish: the sum of the contributions."""
        return math.fsum(line.points for line in self.contributions)


@dataclass(frozen=True, slots=True)
class Record:
    """The track record known at one month-end, of a desk that always accepted; data confidence is left out.

    Attributes
    ----------
    decided : ndarray of datetime64[D], shape (n,)
        Month-ends of the decisions.
    forecast : ndarray, shape (n,)
        Small minus large over the following year, percent; NaN where too little was known for one.
    probability : ndarray, shape (n,)
        That small beats large over the following year, as it was given.
    following : ndarray, shape (n,)
        Small minus large in the calendar month after each decision, percent; NaN where not known yet.
    multiplier : ndarray, shape (n,)
        As each month-end knew it.
    points : ndarray, shape (n,)
        Active weight recommended, points.
    net, gross : ndarray, shape (n,)
        Active return of the holding period after it, percent; NaN where its end is not known yet.
    unscaled_points, unscaled_net : ndarray, shape (n,)
        The same with a multiplier of 1.
    """

    decided: np.ndarray
    forecast: np.ndarray
    probability: np.ndarray
    following: np.ndarray
    multiplier: np.ndarray
    points: np.ndarray
    net: np.ndarray
    gross: np.ndarray
    unscaled_points: np.ndarray
    unscaled_net: np.ndarray

    def evidence(self, as_of: dt.date, method: int = METHOD) -> TrackRecord:
        """The part with an outcome, in the form in which evidence is judged (method 1: before the multiplier)."""
        net = self.unscaled_net if method == 1 else self.net
        done = np.isfinite(net)
        known_on = np.full(int(done.sum()), np.datetime64(as_of, "D"))
        return TrackRecord(known_on, net[done])

    def share(self) -> RealisedShare:
        """Of each point forecast, how much came true."""
        return realised_share(self.forecast, self.following)


def named_signals(judgement: Judgement) -> tuple[Signal, ...]:
    """The signals of the setting ``[forecast] signals``.

    Raises
    ------
    UsageError
        For a name that does not exist or may not enter a forecast.
    """
    able = {signal.name for signal in judgement.catalogue if not signal.report_only}
    unknown = [name for name in judgement.forecast.signals if name not in able]
    if unknown:
        raise UsageError(
            f"[forecast] signals names {', '.join(unknown)}, which cannot enter a forecast.",
            remedy=f"Choose among {', '.join(sorted(able))}.",
        )
    return tuple(judgement.signal(name) for name in judgement.forecast.signals)


def inputs(judgement: Judgement) -> tuple[str, ...]:
    """Every series that an opinion may read, for fingerprints."""
    from_signals = (series for signal in named_signals(judgement) for series in signal.inputs)
    names = {*from_signals, *POLICY_INPUTS, *returns.pair_inputs(judgement.portfolio)}
    return tuple(sorted(names | set(REGIME_INPUTS if judgement.forecast.regime else ())))


def month_end_panel(view: AsOf, judgement: Judgement, regime: RegimeSettings) -> Panel:
    """Scores and probabilities of every month-end up to the view's moment."""
    pair = (judgement.portfolio.small, judgement.portfolio.large)
    key = ("panel", pair, judgement.method, judgement.forecast.signals, judgement.forecast.regime, regime)

    def compute() -> Panel:
        days = month_end_sessions(FIRST_SAMPLE, day_of(view.moment))
        days = tuple(day for day in days if cut(day) <= view.moment)
        moments = instants(np.array(days, dtype="datetime64[D]"), CUT_TIME)
        returns.prepare(view, judgement.portfolio, [cut(day) for day in days])
        columns = [scores(signal, view, moments) for signal in named_signals(judgement)]
        table = np.column_stack(columns) if columns else np.zeros((len(days), 0))
        if judgement.method == 1:
            table = method_1.with_scores_of_then(view, days, judgement.forecast.signals, table)
        phases = _phases(view, days, regime) if judgement.forecast.regime else np.full((len(days), 4), np.nan)
        return Panel(days, table, phases)

    return view.remember(key, compute)


def _phases(view: AsOf, days: tuple[dt.date, ...], regime: RegimeSettings) -> np.ndarray:
    """Probabilities published at each month-end; one pass for every rule that asks."""

    def compute() -> np.ndarray:
        phases = np.full((len(days), 4), np.nan)
        begun = np.array(days) >= FIRST_RECORD
        phases[begun] = probabilities(view, [cut(day) for day in np.array(days)[begun]], regime)
        return phases

    return view.remember(("month-end phases", len(days), regime), compute)


def sample(view: AsOf, past: Panel, judgement: Judgement) -> Sample:
    """What a model may be fitted on at the view's moment."""
    days = _stamps(past.days)
    return Sample(past.scores, past.phases, _legs(view, days), following_months(view, days, judgement))


def following_months(view: AsOf, days: np.ndarray, judgement: Judgement) -> np.ndarray:
    """Small minus large in the calendar month after each of `days`, percent; NaN where not known at the view's moment.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n,)
    """
    known = returns.monthly(view, judgement.portfolio)
    if not known.month.size:
        return np.full(days.size, np.nan)
    row = (days.astype("datetime64[M]") + 1 - known.month[0]).astype(int)
    inside = (row >= 0) & (row < known.month.size)
    return np.where(inside, known.percent[np.where(inside, row, 0)], np.nan)


@lru_cache(maxsize=2048)
def _stamps(days: tuple[dt.date, ...]) -> np.ndarray:
    """Days as datetime64[D]; the same prefixes come back for every model that is fitted."""
    return np.array(days, dtype="datetime64[D]")


def _legs(view: AsOf, days: np.ndarray) -> np.ndarray:
    """Which leg, with the hold after it, each day belongs to, as dated at the view's moment; -1 before the first."""

    def starts() -> np.ndarray:
        rows = date_cycle(*target_path(view)).phases
        return np.array([row.first_move for row in rows], dtype="datetime64[D]")

    begun = view.remember(("leg starts",), starts)
    return np.searchsorted(begun, days, side="right") - 1


def opinion(
    view: AsOf, past: Panel, judgement: Judgement, *, phases: np.ndarray | None, now: np.ndarray
) -> Opinion | None:
    """Fit on what was known, and form the raw wish of now.

    Parameters
    ----------
    view : AsOf
        Of the moment of the decision.
    past : Panel
        Month-ends up to that moment.
    phases : ndarray, shape (4,), or None
    now : ndarray, shape (signals,)
        Scores at the moment; NaN for a gap.

    Returns
    -------
    Opinion or None
        None where fewer than 60 months of returns are known.
    """
    known = returns.monthly(view, judgement.portfolio).known()
    if known.size < SHORTEST_SAMPLE:
        return None
    model = fit(sample(view, past, judgement), judgement.forecast)
    sigma = tilt.sigma_annual_percent(known, judgement.tilt)
    return form_opinion(model, sigma, judgement, phases=phases, scores=now)


def form_opinion(
    model: Model, sigma: float, judgement: Judgement, *, phases: np.ndarray | None, scores: np.ndarray
) -> Opinion:
    """The raw wish of a fitted model at given phases and scores; `sigma` in percent a year."""
    expected = forecast(model, phases, scores)
    scale = tilt.points_per_percent(sigma, judgement.tilt)
    lines = tuple(Line(term.name, scale * term.annual_percent) for term in expected.terms)
    return Opinion(expected, model, sigma, lines)


def opinion_at(view: AsOf, past: Panel, row: int, judgement: Judgement) -> Opinion | None:
    """The opinion of the month-end ``past.days[row]``, from a view of that moment."""
    return _opinion_of(
        view, past, row + 1, judgement, day=past.days[row], phases=past.phases[row], scores=past.scores[row]
    )


def _opinion_of(
    view: AsOf,
    past: Panel,
    size: int,
    judgement: Judgement,
    *,
    day: dt.date,
    phases: np.ndarray,
    scores: np.ndarray,
) -> Opinion | None:
    """The opinion of `day`, from a view of its cut and the first `size` month-ends."""
    then = view.at(cut(day))
    known = Panel(past.days[:size], past.scores[:size], past.phases[:size])
    called = phases if judgement.forecast.regime and np.isfinite(phases).all() else None
    return then.remember(opinion_key(judgement), lambda: opinion(then, known, judgement, phases=called, now=scores))


def opinion_key(judgement: Judgement) -> tuple[object, ...]:
    """What an opinion depends on beside its moment; the record and every walk share what was formed under it."""
    pair = judgement.portfolio
    return ("opinion", pair.small, pair.large, judgement.method, judgement.forecast, judgement.tilt, judgement.own_code)


def wishes(
    view: AsOf,
    past: Panel,
    judgement: Judgement,
    regime: RegimeSettings,
    *,
    days: Sequence[dt.date],
    phases: np.ndarray,
    scores: np.ndarray,
) -> list[Wish | None]:
    """The wish of each of `days` from a view of its own cut; fitted once, and kept where the view keeps tables.

    Parameters
    ----------
    past : Panel
        Month-ends up to the view's moment.
    days : sequence of datetime.date, n
        Sessions, without repeats.
    phases : ndarray, shape (n, 4)
        Probabilities of each day; NaN before 1995 or without the regime.
    scores : ndarray, shape (n, signals)

    Returns
    -------
    list of Wish or None
        None where fewer than 60 months of returns were known.
    """
    months, moments = _stamps(past.days), instants(_stamps(tuple(days)), CUT_TIME)
    row_of = {moment: row for row, moment in enumerate(moments.tolist())}

    def formed(row: int) -> list[float]:
        size = int(np.searchsorted(months, np.datetime64(days[row]), side="right"))
        formed_opinion = _opinion_of(view, past, size, judgement, day=days[row], phases=phases[row], scores=scores[row])
        if formed_opinion is None:
            return [math.nan] * width
        points = [line.points for line in formed_opinion.contributions]
        called = [math.nan] * (width - len(KEPT_FIGURES) - len(points))
        return [
            formed_opinion.forecast.annual_percent,
            formed_opinion.probability_outperform,
            formed_opinion.sigma_annual_percent,
            *called,
            *points,
        ]

    names = (*(phase.value for phase in PHASES), *judgement.forecast.signals)
    width = len(KEPT_FIGURES) + len(names)
    table = growing_table(
        view,
        f"wishes {opinion_key(judgement)} {regime} {code_of('signals', 'regime', 'allocator')}",
        inputs(judgement),
        moments,
        lambda missing: np.array([formed(row_of[moment]) for moment in missing.tolist()]),
        width=width,
    )
    return [_wish(row, names) for row in table]


KEPT_FIGURES = ("annual_percent", "probability_outperform", "sigma_annual_percent")


def _wish(row: np.ndarray, names: tuple[str, ...]) -> Wish | None:
    figures, points = row[: len(KEPT_FIGURES)].tolist(), row[len(KEPT_FIGURES) :].tolist()
    if math.isnan(figures[0]):
        return None
    lines = tuple(Line(name, value) for name, value in zip(names, points, strict=True) if not math.isnan(value))
    return Wish(figures[0], figures[1], figures[2], lines)


def walk_forward_record(view: AsOf, judgement: Judgement, regime: RegimeSettings) -> Record:
    """The walk-forward record known at the view's moment."""
    past = month_end_panel(view, judgement, regime)
    rows = [row for row, day in enumerate(past.days) if day >= FIRST_DECISION]
    decided = [past.days[row] for row in rows]
    opinions = wishes(view, past, judgement, regime, days=decided, phases=past.phases[rows], scores=past.scores[rows])
    forecast, probability = (
        np.array([np.nan if wish is None else value(wish) for wish in opinions], dtype=np.float64)
        for value in (lambda one: one.annual_percent, lambda one: one.probability_outperform)
    )
    factor = _multipliers(view, decided, forecast, judgement, regime)
    points, unscaled = _trade(opinions, factor, judgement), _trade(opinions, np.ones(len(rows)), judgement)
    gross, net = realised(view, decided, points, judgement)
    days = np.array(decided, dtype="datetime64[D]")
    return Record(
        decided=days,
        forecast=forecast,
        probability=probability,
        following=following_months(view, days, judgement),
        multiplier=factor,
        points=points,
        net=net,
        gross=gross,
        unscaled_points=unscaled,
        unscaled_net=realised(view, decided, unscaled, judgement)[1],
    )


def multiplier_path(view: AsOf, decided: Sequence[dt.date], forecasts: np.ndarray, judgement: Judgement) -> np.ndarray:
    """The multiplier that each month-end knew, by rule.

    Parameters
    ----------
    decided : sequence of datetime.date, n
        Month-ends, one a month, ascending.
    forecasts : ndarray, shape (n, rules)
        Small minus large over the following year, percent; NaN where there was none.

    Returns
    -------
    ndarray, shape (n, rules)
        From the forecasts whose year had passed, and was known, at the month-end before.
    """
    if judgement.evidence.multiplier != "posterior":
        return np.ones(forecasts.shape)
    factor = np.full(forecasts.shape, PRIOR_MEAN)
    days = np.array(decided, dtype="datetime64[D]")
    for row in range(SHORTEST_MATURED, len(decided)):
        factor[row] = _multipliers_known(view, days[:row], forecasts[:row], judgement)
    return factor


def _multipliers_known(view: AsOf, days: np.ndarray, forecasts: np.ndarray, judgement: Judgement) -> list[float]:
    """The multiplier by rule that the cut of the last of `days` knew, from the forecasts of all of them."""
    as_of = days[-1].item()
    following = following_months(view.at(cut(as_of)), days, judgement)
    return [multiplier_of(share, as_of).value for share in realised_shares(forecasts, following)]


def _multipliers(
    view: AsOf, decided: Sequence[dt.date], forecast: np.ndarray, judgement: Judgement, regime: RegimeSettings
) -> np.ndarray:
    """`multiplier_path` of the judgement's own forecasts, shape (n,); kept where the view keeps tables."""
    if judgement.evidence.multiplier != "posterior" or len(decided) <= SHORTEST_MATURED:
        return multiplier_path(view, decided, forecast[:, None], judgement)[:, 0]
    days, factor = np.array(decided, dtype="datetime64[D]"), np.full(len(decided), PRIOR_MEAN)
    moments = instants(days[SHORTEST_MATURED - 1 : -1], CUT_TIME)  # that knew the multipliers of the month-ends after
    size_of = {moment: SHORTEST_MATURED + row for row, moment in enumerate(moments.tolist())}

    def compute(missing: np.ndarray) -> np.ndarray:
        sizes = [size_of[moment] for moment in missing.tolist()]
        return np.array([_multipliers_known(view, days[:n], forecast[:n, None], judgement) for n in sizes])

    name = f"multipliers {opinion_key(judgement)} {regime} {code_of('signals', 'regime', 'allocator')}"
    factor[SHORTEST_MATURED:] = growing_table(view, name, inputs(judgement), moments, compute, width=1)[:, 0]
    return factor


def _trade(opinions: Sequence[Wish | None], factor: np.ndarray, judgement: Judgement) -> np.ndarray:
    """Active weights of a desk that follows every opinion from the policy weight on, points."""
    points, position = np.zeros(len(opinions)), 0.0
    for row, formed in enumerate(opinions):
        if formed is not None:
            limits = tilt.Limits.long_only(
                judgement.portfolio.policy_weight, position, formed.sigma_annual_percent, factor[row]
            )
            position = tilt.settle(formed.raw_points, limits, judgement.tilt)
        points[row] = position
    return points


def realised(
    view: AsOf, decided: list[dt.date], points: np.ndarray, judgement: Judgement
) -> tuple[np.ndarray, np.ndarray]:
    """Active return of each holding period, gross and net of cost, percent.

    A decision is traded at the next session's close and held until the close after the next decision. The
    newest period is open and NaN.
    """
    if not decided:
        return np.zeros(0), np.zeros(0)
    closes = returns.execution_days(decided)
    difference = np.append(returns.between(view, judgement.portfolio, closes), np.nan)
    gross = points / 100 * difference
    traded = np.abs(np.diff(points, prepend=0.0)) / 100
    return gross, gross - traded * judgement.tilt.cost_bp / 100


def known_record(
    view: AsOf, judgement: Judgement, regime: RegimeSettings, cache: Cache | None = None
) -> tuple[Panel, Record, dt.date]:
    """Panel and record of the last month-end before the view's moment, from the cache where it has them."""
    as_of = last_month_end(view.moment)
    then = view.at(cut(as_of))

    def compute() -> tuple[Panel, Record]:
        key = _key(then, judgement, regime) if cache is not None else ""
        if cache is not None and (stored := cache.get(key)) is not None:
            return _unpacked(stored)
        made = month_end_panel(then, judgement, regime), walk_forward_record(then, judgement, regime)
        if cache is not None:
            cache[key] = _packed(*made)
        return made

    return (*then.remember(("known record", judgement, regime), compute), as_of)


def _key(view: AsOf, judgement: Judgement, regime: RegimeSettings) -> str:
    settings = repr((judgement.portfolio.small, judgement.portfolio.large, judgement.portfolio.policy_weight))
    settings += repr((judgement.method, judgement.forecast, judgement.tilt, judgement.evidence.multiplier))
    settings += repr(regime) + judgement.own_code + code_of("signals", "regime", "allocator")
    facts = view.fingerprint(inputs(judgement))
    return hashlib.sha256(f"{facts} {settings}".encode()).hexdigest()


RECORDED = tuple(field.name for field in fields(Record))


def _packed(past: Panel, record: Record) -> bytes:
    page = io.BytesIO()
    columns = {name: getattr(record, name) for name in RECORDED}
    days = np.array(past.days, dtype="datetime64[D]")
    np.savez(page, days=days, scores=past.scores, phases=past.phases, **columns)
    return page.getvalue()


def _unpacked(body: bytes) -> tuple[Panel, Record]:
    with np.load(io.BytesIO(body), allow_pickle=False) as part:
        past = Panel(tuple(part["days"].tolist()), part["scores"], part["phases"])
        return past, Record(**{name: part[name] for name in RECORDED})
