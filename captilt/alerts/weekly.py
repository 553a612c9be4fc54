"""The weekly digest: what happened, the advice then and now, what it earned, what waits for an answer, what comes."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from captilt import sentences
from captilt.contract.run import Run, read_run
from captilt.formats import day, number, points, signed

if TYPE_CHECKING:
    from allocator.ledger.ledger import Book, Entry, Ledger

WEEK = dt.timedelta(days=7)
SESSIONS = 8  # recorded days that a week can have, with the one before it
BP = 100.0  # basis points in a percent
DATES = 3  # the next ones; the page has them all
EVENTS = 6


def week_lines(book: "Book | Ledger", run: Run) -> tuple[str, ...]:
    """Sentences of the week that ends with `run`; `run` itself may be recorded already or not."""
    recorded = [read_run(entry.payload) for entry in book.entries("run", last=SESSIONS) if entry.day < run.as_of]
    decisions = [entry for entry in book.entries("decision") if entry.day <= run.as_of]
    this_week = [one for one in recorded if one.as_of >= run.as_of - WEEK]
    before = [one for one in recorded if one.as_of < run.as_of - WEEK]
    reminded = bool(before and unanswered(before[-1:], decisions) and all(_trades(one) for one in this_week))
    return week_sentences([*this_week, run], decisions, reminded=reminded)


def week_sentences(runs: Sequence[Run], decisions: "Sequence[Entry]", *, reminded: bool = False) -> tuple[str, ...]:
    """The sentences of `week_lines` from runs in order of day, the newest last; no second reminder."""
    first, newest = runs[0], runs[-1]
    reminder = "" if reminded else unanswered(runs, decisions)
    lines = (_events(runs), _then_and_now(first, newest), _earned(first, newest), reminder)
    ahead = "; ".join(f"{'by ' if one.by else ''}{day(one.date)} {one.event}" for one in newest.calendar[:DATES])
    return tuple(line for line in (*lines, f"Next: {ahead}." if ahead else "") if line)


def _events(runs: Sequence[Run]) -> str:
    told = list(dict.fromkeys(event for run in runs[-5:] for event in run.events))
    if not told:
        return "No decision and no release this week."
    more = f" and {len(told) - EVENTS} more" if len(told) > EVENTS else ""
    return f"This week: {'; '.join(told[:EVENTS])}{more}."


def _then_and_now(first: Run, newest: Run) -> str:
    if first is newest:
        return ""
    before, now = sentences.view_points(first), sentences.view_points(newest)
    then = f"{first.recommendation.stance} ({points(before)})"
    today = f"{newest.recommendation.stance} ({points(now)})"
    return f"View {day(first.as_of)}: {then}; now: {today}."


def _earned(first: Run, newest: Run) -> str:
    """What the position that was held earned against policy over the week, gross; empty without prices."""
    small, large = newest.portfolio.small, newest.portfolio.large
    if first is newest or not all(name in run.prices for run in (first, newest) for name in (small, large)):
        return ""
    moved = BP * (newest.prices[small] / first.prices[small] - newest.prices[large] / first.prices[large])
    advice = first.recommendation
    held = advice.held_weight - advice.policy_weight
    word = "earned" if moved * held >= 0 else "cost"
    size = number(abs(BP * held * moved), 1)
    return (
        f"Small less large {signed(moved)} %: the {points(100 * held)} points held {word} {size} bp, in prices alone."
    )


def _trades(run: Run) -> bool:
    return run.recommendation.action == "trade"


def unanswered(runs: Sequence[Run], decisions: "Sequence[Entry]") -> str:
    """A reminder of a trade that nobody has answered; empty where there is none."""
    answered = max((entry.day for entry in decisions), default=None)
    open_since = None
    for run in reversed(runs):
        if not _trades(run) or (answered is not None and run.as_of <= answered):
            break
        open_since = run.as_of
    return f"Unanswered since {day(open_since)}: {sentences.action(runs[-1])}" if open_since else ""
