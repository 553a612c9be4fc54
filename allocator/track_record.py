"""What the rules said at every month-end, and what came of it: the walk-forward track record.

1. `panel` lists the month-ends before a moment with the scores and phase probabilities of each, as they
   were then.
2. `opinion` fits the forecast on what was known at one moment and says what it wants, before any multiplier.
3. `record` lets the opinions of all month-ends since 1985 trade under the rules of `allocator.tilt`, with
   both multipliers at 1, and nets the returns that were known at the moment.

Everything an opinion uses comes through a view of its own moment, so the record of a past day is the one
that could have been kept then.
"""

import datetime as dt
import hashlib
import io
from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from allocator import returns, tilt
from allocator.evidence import TrackRecord, last_month_end
from allocator.forecast import Forecast, Model, Sample, fit, forecast
from allocator.recommendation import Line
from allocator.settings import Judgement
from regime.dating import date_cycle
from regime.features import INPUTS as REGIME_INPUTS
from regime.settings import RegimeSettings
from regime.walk_forward import probabilities
from signals.asof import AsOf
from signals.calendars import CUT as CUT_TIME
from signals.calendars import FIRST_RECORD, cut, day_of, instants, month_end_sessions
from signals.catalog import BY_NAME
from signals.derived.policy_rate import POLICY_INPUTS, target_path
from signals.errors import UsageError
from signals.signal import Signal, scores

FIRST_SAMPLE = dt.date(1963, 6, 1)  # month-ends that may train; the outcome of the first is 1963-07
FIRST_DECISION = dt.date(1984, 12, 1)  # the record's first month is 1985-01 (METHOD 5)
SHORTEST_SAMPLE = 60  # months of outcome below which there is no forecast

Cache = MutableMapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Panel:
    """Month-ends up to a moment and what was said at each of them.

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


@dataclass(frozen=True, slots=True)
class Record:
    """The track record known at one month-end, before any multiplier.

    Attributes
    ----------
    decided : ndarray of datetime64[D], shape (n,)
        Month-ends of the decisions.
    points : ndarray, shape (n,)
        Active weight decided, points.
    net, gross : ndarray, shape (n,)
        Active return of the holding period after it, percent; NaN where its end is not known yet.
    """

    decided: np.ndarray
    points: np.ndarray
    net: np.ndarray
    gross: np.ndarray

    def evidence(self, as_of: dt.date) -> TrackRecord:
        """The part with an outcome, in the form in which evidence is judged."""
        done = np.isfinite(self.net)
        known_on = np.full(int(done.sum()), np.datetime64(as_of, "D"))
        return TrackRecord(known_on, self.net[done])


def named_signals(judgement: Judgement) -> tuple[Signal, ...]:
    """The signals of the setting ``[forecast] signals``.

    Raises
    ------
    UsageError
        For a name that does not exist or may not enter a forecast.
    """
    able = {name for name, signal in BY_NAME.items() if not signal.report_only}
    unknown = [name for name in judgement.forecast.signals if name not in able]
    if unknown:
        raise UsageError(
            f"[forecast] signals names {', '.join(unknown)}, which cannot enter a forecast.",
            remedy=f"Choose among {', '.join(sorted(able))}.",
        )
    return tuple(BY_NAME[name] for name in judgement.forecast.signals)


def inputs(judgement: Judgement) -> tuple[str, ...]:
    """Every series that an opinion may read, for fingerprints."""
    from_signals = (series for signal in named_signals(judgement) for series in signal.inputs)
    names = {*from_signals, *POLICY_INPUTS, *returns.pair_inputs(judgement.portfolio)}
    return tuple(sorted(names | set(REGIME_INPUTS if judgement.forecast.regime else ())))


def panel(view: AsOf, judgement: Judgement, regime: RegimeSettings) -> Panel:
    """Scores and probabilities of every month-end up to the view's moment."""
    pair = (judgement.portfolio.small, judgement.portfolio.large)
    key = ("panel", pair, judgement.forecast.signals, judgement.forecast.regime, regime)

    def compute() -> Panel:
        days = month_end_sessions(FIRST_SAMPLE, day_of(view.moment))
        days = tuple(day for day in days if cut(day) <= view.moment)
        moments = instants(np.array(days, dtype="datetime64[D]"), CUT_TIME)
        returns.prepare(view, judgement.portfolio, [cut(day) for day in days])
        columns = [scores(signal, view, moments) for signal in named_signals(judgement)]
        phases = np.full((len(days), 4), np.nan)
        if judgement.forecast.regime:
            begun = np.array(days) >= FIRST_RECORD
            phases[begun] = probabilities(view, [cut(day) for day in np.array(days)[begun]], regime)
        return Panel(days, np.column_stack(columns) if columns else np.zeros((len(days), 0)), phases)

    return view.remember(key, compute)


