"""Self-scoring: what was recorded is judged when its horizon has passed, and the sum of it is shown.

`record_outcomes` writes what can be judged now into the book, once each. `track_record` sums what stands in the
book up to a moment: it reads the small entries only (outcomes, advice, decisions), never all runs.
"""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from allocator.outcomes import Advised, Decided, Outcome, Race, due, monthly_report, paper_portfolios, scoreboard
from captilt.contract.record import fill
from captilt.contract.run import Earned, Score, TrackRecord

if TYPE_CHECKING:
    from allocator.ledger.ledger import Book, Ledger
    from allocator.settings import Judgement
    from signals.asof import AsOf

RECENT_RUNS = 800  # three years: the label of a hold can take 548 days and the leg before it to become final


def record_outcomes(book: "Book", view: "AsOf", *, at: dt.datetime) -> tuple[Outcome, ...]:
    """Write every outcome that can be judged at the view's moment and is not in the ledger yet."""
    runs = book.entries("run", last=RECENT_RUNS)
    if not runs:
        return ()
    scored = book.entries("outcome", since=min(entry.day for entry in runs))
    matured = due([entry.payload for entry in runs], [entry.payload for entry in scored], view)
    for outcome in matured:
        book.append("outcome", outcome.day, outcome.payload(), at=at)
    return matured


def track_record(ledger: "Ledger", view: "AsOf", judgement: "Judgement", until: dt.datetime) -> TrackRecord:
    """Scores and paper portfolios of everything recorded at or before `until`.

    Returns
    -------
    TrackRecord
        Days recorded, scores of what was stated, and net active returns in percent since the first run.
    """
    outcomes, portfolios = recorded_outcomes(ledger, view, judgement, until)
    return TrackRecord(
        runs=len(portfolios.days),
        scores=tuple(fill(Score, score) for score in scoreboard(outcomes)),
        race=tuple(
            Earned(name=portfolio.name, net_percent=portfolio.total_percent, ir=portfolios.ir(portfolio))
            for portfolio in portfolios.runners
        ),
    )


def recorded_outcomes(
    ledger: "Ledger", view: "AsOf", judgement: "Judgement", until: dt.datetime
) -> tuple[tuple[Outcome, ...], Race]:
    """Outcomes recorded at or before `until`, and the race over the advice recorded by then."""
    with ledger.reading() as book:
        outcomes = tuple(Outcome.of(entry.payload) for entry in book.entries("outcome", until=until))
        advised = [Advised.of(entry.payload, entry.day) for entry in book.entries("advice", until=until)]
        decisions = [Decided.of(entry.payload, entry.recorded_at) for entry in book.decisions(until)]
    return outcomes, paper_portfolios(sorted(advised, key=lambda advice: advice.day), decisions, view, judgement)


def month(
    ledger: "Ledger", view: "AsOf", judgement: "Judgement", *, first_day: dt.date, until: dt.datetime
) -> dict[str, Any]:
    """Data of the outcome report of the month of `first_day` (see `allocator.outcomes.monthly_report`)."""
    outcomes, portfolios = recorded_outcomes(ledger, view, judgement, until)
    wanted_month = np.datetime64(first_day, "M")
    runs = _runs(ledger, [day for day in portfolios.days if np.datetime64(day, "M") == wanted_month])
    return monthly_report(wanted_month, runs, outcomes, portfolios)


def _runs(ledger: "Ledger", days: Sequence[dt.date]) -> list[dict[str, Any]]:
    entries = [ledger.run_of(day) for day in days]
    return [entry.payload for entry in entries if entry is not None]
