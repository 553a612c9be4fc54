"""The signals of the contract: the table of all of them at a moment, and one of them in full."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field

from captilt.contract.record import Answer, fill
from signals.asof import AsOf
from signals.calendars import CUT, NEW_YORK, day_of, instants, month_end_sessions, session_count
from signals.catalog import SIGNALS
from signals.health.health import health
from signals.new_york import instant
from signals.scoring.points import months_before, one
from signals.series.dated_facts import DatedFact as Quotation
from signals.series.dated_facts import quotable
from signals.series.dictionary import describe, fault
from signals.signal import Gap, Signal, read, scores

if TYPE_CHECKING:
    from allocator.backtest.signal_evidence import SignalEvidence as Tested

CONTRACTS = "cme:"  # hundreds of futures contracts: the signal's own detail speaks of them
SPARK_MONTHS = 24
FIRST_MONTH = dt.date(1963, 1, 1)
FIRST_SHOWN = dt.date(1990, 1, 1)
NOTABLE = 0.1  # change of a score over a month, in standard deviations, that earns an arrow


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """One signal in the table of all.

    Attributes
    ----------
    name, family, asks, unit : str
    contribution_points : float or None
        Percentage points of the portfolio; None where no advice is possible.
    history : tuple of float or None
        Scores at the last month-ends; None for a gap.
    score, change : float or None
        Standard deviations of its own past, now and since a month ago.
    raw : float or None
        In `unit`.
    period : datetime.date or None
    known_at : datetime.datetime or None
    age_sessions : int or None
    status : str
        ok, or the code of the gap.
    note : str
    """

    name: str
    family: str
    asks: str
    unit: str
    contribution_points: float | None = None
    history: tuple[float | None, ...] = ()
    score: float | None = None
    change: float | None = None
    raw: float | None = None
    period: dt.date | None = None
    known_at: dt.datetime | None = None
    age_sessions: int | None = None
    status: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataHealth:
    """Health of the data behind the advice; confidence 0 to 1."""

    status: str
    confidence: float
    reason_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedFact:
    """A quotation with its day, and a warning once it has expired."""

    name: str
    value: float
    unit: str
    says: str
    source: str
    observed: dt.date
    expires: dt.date
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalsAnswer(Answer):
    """What `captilt signals` answers."""

    as_of: dt.date
    cut: dt.datetime
    data: DataHealth
    rows: tuple[SignalRow, ...]
    dated_facts: tuple[DatedFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreOn:
    """Score of a month-end, as it was known then; None for a gap."""

    date: dt.date
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The newest revision of a series; `size` in its own unit."""

    period: dt.date
    known_at: dt.datetime
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalInput:
    """One series behind a signal: how old, how revised, what is wrong with it."""

    series: str
    unit: str
    newest: dt.date | None
    age_sessions: int | None
    allowed_sessions: int | None
    revision: Revision | None
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTest:
    """A signal on one sample: rank correlation and slope with next month's small minus large."""

    sample: str
    first: Annotated[dt.date, Field(alias="from")]
    last: Annotated[dt.date, Field(alias="to")]
    n: int
    ic: float | None
    slope: float | None
    unit: str
    interval: tuple[float | None, float | None] | None
    t: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LagCorrelation:
    """Rank correlation with the return so many months ahead."""

    month_ahead: int
    ic: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalCorrelation:
    """Correlation with another signal."""

    signal: str
    correlation: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkForwardValue:
    """Information ratios, net of cost: the signal alone, and the declared signals with and without it."""

    n: int
    ir_alone: float | None
    ir_with: float | None
    ir_without: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalEvidence:
    """What one signal has been worth on the data that are held."""

    signal: str
    standing: str
    p_adjusted: float | None = None
    samples: tuple[SampleTest, ...]
    five_year_blocks: int
    five_year_blocks_right: int
    decay: tuple[LagCorrelation, ...]
    correlations: tuple[SignalCorrelation, ...]
    walk_forward: WalkForwardValue | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalAnswer(SignalRow, Answer):
    """What `captilt signals NAME` answers: the row, its definition, past, inputs and evidence."""

    as_of: dt.date
    cut: dt.datetime
    prior: str
    report_only: bool
    definition: str
    detail: tuple[str, ...] = ()
    inputs: tuple[SignalInput, ...] = ()
    history: tuple[ScoreOn, ...] = ()  # type: ignore[assignment]  # dated here, bare numbers in the table
    evidence: SignalEvidence | None = None


def signals_answer(
    view: AsOf, contributions: Mapping[str, float], catalogue: Sequence[Signal] = SIGNALS
) -> SignalsAnswer:
    """Every signal in one row, and the health of the data that the advice stands on.

    Parameters
    ----------
    view : AsOf
    contributions : mapping of str to float
        Points of the portfolio by signal.
    catalogue : sequence of Signal
        With the user's own, where there are any (`Judgement.catalogue`).
    """
    day = day_of(view.moment)
    return SignalsAnswer(
        as_of=day,
        cut=view.moment.astimezone(NEW_YORK),
        data=fill(DataHealth, health(view)),
        rows=tuple(signal_row(view, signal, contributions) for signal in catalogue),
        dated_facts=tuple(_dated_fact(fact, day) for fact in quotable(view)),
    )


def signal_row(view: AsOf, signal: Signal, contributions: Mapping[str, float]) -> SignalRow:
    """One line of the table."""
    ends = month_end_sessions(FIRST_MONTH, day_of(view.moment))[-SPARK_MONTHS:]
    recent, before = _scored(view, signal, ends)
    return SignalRow(**_row_fields(view, signal, contributions, before), history=tuple(month.score for month in recent))