def sample(view: AsOf, past: Panel, judgement: Judgement) -> Sample:
    """What a model may be fitted on at the view's moment."""
    known = returns.monthly(view, judgement.portfolio)
    days = _stamps(past.days)
    month = days.astype("datetime64[M]")
    place = (month + 1 - known.month[0]).astype(int) if known.month.size else np.full(month.size, -1)
    inside = (place >= 0) & (place < known.month.size)
    outcome = np.where(inside, known.percent[np.where(inside, place, 0)] if known.month.size else np.nan, np.nan)
    return Sample(past.scores, past.phases, _legs(view, days), outcome)


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
    """Fit on what was known, and say what is wanted now.

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
    said = forecast(model, phases, now)
    sigma = tilt.sigma_annual_percent(known, judgement.tilt)
    scale = tilt.points_per_percent(sigma, judgement.tilt)
    lines = tuple(Line(term.name, scale * term.annual_percent) for term in said.terms)
    return Opinion(said, model, sigma, lines)


def opinion_at(view: AsOf, past: Panel, place: int, judgement: Judgement) -> Opinion | None:
    """The opinion of the month-end ``past.days[place]``, from a view of that moment."""
    then = view.at(cut(past.days[place]))
    phases = past.phases[place] if judgement.forecast.regime and np.isfinite(past.phases[place]).all() else None
    earlier = Panel(past.days[: place + 1], past.scores[: place + 1], past.phases[: place + 1])
    key = ("opinion", judgement.portfolio.small, judgement.portfolio.large, judgement.forecast, judgement.tilt)
    return then.remember(key, lambda: opinion(then, earlier, judgement, phases=phases, now=past.scores[place]))


def record(view: AsOf, judgement: Judgement, regime: RegimeSettings) -> Record:
    """The walk-forward record known at the view's moment, before any multiplier."""
    past = panel(view, judgement, regime)
    places = [place for place, day in enumerate(past.days) if day >= FIRST_DECISION]
    decided = [past.days[place] for place in places]
    points = np.zeros(len(places))
    held = 0.0
    for step, place in enumerate(places):
        said = opinion_at(view, past, place, judgement)
        held = held if said is None else tilt.settle(_raw(said), _limits(held, said, judgement), judgement.tilt)
        points[step] = held
    gross, net = realised(view, decided, points, judgement)
    return Record(np.array(decided, dtype="datetime64[D]"), points, net, gross)


def _raw(said: Opinion) -> float:
    return float(sum(line.points for line in said.contributions))


def _limits(held: float, said: Opinion, judgement: Judgement) -> tilt.Limits:
    policy = 100 * judgement.portfolio.policy_weight
    return tilt.Limits(
        held=held,
        step_from=held,
        low=-policy,
        high=100 - policy,
        confidence=1.0,
        multiplier=1.0,
        sigma_annual_percent=said.sigma_annual_percent,
    )


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


def standing(
    view: AsOf, judgement: Judgement, regime: RegimeSettings, cache: Cache | None = None
) -> tuple[Panel, Record, dt.date]:
    """Panel and record of the last month-end before the view's moment, from the cache where it holds them."""
    as_of = last_month_end(view.moment)
    then = view.at(cut(as_of))

    def compute() -> tuple[Panel, Record]:
        key = _key(then, judgement, regime) if cache is not None else ""
        if cache is not None and (kept := cache.get(key)) is not None:
            return _unpacked(kept)
        made = panel(then, judgement, regime), record(then, judgement, regime)
        if cache is not None:
            cache[key] = _packed(*made)
        return made

    return (*then.remember(("standing", judgement, regime), compute), as_of)


def _key(view: AsOf, judgement: Judgement, regime: RegimeSettings) -> str:
    settings = repr((judgement.portfolio.small, judgement.portfolio.large, judgement.portfolio.policy_weight))
    settings += repr((judgement.forecast, judgement.tilt, regime, FORMAT))
    facts = view.fingerprint(inputs(judgement))
    return hashlib.sha256(f"{facts} {settings}".encode()).hexdigest()


FORMAT = 1  # of the cached bytes; raised when the arithmetic of this module changes


def _packed(past: Panel, kept: Record) -> bytes:
    page = io.BytesIO()
    np.savez(
        page,
        days=np.array(past.days, dtype="datetime64[D]"),
        scores=past.scores,
        phases=past.phases,
        decided=kept.decided,
        points=kept.points,
        net=kept.net,
        gross=kept.gross,
    )
    return page.getvalue()


def _unpacked(body: bytes) -> tuple[Panel, Record]:
    with np.load(io.BytesIO(body), allow_pickle=False) as part:
        past = Panel(tuple(part["days"].tolist()), part["scores"], part["phases"])
        return past, Record(part["decided"], part["points"], part["net"], part["gross"])
