"""The recommendation: the sentence a person accepts or refuses, with everything behind it."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Stance = Literal["overweight", "neutral", "underweight"]
Action = Literal["trade", "hold"]
HOLD = "HOLD"  # the rung on which no new advice is given
KEPT = "held, no new advice"  # the attribution on that rung


TIED_DIGITS = 9  # decimals beyond which two numbers are ordered by name: another processor may swap them
ROUNDING = 1e-9  # points: far below a lot, far above the noise of a sum


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the attribution, in percentage points of the portfolio."""

    line: str
    points: float


@dataclass(frozen=True, slots=True)
class Flip:
    """The value of one input at which the stance would change, the rest held.

    Attributes
    ----------
    input : str
        A signal, or a regime probability.
    now : float
    flips_at : float or None
        None where no value within the input's range changes the stance.
    to : str
        The stance on the other side.
    unit : str
    sd_away : float or None
        Standard deviations from `now` to `flips_at`; None for a probability, or where nothing flips.
    knife_edge : bool
        True where that is less than a tenth of one.
    raw_name, raw_unit : str
        What the input is called in the market, and its unit there; empty where it has no such value.
    raw_now, raw_flips_at : float or None
        `now` and `flips_at` as that value.
    """

    input: str
    now: float
    flips_at: float | None
    to: str
    unit: str = ""
    sd_away: float | None = None
    knife_edge: bool = False
    raw_name: str = ""
    raw_unit: str = ""
    raw_now: float | None = None
    raw_flips_at: float | None = None


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """What one outcome of the Fed's next decision would make of the view, all else as it is.

    Attributes
    ----------
    move_bp : int
        Change of the target; 0 for none.
    raw, score : float
        Of `policy_change` on the evening of that day.
    view_points : float
    stance : str
    """

    move_bp: int
    raw: float
    score: float
    view_points: float
    stance: Stance


@dataclass(frozen=True, slots=True)
class NextDecision:
    """The Fed's next scheduled decision, and the view after each of its outcomes, from cut to hike."""

    date: dt.date
    outcomes: tuple[DecisionOutcome, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """How much more or less than the policy weight to hold in small caps, and why.

    Attributes
    ----------
    stance, action : str
        See docs/CONTRACT.md: the stance names the view, the action is from `trade_points`.
    active_weight_points : float
        Recommended, after confidence, multiplier, clip, band, step and smallest trade; points of the portfolio.
    view_points : float or None
        The wish after confidence and multiplier, whatever is held; None where there is no new advice.
    policy_weight, target_weight, held_weight : float
        0 to 1.
    trade_points : float
        100 (target_weight - held_weight).
    forecast_annual_percent, forecast_sd_percent : float or None
        The model's opinion of small minus large, before the multipliers; sd of the mean. None where too few
        returns are known for a forecast.
    probability_outperform : float or None
        Over twelve months.
    attribution : tuple of Line
        Sums to `active_weight_points` to 1e-12.
    valid_until : datetime.datetime
        The next session's cut.
    next_review : datetime.date
        Next date on which the band or a release could change the answer.
    because, despite : tuple of str
    flip : tuple of Flip
    next_decision : NextDecision or None
        None where the pace of the policy rate is no part of the forecast.
    reason_code : str
        Why the stance is what it is: MODEL, NEUTRAL_BY_MODEL, HOLD_... (NEUTRAL_BY_BAND under method 1).
    """

    stance: Stance
    action: Action
    active_weight_points: float
    policy_weight: float
    target_weight: float
    held_weight: float
    trade_points: float
    forecast_annual_percent: float | None
    forecast_sd_percent: float | None
    probability_outperform: float | None
    attribution: tuple[Line, ...]
    valid_until: dt.datetime
    next_review: dt.date
    view_points: float | None = None
    because: tuple[str, ...] = ()
    despite: tuple[str, ...] = ()
    flip: tuple[Flip, ...] = ()
    next_decision: NextDecision | None = None
    reason_code: str = "MODEL"

    def __post_init__(self) -> None:
        total = sum(line.points for line in self.attribution)
        if abs(total - self.active_weight_points) > ROUNDING:
            raise ValueError(f"attribution sums to {total}, not to {self.active_weight_points}")
