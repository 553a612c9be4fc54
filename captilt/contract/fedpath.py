"""The Fed path of the contract: what every meeting is priced to do, in basis points and percent."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from captilt.contract.record import Answer, fill

if TYPE_CHECKING:
    from signals.fedpath.records import FedPath as ExpectedPath
    from signals.fedpath.records import MeetingOdds
    from signals.fedpath.summary import FedReport
    from signals.fedpath.yield_outlook import Outlook as Expected

Status = Literal["ok", "refused"]
Number = int | float  # a whole number of basis points is written without a fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Target range (basis points; a single target has equal bounds) and its probability, 0 to 1."""

    lower_bp: Number
    upper_bp: Number
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What one meeting is priced to do, or the reason why that cannot be said.

    Attributes
    ----------
    date : datetime.date
    status : str
        ok | refused.
    reason : str or None
    start_rate, end_rate : float or None
        Expected effective rate before and after the meeting, percent.
    probabilities : tuple of Bucket
        Of the target after the meeting, lowest first; they sum to 1.
    """

    date: dt.date
    status: Status
    reason: str | None = None
    start_rate: float | None = None
    end_rate: float | None = None
    probabilities: tuple[Bucket, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Expected change of the policy rate by horizon, basis points; None where it is not priced."""

    next: float | None = None
    m3: float | None = None
    m6: float | None = None
    m12: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Expected rate farthest from today's (percent), its first meeting, and the pace on the way there."""

    rate: float | None = None
    date: dt.date | None = None
    pace_bp: float | None = None
    meetings_per_step: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPrice:
    """A futures price that was offered and not used."""

    contract: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Expected moves from futures, or from yields where there are none, with their 90 % band, basis points."""

    source: str
    note: str
    bp: Moves
    band_90_bp: Moves


@dataclass(frozen=True, slots=True, kw_only=True)
class FedPath:
    """The expected path of the policy rate.

    Attributes
    ----------
    status : str
        ok where the next meeting is answered, else refused.
    reason : str or None
    as_of : datetime.date or None
        Day of the prices.
    view : str
        conditional | aggregated.
    price_source : str or None
        Kind and day of the prices, in words.
    target_bp : tuple of float or None
        Lower and upper bound of the target of that day, basis points.
    start_gap_bp : float or None
        Implied rate before the next meeting less the target (the middle of its range).
    warning : str
        What a reader of the numbers must know first; empty where there is nothing.
    meetings : tuple of Meeting
    bp : Moves
    terminal : Terminal
    refused_prices : tuple of RefusedPrice
    outlook : Outlook or None
        Where futures do not answer, what one- and two-year yields say.
    """

    as_of: dt.date | None = None
    view: str = "conditional"
    status: Status
    reason: str | None = None
    price_source: str | None = None
    target_bp: tuple[Number, Number] | None = None
    start_gap_bp: float | None = None
    warning: str = ""
    meetings: tuple[Meeting, ...] = ()
    bp: Moves = Moves()
    terminal: Terminal = Terminal()
    refused_prices: tuple[RefusedPrice, ...] = ()
    outlook: Outlook | None = None

    def moves_at(self, meeting: Meeting) -> tuple[float, float, float] | None:
        """Probability that the target after `meeting` is lower, the same, or higher than today's."""
        if self.target_bp is None or meeting.status != "ok":
            return None
        low = self.target_bp[0]
        down = sum(bucket.probability for bucket in meeting.probabilities if bucket.lower_bp < low)
        up = sum(bucket.probability for bucket in meeting.probabilities if bucket.lower_bp > low)
        return down, max(0.0, 1.0 - down - up), up

    @property
    def answered(self) -> tuple[Meeting, ...]:
        """Meetings with an answer, in order of date."""
        return tuple(meeting for meeting in self.meetings if meeting.status == "ok")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingChange:
    """Expected rate after one meeting (percent) and its change since a day, a week and a month ago (bp)."""

    date: dt.date
    rate: float
    day_bp: float | None
    week_bp: float | None
    month_bp: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """A past decision and its surprise in basis points."""

    date: dt.date
    surprise_bp: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FedPathAnswer(FedPath, Answer):
    """What `captilt fedpath` answers from the store.

    Attributes
    ----------
    changes : tuple of MeetingChange
    percentiles : mapping of str to float or None
        Share (0 to 1) of the days since `percentiles_since` with a lower or equal expected move, by horizon.
    percentiles_since : datetime.date or None
    last_surprise : Surprise or None
        Of the newest decision; None where a price of its two sessions is missing.
    surprises : tuple of Surprise
        Of the last decisions, oldest first; those without a price are left out.
    """

    changes: tuple[MeetingChange, ...] = ()
    percentiles: Mapping[str, float | None] = field(default_factory=dict)
    percentiles_since: dt.date | None = None
    last_surprise: Surprise | None = None
    surprises: tuple[Surprise, ...] = ()


def fed_path_record(path: "ExpectedPath", outlook: "Expected | None" = None) -> FedPath:
    """The record of an expected path; with `outlook` what else is known of it."""
    return fill(FedPath, path, **_parts(path), outlook=outlook and _outlook(outlook))


def fed_path_answer(report: "FedReport") -> FedPathAnswer:
    """The record of the whole answer at one moment."""
    last = report.last_surprise
    return fill(
        FedPathAnswer,
        report.path,
        **_parts(report.path),
        outlook=_outlook(report.outlook),
        changes=tuple(fill(MeetingChange, change) for change in report.changes),
        percentiles=report.percentiles,
        percentiles_since=report.percentiles_since,
        surprises=tuple(Surprise(date=day, surprise_bp=bp) for day, bp in report.surprises),
        last_surprise=last and Surprise(date=last[0], surprise_bp=last[1]),
    )


def _outlook(outlook: "Expected") -> Outlook:
    return fill(Outlook, outlook, bp=fill(Moves, outlook.bp), band_90_bp=fill(Moves, outlook.band_bp))


def _parts(path: "ExpectedPath") -> dict[str, Any]:
    low, high = path.target_bp or (None, None)
    return {
        "price_source": path.price_source or None,
        "target_bp": None if low is None or high is None else (whole(low), whole(high)),
        "meetings": tuple(_meeting(meeting) for meeting in path.meetings),
        "bp": fill(Moves, path.bp),
        "terminal": fill(Terminal, path.terminal),
        "refused_prices": tuple(RefusedPrice(contract=name, reason=why) for name, why in path.refused.items()),
    }


def _meeting(meeting: "MeetingOdds") -> Meeting:
    ranges = (
        Bucket(lower_bp=whole(one.lower_bp), upper_bp=whole(one.upper_bp), probability=one.probability)
        for one in meeting.probabilities
    )
    return fill(Meeting, meeting, probabilities=tuple(ranges))


def whole(number: float) -> Number:
    """Whole numbers without a fraction: 375, but 312.5."""
    return int(number) if number == int(number) else number
