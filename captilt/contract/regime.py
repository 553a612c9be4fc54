"""The rate cycle of the contract: the call, the chronology, and the league of models."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from captilt.contract.record import Answer, fill
from regime.phase import PHASES, Phase

if TYPE_CHECKING:
    from regime.dating import Chronology
    from regime.dating import MovingPhase as DatedPhase
    from regime.evaluation.league import League
    from regime.evaluation.league import ModelScore as LeagueScore
    from regime.evaluation.meeting_score import MeetingScore
    from regime.pre_1982 import Peak
    from regime.regime_call import RegimeCall

THETAS = (0.50, 0.75, 0.25, 1.00)  # percentage points of the chronology; the first is the registered one


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """Where the policy rate stands in its cycle.

    Attributes
    ----------
    target_percent : float or None
        Single target, from 2008-12-16 the upper bound of the range.
    last_move_date : datetime.date or None
    last_move_bp : float or None
    announced_on : datetime.date or None
        Day on which the phase in force was announced.
    pace_bp_6m : float or None
    months_since_move, meetings_since_move : float or None
    zlb : bool or None
        At the lower bound.
    intermeeting : bool or None
        The last move came between two meetings.
    """

    zlb: bool | None = None
    pace_bp_6m: float | None = None
    months_since_move: float | None = None
    meetings_since_move: int | None = None
    intermeeting: bool | None = None
    target_percent: float | None = None
    last_move_date: dt.date | None = None
    last_move_bp: float | None = None
    announced_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCall:
    """Probabilities of the next scheduled meeting; they sum to 1."""

    up: float
    none: float
    down: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Analogue:
    """A past moment that looked like this one (its hindsight phase), and what followed."""

    date: dt.date
    phase: Phase
    distance: float
    small_minus_large_12m_percent: float | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """The call of the rate cycle (see `regime.regime_call.RegimeCall`).

    Attributes
    ----------
    phase : Phase
        In force, since its first day `since`.
    probabilities, ahead_3m : mapping of Phase to float
        Now and in three months; each sums to 1.
    next_meeting : MeetingCall or None
        By the `next_meeting_source`: the market where futures answer for the meeting, else the model.
    next_meeting_model, next_meeting_market : MeetingCall or None
    confirmed : bool
        As known at the cut.
    because : tuple of str
        Reasons in order of weight.
    ambiguity : str
        Where two readings are open; empty otherwise.
    degraded : str
        Why the model fell back to older parameters; empty if it did not.
    """

    phase: Phase
    probabilities: Mapping[Phase, float]
    ahead_3m: Mapping[Phase, float]
    next_meeting: MeetingCall | None = None
    next_meeting_source: str = "model"
    next_meeting_model: MeetingCall | None = None
    next_meeting_market: MeetingCall | None = None
    since: dt.date
    confirmed: bool
    attributes: Attributes = Attributes()
    because: tuple[str, ...] = ()
    ambiguity: str = ""
    model: str = ""
    degraded: str = ""
    analogues: tuple[Analogue, ...] = ()

    @property
    def chance(self) -> float:
        """Probability of the phase in force."""
        return self.probabilities[self.phase]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeOn(Regime):
    """The call of a day that it names itself."""

    as_of: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMeetingRecord:
    """Log scores (nats) of what market and model gave the decision on the eve of each meeting."""

    n: int
    first: Annotated[dt.date | None, Field(alias="from")] = None
    last: Annotated[dt.date | None, Field(alias="to")] = None
    market_log_score: float | None = None
    model_log_score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """How the model has scored on months whose label is final, nats.

    Attributes
    ----------
    log_score_early, log_score_late : float or None
        To 2007 and from 2008 on; None for a half without months.
    coin_toss : float
        Log score of even chances over the open phases.
    """

    first: Annotated[dt.date, Field(alias="from")]
    last: Annotated[dt.date, Field(alias="to")]
    n: int
    log_score: float
    log_score_early: float | None
    log_score_late: float | None
    coin_toss: float
    next_meeting: NextMeetingRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeAnswer(RegimeOn, Answer):
    """What `captilt regime` answers."""

    cut: dt.datetime
    record: CallRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingPhase:
    """A hiking or easing phase of the chronology; `confirmed_on` is None for a candidate."""

    phase: Phase
    first_move: dt.date
    last_move: dt.date | None
    from_target: Annotated[float, Field(alias="from")]
    to_target: Annotated[float, Field(alias="to")]
    confirmed_on: dt.date | None
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """Number of phases under another reversal threshold (percentage points)."""

    theta: float
    phases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyPeak:
    """A peak of the effective rate before the target record starts."""

    month: dt.date
    rate_percent: float
    provenance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChronologyAnswer(Answer):
    """What `captilt regime chronology` answers."""

    rows: tuple[MovingPhase, ...]
    theta: float
    sensitivity: tuple[Sensitivity, ...]
    before_1982: tuple[EarlyPeak, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurningPoint:
    """A turning point, and the meetings until it was seen; None where it never was."""

    phase: Phase
    start: str
    meetings: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """Median meetings until a hold and a move were seen, and every turning point."""

    hold_median: float | None
    move_median: float | None
    turning_points: tuple[TurningPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """One model against another over the phases of the sample."""

    phases_won: int
    phases: int
    sign_test_p: float | None
    log_score_difference: float
    standard_error: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScore:
    """One model of the league; scores in nats, small is good."""

    model: str
    says: str
    log_score: float
    log_score_early: float | None
    log_score_late: float | None
    log_score_interval: tuple[float | None, float | None]
    brier: float
    accuracy: float
    calibration_error: float
    ahead_3m_log_score: float | None
    delay_meetings: Delays
    false_alarms_per_decade: float
    against: Mapping[str, Duel]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMeetingScore:
    """Log score of the calls of the next meeting, beside that of their own frequencies."""

    n: int
    log_score: float
    frequency_log_score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingModel:
    """A model that could not take part."""

    model: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeagueAnswer(Answer):
    """What `captilt regime league` answers."""

    first: Annotated[dt.date, Field(alias="from")]
    last: Annotated[dt.date, Field(alias="to")]
    n: int
    default: str
    models: tuple[ModelScore, ...]
    next_meeting: NextMeetingScore
    missing: tuple[MissingModel, ...]


def regime_record(call: "RegimeCall") -> Regime:
    """The record of a call."""
    return fill(Regime, call, **_parts(call))


def regime_on(call: "RegimeCall", day: dt.date) -> RegimeOn:
    """The record of a call that names its day."""
    return fill(RegimeOn, call, as_of=day, **_parts(call))


def regime_answer(call: "RegimeCall", cut: dt.datetime, record: CallRecord | None) -> RegimeAnswer:
    """What `captilt regime` answers; `cut` in New York time."""
    return fill(RegimeAnswer, call, as_of=cut.date(), cut=cut, record=record, **_parts(call))


def _parts(call: "RegimeCall") -> dict[str, Any]:
    return {
        "probabilities": {phase: call.probabilities[phase] for phase in PHASES},
        "ahead_3m": {phase: call.ahead_3m[phase] for phase in PHASES},
        "next_meeting": fill(MeetingCall, call.next_meeting.odds),
        "next_meeting_source": call.next_meeting.source,
        "next_meeting_model": fill(MeetingCall, call.next_meeting.model),
        "next_meeting_market": call.next_meeting.market and fill(MeetingCall, call.next_meeting.market),
        "attributes": fill(Attributes, call.attributes),
        "analogues": tuple(fill(Analogue, analogue) for analogue in call.analogues),
    }


def chronology_answer(
    chronology: "Chronology", sensitivity: Mapping[float, int], before: "tuple[Peak, ...]"
) -> ChronologyAnswer:
    """The chronology with its sensitivity to theta, and the peaks before 1982."""
    rows = [*chronology.phases, *([chronology.candidate] if chronology.candidate else [])]
    return ChronologyAnswer(
        rows=tuple(_moving_phase(row) for row in rows),
        theta=chronology.theta,
        sensitivity=tuple(Sensitivity(theta=theta, phases=count) for theta, count in sensitivity.items()),
        before_1982=tuple(fill(EarlyPeak, peak, rate_percent=peak.rate) for peak in before),
    )


def _moving_phase(row: "DatedPhase") -> MovingPhase:
    return fill(MovingPhase, row)


def league_answer(league: "League", meeting: "MeetingScore") -> LeagueAnswer:
    """The league of models; those that could not take part are under `missing`."""
    months = league.window.months
    return LeagueAnswer(
        first=months[0],
        last=months[-1],
        n=len(months),
        default=league.default,
        models=tuple(_model_score(row) for row in league.scores),
        next_meeting=fill(NextMeetingScore, meeting),
        missing=tuple(MissingModel(model=name, reason=why) for name, why in league.missing.items()),
    )


def _model_score(row: "LeagueScore") -> ModelScore:
    delays = Delays(
        hold_median=row.hold_delay,
        move_median=row.move_delay,
        turning_points=tuple(fill(TurningPoint, point) for point in row.detections),
    )
    against = {
        other: Duel(phases_won=won, phases=phases, sign_test_p=p, log_score_difference=gap, standard_error=error)
        for other, (won, phases, p, gap, error) in row.against.items()
    }
    return fill(ModelScore, row, log_score_interval=row.interval, delay_meetings=delays, against=against)
