"""Who would have earned what: the engine, the person, and always neutral, on the same closes.

The engine is every recommendation carried out at the next session's close. The person is what was accepted
or modified, counted from the close after it was decided. Neutral is the policy weight, whose active return
is zero by definition. A recommendation starts from the weight that the person held, so the two are not
independent where the person declined.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from allocator.evidence import information_ratio
from allocator.outcomes.decided_weight import weights_in_force
from allocator.settings import Judgement
from allocator.track_record import realised
from signals.asof import AsOf
from signals.calendars import NEW_YORK, next_session

CLOSE = dt.time(16, 0)  # of the exchange; a decision after it is carried out a session later
SHORTEST_IR = 12  # months below which no ratio is shown


@dataclass(frozen=True, slots=True)
class Decided:
    """A person's decision, as far as the race needs it.

    Attributes
    ----------
    at : datetime.datetime
        Aware; when it was recorded.
    verdict : str
        accept, modify, reject or defer.
    target_weight : float or None
        0 to 1.
    advice : int or None
        Number of the advice that it answers; a later answer to the same one replaces it.
    """

    at: dt.datetime
    verdict: str
    target_weight: float | None
    advice: int | None = None

    @classmethod
    def of(cls, payload: Mapping[str, Any], at: dt.datetime) -> "Decided":
        """From a `decision` entry of the book."""
        weight = payload.get("target_weight")
        return cls(at, payload["verdict"], None if weight is None else float(weight), payload.get("advice"))


@dataclass(frozen=True, slots=True)
class Advised:
    """One recorded recommendation, as far as the race needs it.

    Attributes
    ----------
    day : datetime.date
    active_points : float
        Recommended, points of the portfolio.
    policy_weight, held_weight : float
        0 to 1, on that day.
    """

    day: dt.date
    active_points: float
    policy_weight: float
    held_weight: float

    @classmethod
    def of(cls, recommendation: Mapping[str, Any], day: dt.date) -> "Advised":
        """From the recommendation of a `run` entry, or from an `advice` entry, which leaves the policy weight out."""
        points, target = float(recommendation["active_weight_points"]), float(recommendation["target_weight"])
        policy = recommendation.get("policy_weight")
        policy_weight = target - points / 100 if policy is None else float(policy)
        return cls(day, points, policy_weight, float(recommendation["held_weight"]))


@dataclass(frozen=True, slots=True)
class Runner:
    """One competitor.

    Attributes
    ----------
    name : str
    points : ndarray, shape (n,)
        Active weight from the close after each run.
    net : ndarray, shape (n,)
        Active return from that close to the one after the next run, percent, net of cost; NaN while open.
    """

    name: str
    points: np.ndarray
    net: np.ndarray

    @property
    def total_percent(self) -> float:
        """Sum of the known net active returns, percent."""
        return float(np.nansum(self.net))


@dataclass(frozen=True, slots=True)
class Race:
    """All competitors over the same runs.

    Attributes
    ----------
    days : tuple of datetime.date
        Of the runs.
    runners : tuple of Runner
        engine, person, neutral.
    """

    days: tuple[dt.date, ...]
    runners: tuple[Runner, ...]

    def by_month(self, runner: Runner) -> tuple[np.ndarray, np.ndarray]:
        """Months and the net active return of the periods begun in each, percent; open periods left out."""
        done = np.isfinite(runner.net)
        month = np.array(self.days, dtype="datetime64[M]")[done]
        months, row = np.unique(month, return_inverse=True)
        return months, np.bincount(row, weights=runner.net[done], minlength=months.size)

    def ir(self, runner: Runner) -> float | None:
        """Annual information ratio of the monthly sums; None under a year."""
        _, monthly = self.by_month(runner)
        return information_ratio(monthly) if monthly.size >= SHORTEST_IR else None


def paper_portfolios(
    advised: Sequence[Advised], decisions: Sequence[Decided], view: AsOf, judgement: Judgement
) -> Race:
    """Let engine, person and neutral run over the recorded days.

    Parameters
    ----------
    advised : sequence of Advised
        Ascending by day.
    decisions : sequence of Decided
        In the order of recording.
    """
    days = [advice.day for advice in advised]
    engine = np.array([advice.active_points for advice in advised])
    person = _person(advised, decisions)
    return Race(
        tuple(days),
        (
            Runner("engine", engine, realised(view, days, engine, judgement)[1]),
            Runner("person", person, realised(view, days, person, judgement)[1]),
            Runner("neutral", np.zeros(len(days)), realised(view, days, np.zeros(len(days)), judgement)[1]),
        ),
    )


def _person(advised: Sequence[Advised], decisions: Sequence[Decided]) -> np.ndarray:
    """Active weight, points, that the person held from the close after each recommendation."""
    in_force = weights_in_force((one.advice, one.verdict, one.target_weight) for one in decisions)
    points = np.zeros(len(advised))
    for row, advice in enumerate(advised):
        closes = dt.datetime.combine(next_session(advice.day), CLOSE, NEW_YORK)
        before = [weight for one, weight in zip(decisions, in_force, strict=True) if one.at < closes]
        weight = advice.held_weight if not before or before[-1] is None else before[-1]
        points[row] = 100 * (weight - advice.policy_weight)
    return points
