"""Statements meet what happened: scores of recorded runs, and who would have earned what."""

from allocator.outcomes.board import Score, board
from allocator.outcomes.monthly import monthly_report
from allocator.outcomes.race import Advised, Decided, Race, Runner, race
from allocator.outcomes.score import Outcome, due, scored

__all__ = [
    "Advised",
    "Decided",
    "Outcome",
    "Race",
    "Runner",
    "Score",
    "board",
    "due",
    "monthly_report",
    "race",
    "scored",
]
