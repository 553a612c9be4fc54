"""The scoreboard: every kind of statement with its mean score, beside what knowing nothing would have scored."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from allocator.outcomes.scores import Kind, Outcome

SHOWN: dict[Kind, str] = {
    "outperform_12m": "small against large over twelve months",
    "direction_1m": "direction over one month",
    "phase": "phase of the rate cycle",
    "phase_3m": "phase in three months",
    "meeting": "next meeting, by the model",
    "path": "next meeting, by futures",
}
ANSWERS: dict[Kind, int] = {"outperform_12m": 2, "phase": 4, "phase_3m": 4, "meeting": 3}


@dataclass(frozen=True, slots=True)
class Score:
    """One line of the board.

    Attributes
    ----------
    kind : str
    words : str
    n : int
        Statements scored. Daily statements about one year overlap: they are far fewer independent ones.
    log_score, brier : float or None
        Means; None where the kind has no probability.
    know_nothing : float or None
        Log score of equal chances for every answer.
    hit_rate : float
        0 to 1.
    first, last : str
        ISO days of the first and the last run scored.
    """

    kind: Kind
    words: str
    n: int
    log_score: float | None
    brier: float | None
    know_nothing: float | None
    hit_rate: float
    first: str
    last: str


def scoreboard(outcomes: Iterable[Outcome]) -> tuple[Score, ...]:
    """Mean scores by kind, in the order in which a person reads them; kinds without a score are left out."""
    by_kind: dict[Kind, list[Outcome]] = {}
    for outcome in outcomes:
        by_kind.setdefault(outcome.kind, []).append(outcome)
    return tuple(_line(kind, by_kind[kind]) for kind in SHOWN if kind in by_kind)


def _line(kind: Kind, outcomes: list[Outcome]) -> Score:
    days = sorted(outcome.day for outcome in outcomes)
    answers = ANSWERS.get(kind)
    return Score(
        kind=kind,
        words=SHOWN[kind],
        n=len(outcomes),
        log_score=_mean([outcome.log_score for outcome in outcomes if outcome.log_score is not None]),
        brier=_mean([outcome.brier for outcome in outcomes if outcome.brier is not None]),
        know_nothing=math.log(answers) if answers else None,
        hit_rate=sum(outcome.hit for outcome in outcomes) / len(outcomes),
        first=days[0].isoformat(),
        last=days[-1].isoformat(),
    )


def _mean(values: list[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
