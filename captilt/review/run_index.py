"""The recorded days at hand: a line for each run, every decision and outcome, read from the book once.

The book is append-only, so what was read stays true; each request asks only whether something was
added since. Ten years of runs are read in a second or two when the page starts, and never again.
"""

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from captilt.contract.run import read_run

if TYPE_CHECKING:
    from allocator.ledger.ledger import Book, Entry, Ledger


@dataclass(frozen=True, slots=True)
class Line:
    """One recorded day in short.

    Attributes
    ----------
    day : datetime.date
    seq : int
    stance, action, status, phase, verdict : str
        As in the run JSON; verdict is that of the evidence.
    active_weight_points, trade_points : float
    target_weight, held_weight, phase_probability, confidence : float
        0 to 1.
    """

    day: dt.date
    seq: int
    stance: str
    action: str
    status: str
    phase: str
    verdict: str
    active_weight_points: float
    trade_points: float
    target_weight: float
    held_weight: float
    phase_probability: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Contents:
    """What the book holds at one moment; `lines` by day, the rest in order of writing."""

    lines: Mapping[dt.date, Line] = field(default_factory=dict)
    decisions: "tuple[Entry, ...]" = ()
    outcomes: "tuple[Entry, ...]" = ()
    failures: "tuple[Entry, ...]" = ()
    days: tuple[dt.date, ...] = ()
    head: tuple[int, str] = (0, "")

    @property
    def decided(self) -> "dict[dt.date, Entry]":
        """The last decision on each day's advice."""
        return {entry.day: entry for entry in self.decisions}


class RunIndex:
    """Keeps the contents of one book up to date; safe to ask from several threads."""

    def __init__(self, ledger: "Ledger") -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._contents = Contents()

    def contents(self) -> Contents:
        """Everything recorded so far."""
        with self._lock, self._ledger.reading() as book:
            head = book.head()
            now = (head.seq, head.hash) if head else (0, "")
            known_head = self._contents.head
            if now == known_head:
                return self._contents
            grown = known_head[0] and now[0] > known_head[0] and _stands(book, known_head)
            self._contents = _more(book, self._contents, now) if grown else _all(book, now)
            return self._contents


def _stands(book: "Book", head: tuple[int, str]) -> bool:
    """Whether the entry seen last is still in the book (it is not after a restore)."""
    entry = book.entry(head[0])
    return entry is not None and entry.hash == head[1]


def _all(book: "Book", head: tuple[int, str]) -> Contents:
    # Day by day rather than at once: ten years of whole payloads would fill a quarter of a gigabyte.
    days = tuple(sorted(book.run_days()))
    lines = {day: _line(entry) for day in days if (entry := book.run_of(day))}
    kinds = (tuple(book.entries("decision")), tuple(book.entries("outcome")), tuple(book.entries("failure")))
    return Contents(lines, *kinds, days, head)


def _more(book: "Book", known: Contents, head: tuple[int, str]) -> Contents:
    new = book.entries(after=known.head[0])

    def added(kind: str) -> "tuple[Entry, ...]":
        return tuple(entry for entry in new if entry.kind == kind)

    lines = {**known.lines, **{entry.day: _line(entry) for entry in added("run")}}
    return Contents(
        lines,
        (*known.decisions, *added("decision")),
        (*known.outcomes, *added("outcome")),
        (*known.failures, *added("failure")),
        tuple(sorted(lines)),
        head,
    )


def _line(entry: "Entry") -> Line:
    run = read_run(entry.payload)
    advice, call = run.recommendation, run.regime
    return Line(
        day=entry.day,
        seq=entry.seq,
        stance=advice.stance,
        action=advice.action,
        status=run.data.status,
        phase=call.phase,
        verdict=run.evidence.verdict,
        active_weight_points=advice.active_weight_points,
        trade_points=advice.trade_points,
        target_weight=advice.target_weight,
        held_weight=advice.held_weight,
        phase_probability=call.chance,
        confidence=run.data.confidence,
    )