def signal_answer(
    view: AsOf, signal: Signal, contributions: Mapping[str, float], evidence: SignalEvidence | None
) -> SignalAnswer:
    """Everything about one signal; `evidence` is None where no market data are stored."""
    narrowed = view.only(signal.inputs)
    history, before = _scored(view, signal, month_end_sessions(FIRST_SHOWN, day_of(view.moment)))
    return SignalAnswer(
        **_row_fields(view, signal, contributions, before),
        as_of=day_of(view.moment),
        cut=view.moment.astimezone(NEW_YORK),
        prior=signal.prior,
        report_only=signal.report_only,
        definition=_definition(signal),
        detail=tuple(signal.detail(narrowed)) if signal.detail else (),
        inputs=tuple(_input(narrowed, name) for name in signal.inputs if not name.startswith(CONTRACTS)),
        history=history,
        evidence=evidence,
    )


def signal_evidence_record(tested: "Tested") -> SignalEvidence:
    """The record of what a signal has been worth; numbers that are not known are written as null."""
    walked = tested.walk_forward
    return SignalEvidence(
        signal=tested.name,
        standing=tested.verdict,
        p_adjusted=tested.p_adjusted,
        samples=tuple(
            SampleTest(
                sample=sample.finding.question.definition,
                first=sample.finding.first,
                last=sample.finding.last,
                n=sample.finding.n,
                ic=sample.ic,
                slope=sample.finding.estimate,
                unit=sample.finding.question.unit,
                interval=sample.finding.interval,
                t=sample.finding.t,
            )
            for sample in tested.samples
        ),
        five_year_blocks=tested.blocks,
        five_year_blocks_right=tested.blocks_right,
        decay=tuple(fill(LagCorrelation, decay, month_ahead=decay.lag) for decay in tested.decay),
        correlations=tuple(
            SignalCorrelation(signal=name, correlation=value, n=n) for name, value, n in tested.correlations
        ),
        walk_forward=walked and fill(WalkForwardValue, walked, n=walked.months),
    )


def month_scores(view: AsOf, signal: Signal, ends: tuple[dt.date, ...]) -> tuple[ScoreOn, ...]:
    """Scores at month-ends up to the moment, as they were known then."""
    return _scored(view, signal, ends)[0]


def _scored(view: AsOf, signal: Signal, ends: tuple[dt.date, ...]) -> tuple[tuple[ScoreOn, ...], float]:
    """Scores at month-ends up to the moment and a month before it (NaN for none), each as it was known then."""
    cuts = instants(np.array(ends, dtype="datetime64[D]"), CUT)
    cuts = cuts[cuts <= instant(view.moment)]
    moments = np.union1d(cuts, earlier := months_before(one(view.moment), 1))
    values = scores(signal, view, moments)
    at_ends = values[np.searchsorted(moments, cuts)].tolist()
    past = tuple(ScoreOn(date=day, score=value) for day, value in zip(ends, at_ends, strict=False))
    return past, float(values[np.searchsorted(moments, earlier)[0]])


def _row_fields(view: AsOf, signal: Signal, contributions: Mapping[str, float], before: float) -> dict[str, Any]:
    """The fields of a line; `before` is the score of a month ago, NaN where there was none."""
    answer = read(signal, view)
    core = {
        "name": signal.name,
        "family": signal.family,
        "asks": signal.asks,
        "unit": signal.unit,
        "contribution_points": contributions.get(signal.name),
    }
    if isinstance(answer, Gap):
        return {**core, "status": answer.code, "note": answer.reason}
    return {
        **core,
        "score": answer.score,
        "change": None if np.isnan(before) else answer.score - before,
        "raw": answer.raw,
        "period": answer.period,
        "known_at": answer.known_at.astimezone(NEW_YORK),
        "age_sessions": session_count(day_of(answer.known_at), day_of(view.moment)),
        "status": "ok",
        "note": answer.note,
    }


def _definition(signal: Signal) -> str:
    """The economic argument at the head of the signal's own file."""
    if signal.origin:
        return f"{signal.argument}\n\nFrom {signal.origin}."
    import importlib

    return (importlib.import_module(f"signals.catalog.{signal.name}").__doc__ or "").strip()


def _dated_fact(fact: Quotation, day: dt.date) -> DatedFact:
    return fill(DatedFact, fact, warning=fact.warning(day))


def _input(view: AsOf, name: str) -> SignalInput:
    series, wrong = describe(name), fault(view, name)
    newest = view.history(name).latest().period
    return SignalInput(
        series=name,
        unit=series.unit,
        newest=newest[-1].astype(dt.date) if newest.size else None,
        age_sessions=session_count(newest[-1].astype(dt.date), day_of(view.moment)) if newest.size else None,
        allowed_sessions=series.allowed_age,
        revision=_last_revision(view, name),
        status=wrong.code if wrong else "ok",
        reason=wrong.reason if wrong else "",
    )


def _last_revision(view: AsOf, name: str) -> Revision | None:
    """The newest revision of a series and its size, in the unit of the series."""
    history = view.history(name)
    again = np.flatnonzero(history.period[1:] == history.period[:-1]) + 1
    if not again.size:
        return None
    last = int(again[np.argmax(history.known_at[again])])
    return Revision(
        period=history.period[last].astype(dt.date),
        known_at=history.known_at[last].astype(dt.datetime).replace(tzinfo=dt.UTC).astimezone(NEW_YORK),
        size=float(history.value[last] - history.value[last - 1]),
    )
