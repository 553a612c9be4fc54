"""The regime call: which phase we are in, how sure we are, and why."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from regime.phase import Phase

ROUNDING = 1e-9  # how far probabilities may be from summing to one


@dataclass(frozen=True, slots=True)
class Analogue:
    """A past moment that looked like this one, and what followed.

    Attributes
    ----------
    date : datetime.date
    phase : Phase
        The hindsight label of that moment.
    distance : float
        In the model's standardised features; small is alike.
    small_minus_large_12m_percent : float or None
        What small caps did against large ones in the twelve months after; None if not over or not known.
    note : str
    """

    date: dt.date
    phase: Phase
    distance: float
    small_minus_large_12m_percent: float | None
    note: str = ""


Odds = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class NextMeeting:
    """Chance of ``up``, ``none`` and ``down`` at the next decision, by the market and by the model.

    Attributes
    ----------
    model : mapping of str to float
        From the policy path and yields.
    market : mapping of str to float or None
        From Fed funds futures; None where the strip does not answer for the meeting.
    """

    model: Odds
    market: Odds | None = None

    @property
    def odds(self) -> Odds:
        """The market's where it speaks, else the model's: prices have been the better forecast of a decision."""
        return self.model if self.market is None else self.market

    @property
    def source(self) -> str:
        """``market`` or ``model``."""
        return "model" if self.market is None else "market"


@dataclass(frozen=True, slots=True)
class RegimeCall:
    """What is believed about the rate cycle at one moment.

    Attributes
    ----------
    phase : Phase
        The phase in force (after hysteresis).
    probabilities, ahead_3m : mapping of Phase to float
        Sum to 1; now and in three months.
    next_meeting : NextMeeting
        The decision of the next scheduled meeting.
    since : datetime.date
        First day of the phase in force.
    confirmed : bool
        DATE-4's confirmation as known at the moment.
    attributes : mapping
        ``zlb``, ``pace_bp_6m``, ``months_since_move``, ``intermeeting``, ``target_percent``,
        ``last_move_date``, ``last_move_bp``.
    because : tuple of str
        Reasons in order of weight (log-odds against climatology), each a short sentence.
    ambiguity : str
        Said plainly where two readings are open; empty otherwise.
    analogues : tuple of Analogue
    model : str
        Name of the model that spoke.
    degraded : str
        Why the model fell back to older parameters; empty if it did not.
    """

    phase: Phase
    probabilities: Mapping[Phase, float]
    ahead_3m: Mapping[Phase, float]
    next_meeting: NextMeeting
    since: dt.date
    confirmed: bool
    attributes: Mapping[str, object]
    because: tuple[str, ...] = ()
    ambiguity: str = ""
    analogues: tuple[Analogue, ...] = ()
    model: str = ""
    degraded: str = ""

    def __post_init__(self) -> None:
        for name in ("probabilities", "ahead_3m"):
            total = sum(getattr(self, name).values())
            if abs(total - 1) > ROUNDING:  # a person would read anything else as a bug
                raise ValueError(f"{name} sum to {total}")
