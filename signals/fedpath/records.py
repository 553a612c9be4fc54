"""The answer: what every meeting is priced to do, as frozen records."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from signals.calendars import later_by_months
from signals.fedpath.solve import View

START_GAP_BP = 15.0  # a wider gap between the implied start and the target says that the rate has left it
RANGE_BP = 25  # basis points: width of the target range, and the step between two outcomes
SUM_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Bucket:
    """A target range (basis points; a single target has equal bounds) and its probability, 0 to 1."""

    lower_bp: float
    upper_bp: float
    probability: float


@dataclass(frozen=True, slots=True)
class MeetingOdds:
    """What one meeting is priced to do, or why that cannot be said.

    Attributes
    ----------
    date : datetime.date
    reason : str
        Why the meeting is refused; empty where it is answered.
    start_rate, end_rate : float or None
        Expected effective rate before and after the meeting, percent.
    probabilities : tuple of Bucket
        Of the target after the meeting, lowest first; they sum to 1.
    """

    date: dt.date
    reason: str = ""
    start_rate: float | None = None
    end_rate: float | None = None
    probabilities: tuple[Bucket, ...] = ()

    def __post_init__(self) -> None:
        if self.reason:
            return
        total = sum(bucket.probability for bucket in self.probabilities)
        if not abs(total - 1) <= SUM_TOLERANCE:
            raise ValueError(f"meeting of {self.date}: probabilities sum to {total!r}")

    @property
    def status(self) -> str:
        """``ok`` or ``refused``."""
        return "refused" if self.reason else "ok"


@dataclass(frozen=True, slots=True)
class ExpectedMoves:
    """Expected change of the rate from the start of the next meeting, in basis points; None where refused."""

    next: float | None = None
    m3: float | None = None
    m6: float | None = None
    m12: float | None = None


@dataclass(frozen=True, slots=True)
class Terminal:
    """The expected rate farthest from today's: percent, its first meeting, and the pace on the way there.

    Attributes
    ----------
    pace_bp : float or None
        Basis points per meeting from the next meeting to the terminal one.
    meetings_per_step : float or None
        Meetings per 25 bp on the way; None where nothing is priced.
    """

    rate: float | None = None
    date: dt.date | None = None
    pace_bp: float | None = None
    meetings_per_step: float | None = None


@dataclass(frozen=True, slots=True)
class FedPath:
    """The expected path at one moment.

    Attributes
    ----------
    as_of : datetime.date
        Day of the prices.
    view : str
        ``conditional`` or ``aggregated``.
    reason : str
        Why there is no answer for the next meeting; empty where there is one.
    price_source : str
        Kind and day of the prices, in words; empty where no strip was read.
    target_bp : tuple of float
        Lower and upper bound of the target of that day, basis points.
    meetings : tuple of MeetingOdds
    bp : ExpectedMoves
    terminal : Terminal
    refused : Mapping from contract to reason
        Prices that were offered and not used.
    """

    as_of: dt.date
    view: View
    reason: str
    price_source: str
    target_bp: tuple[float, float] | None = None
    meetings: tuple[MeetingOdds, ...] = ()
    bp: ExpectedMoves = ExpectedMoves()
    terminal: Terminal = Terminal()
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """``ok`` where the next meeting is answered, else ``refused``."""
        return "refused" if self.reason else "ok"

    @property
    def start_gap_bp(self) -> float | None:
        """Implied rate before the next meeting less the target (the middle of its range), basis points."""
        start = self.meetings[0].start_rate if self.meetings else None
        return None if start is None or self.target_bp is None else 100 * start - sum(self.target_bp) / 2

    @property
    def warning(self) -> str:
        """What a reader of the numbers must know first; empty where there is nothing."""
        gap = self.start_gap_bp
        if gap is None or abs(gap) < START_GAP_BP:
            return ""
        side = "above" if gap > 0 else "below"
        return (
            f"futures put the rate before the next meeting {abs(gap):.0f} bp {side} the target: funds trade away from "
            "it, so the steps from here are not decisions alone"
        )

    def rate_after(self, date: dt.date) -> float | None:
        """Expected rate after the meeting of `date`, percent; None where it is refused or not listed."""
        return next((m.end_rate for m in self.meetings if m.date == date), None)


@dataclass(frozen=True, slots=True)
class Strip:
    """Prices of one day by contract month (``2026-12``), their kind in words, and the reasons of those refused."""

    day: dt.date
    prices: Mapping[str, float]
    source: str
    refused: Mapping[str, str] = field(default_factory=dict)


def expected_moves(day: dt.date, meetings: tuple[MeetingOdds, ...]) -> ExpectedMoves:
    """100 (E of the last meeting within X months - S of the next meeting), for X of 3, 6 and 12."""
    if not meetings or meetings[0].start_rate is None:
        return ExpectedMoves()
    start = meetings[0].start_rate

    def to(last: MeetingOdds | None) -> float | None:
        return None if last is None or last.end_rate is None else 100 * (last.end_rate - start)

    def within(months: int) -> MeetingOdds | None:
        return max((m for m in meetings if m.date <= later_by_months(day, months)), key=lambda m: m.date, default=None)

    return ExpectedMoves(to(meetings[0]), *(to(within(months)) for months in (3, 6, 12)))


def terminal(meetings: tuple[MeetingOdds, ...]) -> Terminal:
    """The E farthest from the start rate of the next meeting, its first date, and the pace on the way."""
    known = [(m.date, m.end_rate) for m in meetings if m.end_rate is not None]
    if not known or meetings[0].start_rate is None:
        return Terminal()
    start = meetings[0].start_rate
    away = [abs(rate - start) for _, rate in known]
    farthest = away.index(max(away))
    date, rate = known[farthest]
    pace = 100 * (rate - start) / (farthest + 1)
    return Terminal(rate, date, pace, RANGE_BP / abs(pace) if pace else None)
