"""The walk forward: every decision of a schedule as it would have been made, and what it earned.

1. At each day of the schedule the opinion of that day is formed from a view of its cut.
2. It is sized under the rules: as recommended, with the data confidence and the multiplier of that day, or before both.
3. The trade is done at the next session's close; the active weight earns small minus large from there to
   the next trade.

It is the same arithmetic as `allocator.decide.decide`, without the sentences; a test holds the two together.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator import method_1, returns, tilt
from allocator.backtest.performance import MONTHS, trailing_beta
from allocator.backtest.samples import Schedule
from allocator.decide import weigh_evidence
from allocator.evidence import last_month_end, multiplier_of, realised_share
from allocator.recommendation import HOLD, KEPT, Line
from allocator.settings import Judgement
from allocator.track_record import (
    Record,
    following_months,
    month_end_panel,
    named_signals,
    realised,
    walk_forward_record,
    wishes,
)
from regime.phase import PHASES
from regime.settings import RegimeSettings
from regime.walk_forward import probabilities
from signals.asof import AsOf
from signals.calendars import CUT as CUT_TIME
from signals.calendars import FIRST_RECORD, cut, day_of, instants, month_end_sessions, sessions_between
from signals.growing import code_of, growing_table
from signals.health.health import health, health_inputs
from signals.signal import scores

Step = Callable[[int, int], None]  # (done, of): progress for a person who waits
NEXT_PERIOD = 10  # days beyond the end, so that the last week is seen to be over
MONDAY = 4  # 1970-01-05, the first Monday after the epoch
CYCLE = "rate cycle, phases"  # the line that sums the phases
PHASE_NAMES = frozenset(phase.value for phase in PHASES)


@dataclass(frozen=True, slots=True)
class Walk:
    """Decisions of a schedule in order, and their outcome.

    Attributes
    ----------
    decided : ndarray of datetime64[D], shape (n,)
    closes : ndarray of datetime64[D], shape (n,)
        Session at whose close each decision was traded.
    points, traded : ndarray, shape (n,)
        Active weight decided, and moved from the one before, points.
    views : ndarray, shape (n,)
        The wish after confidence and multiplier, points; NaN where there was no new advice.
    lines : tuple of str
        What the attribution is made of.
    attribution : ndarray, shape (n, lines)
        Points; rows sum to `points`.
    phases : ndarray, shape (n, 4)
        Probabilities at the decision; NaN before 1995 or without the regime.
    confidence, multiplier : ndarray, shape (n,)
    sigma : ndarray, shape (n,)
        Volatility of small minus large known at the decision, percent per year; NaN without an opinion.
    difference, market : ndarray, shape (n,)
        Small minus large and the market over the period after the decision, percent; NaN where unknown.
    """

    decided: np.ndarray
    closes: np.ndarray
    points: np.ndarray
    views: np.ndarray
    traded: np.ndarray
    lines: tuple[str, ...]
    attribution: np.ndarray
    phases: np.ndarray
    confidence: np.ndarray
    multiplier: np.ndarray
    sigma: np.ndarray
    difference: np.ndarray
    market: np.ndarray

    @property
    def gross(self) -> np.ndarray:
        """Active return of each period, percent."""
        return self.points / 100 * self.difference

    def net(self, cost_bp: float) -> np.ndarray:
        """Active return after a cost per round trip, percent."""
        return self.gross - np.abs(self.traded) / 100 * cost_bp / 100

    def beta_neutral(self, cost_bp: float, *, per_year: float = MONTHS) -> np.ndarray:
        """`net` with the market part taken out at the beta known before each decision, percent."""
        beta = trailing_beta(self.difference, self.market, per_year=per_year)
        return self.net(cost_bp) - self.points / 100 * beta * self.market

    def known(self) -> np.ndarray:
        """True where the outcome is known."""
        return np.isfinite(self.difference)


def walk(
    view: AsOf,
    judgement: Judgement,
    regime: RegimeSettings,
    *,
    days: Sequence[dt.date],
    recommended: bool = True,
    step: Step | None = None,
) -> Walk:
    """Decide on each of `days`, starting from the policy weight.

    Parameters
    ----------
    days : sequence of datetime.date
        Sessions, ascending, none after the view's moment.
    recommended : bool
        With the confidence and the multiplier of each day; False shows the rules before both.
    step : callable, optional
        Called after every decision with (done, of).
    """
    past = month_end_panel(view, judgement, regime)
    scores_at, phases = _scores_and_phases(view, judgement, regime, days)
    formed_at = wishes(view, past, judgement, regime, days=days, phases=phases, scores=scores_at)
    advised = [day for day, formed in zip(days, formed_at, strict=True) if formed is not None]
    factors = _Factors(view, judgement, regime, advised) if recommended else None
    decided = np.array(days, dtype="datetime64[D]")
    size = len(days)
    rules = method_1 if judgement.method == 1 else tilt
    cuts = (*tilt.RULES, method_1.MULTIPLIER) if judgement.method == 1 else tilt.RULES
    names = (CYCLE, *judgement.forecast.signals, *cuts, KEPT)
    points, sigma, views = np.zeros(size), np.full(size, np.nan), np.full(size, np.nan)
    confidence, factor = np.ones(size), np.ones(size)
    attribution = np.zeros((size, len(names)))
    position = 0.0
    for row, day in enumerate(days):
        then = view.at(cut(day))
        formed = formed_at[row]
        if formed is not None:
            if factors is not None:
                confidence[row], is_hold = factors.health_on[day]
                factor[row] = factors.multiplier(then)
                if is_hold:  # no new advice: the weight in hand stays
                    points[row], attribution[row, -1] = position, position
                    continue
            limits = tilt.Limits.long_only(
                judgement.portfolio.policy_weight,
                position,
                formed.sigma_annual_percent,
                factor[row],
                step_from=_step_from(decided, points, row),
                confidence=confidence[row],
            )
            sized = rules.size(formed.contributions, limits, judgement.tilt)
            position, sigma[row] = sized.points, formed.sigma_annual_percent
            views[row] = sized.view
            attribution[row] = _grouped(sized.lines, names)
        points[row] = position
        if step is not None:
            step(row + 1, size)
    difference, market, closes = _outcomes(view, judgement, days)
    traded = np.diff(points, prepend=0.0)
    return Walk(
        decided=decided,
        closes=closes,
        points=points,
        views=views,
        traded=traded,
        lines=names,
        attribution=attribution,
        phases=phases,
        confidence=confidence,
        multiplier=factor,
        sigma=sigma,
        difference=difference,
        market=market,
    )


def sessions(schedule: Schedule, first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    """Decision days: the last session of every month, quarter or week in [first, last], or every session."""
    days = sessions_between(first, last + dt.timedelta(days=NEXT_PERIOD))
    if schedule == "month":
        return month_end_sessions(first, last)
    if schedule == "quarter":
        return tuple(day for day in month_end_sessions(first, last) if day.month % 3 == 0)
    if schedule == "week":
        week = (days.astype("datetime64[D]").astype(int) - MONDAY) // 7
        days = days[np.append(np.diff(week) > 0, False)]
    return tuple(day for day in days.tolist() if day <= last)


def _scores_and_phases(
    view: AsOf, judgement: Judgement, regime: RegimeSettings, days: Sequence[dt.date]
) -> tuple[np.ndarray, np.ndarray]:
    """Scores and probabilities of each day, as they were then."""
    moments = instants(np.array(days, dtype="datetime64[D]"), CUT_TIME)
    columns = [scores(signal, view, moments) for signal in named_signals(judgement)]
    phases = np.full((len(days), 4), np.nan)
    if judgement.forecast.regime:
        begun = np.array([day >= FIRST_RECORD for day in days], dtype=bool)
        called = [cut(day) for day in days if day >= FIRST_RECORD]
        phases[begun] = probabilities(view, called, regime)
    return np.column_stack(columns) if columns else np.zeros((len(days), 0)), phases


def _step_from(decided: np.ndarray, points: np.ndarray, row: int) -> float:
    """Active weight held at the last session of the month before decision `row`."""
    month = decided[row].astype("datetime64[M]")
    before = int(np.searchsorted(decided.astype("datetime64[M]"), month, side="left"))
    return float(points[before - 1]) if before else 0.0


def _grouped(lines: Sequence[Line], names: tuple[str, ...]) -> np.ndarray:
    """Points by line, with the phases summed into one."""
    row = dict.fromkeys(names, 0.0)
    for line in lines:
        row[CYCLE if line.line in PHASE_NAMES else line.line] += line.points
    return np.array([row[name] for name in names])


def _outcomes(view: AsOf, judgement: Judgement, days: Sequence[dt.date]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    closes = returns.execution_days(days)
    difference = np.append(returns.between(view, judgement.portfolio, closes), np.nan)
    market = np.append(returns.market_between(view, judgement.portfolio, closes), np.nan)
    return difference, market, closes


def _health_on(view: AsOf, judgement: Judgement, days: Sequence[dt.date]) -> dict[dt.date, tuple[float, bool]]:
    """Confidence in the data of each of `days` at its cut, and whether it allows no new advice."""
    pair, names, own = judgement.portfolio, judgement.forecast.signals, judgement.own
    read = health_inputs(names, small=pair.small, large=pair.large, own=own)
    moments = instants(np.array(days, dtype="datetime64[D]"), CUT_TIME)
    day_of_moment = dict(zip(moments.tolist(), days, strict=True))

    def compute(missing: np.ndarray) -> np.ndarray:
        views = [view.at(cut(day_of_moment[moment])).only(read) for moment in missing.tolist()]
        states = [health(then, names, small=pair.small, large=pair.large, own=own) for then in views]
        return np.array([(state.confidence, state.status == HOLD) for state in states])

    name = f"health {names} {pair.small} {pair.large} {judgement.own_code} {code_of('signals')}"
    table = view.remember((name, tuple(days)), lambda: growing_table(view, name, read, moments, compute, width=2))
    return {day: (confidence, bool(is_hold)) for day, (confidence, is_hold) in zip(days, table.tolist(), strict=True)}


class _Factors:
    """Data confidence and multiplier of any moment, from one record of the whole walk."""

    def __init__(self, view: AsOf, judgement: Judgement, regime: RegimeSettings, days: Sequence[dt.date]) -> None:
        self.health_on = _health_on(view, judgement, days)
        self._judgement = judgement
        self._record = walk_forward_record(view, judgement, regime)
        self._by_month: dict[dt.date, float] = {}
        if judgement.method != 1 and judgement.evidence.multiplier == "posterior":
            # What the record traded under is what its month-ends before knew, so it is not worked out again.
            knew = self._record.decided[:-1].astype(dt.date).tolist()
            self._by_month = dict(zip(knew, self._record.multiplier[1:].tolist(), strict=False))

    def multiplier(self, then: AsOf) -> float:
        """The multiplier at the moment of `then`."""
        as_of = last_month_end(then.moment)
        if as_of not in self._by_month:
            self._by_month[as_of] = self._multiplier(then, as_of)
        return self._by_month[as_of]

    def _multiplier(self, then: AsOf, as_of: dt.date) -> float:
        """What `weigh_evidence` allows at the moment of `then`, without the tests that scale nothing."""
        earlier = then.at(cut(as_of))
        if self._judgement.method == 1:
            known = _known_then(earlier, self._record, self._judgement)
            return weigh_evidence(known, then.moment, as_of, self._judgement).multiplier.value
        if self._judgement.evidence.multiplier == "none":
            return 1.0
        size = _decided_until(self._record, earlier)
        following = following_months(earlier, self._record.decided[:size], self._judgement)
        return multiplier_of(realised_share(self._record.forecast[:size], following), as_of).value


def _decided_until(whole: Record, then: AsOf) -> int:
    """How many decisions of the record had been made by the moment of `then`."""
    return int(np.searchsorted(whole.decided, np.datetime64(day_of(then.moment), "D"), side="right"))


def _known_then(then: AsOf, whole: Record, judgement: Judgement) -> Record:
    """The record as its outcomes were known at an earlier moment; what was decided does not change."""
    size = _decided_until(whole, then)
    earlier = replace(whole, **{name: getattr(whole, name)[:size] for name in Record.__slots__})
    days = earlier.decided.astype(dt.date).tolist()
    gross, net = realised(then, days, earlier.points, judgement)
    unscaled_net = realised(then, days, earlier.unscaled_points, judgement)[1]
    following = following_months(then, earlier.decided, judgement)
    return replace(earlier, following=following, gross=gross, net=net, unscaled_net=unscaled_net)
