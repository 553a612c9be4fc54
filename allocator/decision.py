"""What a decision is made of: what is known before any weight is set, what the evidence allowed, and the result."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from allocator.evidence import Multiplier, SharpeTest, Verdict
from allocator.market_flip import MarketScales
from allocator.recommendation import Recommendation, Stance
from allocator.track_record import Opinion
from regime.regime_call import RegimeCall
from signals.health.health import Health
from signals.signal import Gap, Reading, Signal


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the evidence allowed on this day.

    Attributes
    ----------
    multiplier : Multiplier
        The factor on the tilt, with the numbers behind it.
    verdict : Verdict
        With its reasons; it scales nothing.
    sharpe : SharpeTest
        The test behind the verdict, with its own power.
    record : str
        Name of the record that was judged, with its pair.
    first, last : datetime.date or None
        Its first and last decision with a known outcome.
    """

    multiplier: Multiplier
    verdict: Verdict
    sharpe: SharpeTest
    record: str
    first: dt.date | None
    last: dt.date | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that was decided at one moment.

    Attributes
    ----------
    moment : datetime.datetime
    recommendation : Recommendation
    call : RegimeCall
    answers : mapping of str to Reading or Gap
        Of every signal in the catalogue, in its order.
    contributions : mapping of str to float
        Points that each signal adds to the raw tilt, by name; only signals in the forecast.
    opinion : Opinion or None
        The fitted model and its forecast; None where too few returns are known.
    evidence : Evidence
    health : Health
    band_points : float or None
        Half-width of the no-trade band.
    wanted_points : float or None
        The view within its limits, before band, step and smallest trade.
    relative_beta : float or None
        Of small minus large on the market over the last 36 months known.
    pair_flip : tuple or None
        (first input, second input, standard deviations each, stance it becomes).
    catalogue : mapping of str to Signal
        The signals that were read.
    """

    moment: dt.datetime
    recommendation: Recommendation
    call: RegimeCall
    answers: Mapping[str, Reading | Gap]
    contributions: Mapping[str, float]
    opinion: Opinion | None
    evidence: Evidence
    health: Health
    band_points: float | None
    wanted_points: float | None
    relative_beta: float | None
    pair_flip: tuple[str, str, float, Stance] | None
    catalogue: Mapping[str, Signal]


@dataclass(frozen=True, slots=True)
class DecisionInputs:
    """What is known at the moment of a decision, before any weight is set."""

    moment: dt.datetime
    regime: RegimeCall
    answers: Mapping[str, Reading | Gap]
    opinion: Opinion | None
    evidence: Evidence
    health: Health
    phases: np.ndarray | None
    scores: np.ndarray
    scales: MarketScales
    relative_beta: float | None
    catalogue: Mapping[str, Signal]
