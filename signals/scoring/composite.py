"""A score made of several legs: the mean of those that answer.

Each leg is standardised against its own past first, so that no unit outweighs another. A leg that cannot
answer is left out and named; without any leg, or without the leading one where it is needed, the signal
answers with that leg's gap.
"""

from dataclasses import dataclass

import numpy as np

from signals.asof import AsOf
from signals.scoring.zscore import Trailing
from signals.signal import CLIP, Gap, Reading


@dataclass(frozen=True, slots=True)
class Blend:
    """Several trailing scores read as one.

    Attributes
    ----------
    name : str
        Of the signal.
    legs : tuple of Trailing
        The first gives the raw value where it answers.
    led : bool
        True where the first leg must answer, so that the raw value keeps its unit.
    """

    name: str
    legs: tuple[Trailing, ...]
    led: bool = True

    def answer(self, view: AsOf) -> Reading | Gap:
        """The mean score of the legs that answer at the view's moment."""
        answers = [leg.answer(view) for leg in self.legs]
        readings = [answer for answer in answers if isinstance(answer, Reading)]
        first = answers[0]
        if isinstance(first, Gap) and (self.led or not readings):
            return Gap(self.name, first.reason, first.code, first.series)
        score = _mean([answer.score for answer in readings])
        raw = readings[0].raw if self.led else score
        return Reading(
            name=self.name,
            score=min(CLIP, max(-CLIP, score)),
            raw=raw,
            period=max(answer.period for answer in readings),
            known_at=max(answer.known_at for answer in readings),
            note="; ".join(_leg_note(leg, answer) for leg, answer in zip(self.legs, answers, strict=True)),
        )

    def scores_at(self, view: AsOf, moments: np.ndarray) -> np.ndarray:
        """Scores at many moments, NaN for a gap; equal to asking one by one."""
        legs = np.array([leg.scores_at(view, moments) for leg in self.legs])
        mean = np.array([_mean([leg for leg in column if not np.isnan(leg)]) for column in legs.T])
        return np.where(np.isnan(legs[0]), np.nan, mean) if self.led else mean


def _mean(scores: list[float]) -> float:
    return float(sum(scores) / len(scores)) if scores else np.nan


def _leg_note(leg: Trailing, answer: Reading | Gap) -> str:
    if isinstance(answer, Gap):
        return f"{leg.name} left out: {answer.reason}"
    return f"{leg.name} {answer.raw:.2f} ({answer.score:+.2f} sd)" + (f", {answer.note}" if answer.note else "")
