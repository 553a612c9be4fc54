"""Statements meet what happened: scores of recorded runs, and who would have earned what."""

from allocator.outcomes.monthly import monthly_report
from allocator.outcomes.paper_portfolios import Advised, Decided, Race, Runner, paper_portfolios
from allocator.outcomes.scoreboard import Score, scoreboard
from allocator.outcomes.scores import Outcome, due, scored

__all__ = [
    "Advised",
    "Decided",
    "Outcome",
    "Race",
    "Runner",
    "Score",
    "due",
    "monthly_report",
    "paper_portfolios",
    "scoreboard",
    "scored",
]
