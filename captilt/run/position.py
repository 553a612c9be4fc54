"""What is held when a decision is made: one path into `decide`, for the run, the orders and every study.

1. A holdings file, where one is named (``--holdings``, or ``[portfolio] holdings``): the weight that is really held,
   at the prices known at the cut. A file that is older than the last accepted decision says nothing of what was
   traded since, so the decision stands until the file is renewed.
2. Else the weight last accepted in the review; else ``[portfolio] held_weight``; else the policy weight.

A file speaks of today only: the study of a past day reads one where it is named on the command line, never from the
settings. A file that cannot be used never stops the day: the weight comes from 2, and the reason is said.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allocator.ledger.hash_chain import digest
from allocator.ledger.ledger import weights_in_force
from captilt.contract.run import Book, Run
from signals.calendars import day_of
from signals.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from allocator.ledger.ledger import Entry
    from allocator.portfolio.holdings import Holdings
    from captilt.context import Desk
    from captilt.review.book_file import BookFile


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """Small caps held at one moment.

    Attributes
    ----------
    weight : float
        0 to 1.
    step_from : float
        Weight at the previous month's last session, from which the largest step counts.
    source : str
        holdings, decision, setting or policy.
    book : Book or None
        What the run says of the holdings file; None where none was used.
    notices : tuple of str
        Why a file that was named is not used.
    """

    weight: float
    step_from: float
    source: str
    book: Book | None = None
    notices: tuple[str, ...] = ()


def held_position(
    desk: "Desk", moment: dt.datetime, *, holdings: str | None = None, is_study: bool = False
) -> HeldPosition:
    """What is held at `moment`.

    Parameters
    ----------
    desk : Desk
    moment : datetime.datetime
        The cut.
    holdings : str, optional
        A holdings file or the name of a book in the settings; given by a person, so it is read for a study too and
        has to be usable.
    is_study : bool
        The file of the settings is not read.

    Raises
    ------
    InputError
        Where the file named in `holdings` cannot be used.
    """
    decided = _decided(desk, moment)
    if holdings is not None:
        return _from_file(desk, moment, _opened(desk, holdings), decided)
    named = desk.settings.portfolio.holdings
    if not named or is_study:
        return decided
    try:
        file = _opened(desk, named)
        stale = _older_than_the_decision(desk, moment, file)
        if stale:
            return _with_notice(decided, stale)
        return _from_file(desk, moment, file, decided)
    except InputError as error:
        return _with_notice(decided, f"The holdings file is not used: {error.message}")


def recorded_position(run: Run) -> HeldPosition | None:
    """The position of a recorded run that came from a holdings file, so that a replay needs no file."""
    if run.book is None:
        return None
    return HeldPosition(run.recommendation.held_weight, run.book.step_from_weight, "holdings", run.book)


def _decided(desk: "Desk", moment: dt.datetime) -> HeldPosition:
    """The weight last accepted at or before `moment`, else the setting, else policy.

    The largest step counts from the weight in force on advice of last month or before, recorded by `moment`:
    month-end advice is given at the cut and can only be answered after it, yet its answer is what the month begins
    with. The back-test counts the same way.
    """
    portfolio = desk.settings.portfolio
    default = portfolio.policy_weight if portfolio.held_weight is None else portfolio.held_weight
    decisions = desk.ledger.decisions(moment)
    month = day_of(moment).replace(day=1)
    now = _in_force(decisions)
    at_start = _in_force([entry for entry in decisions if entry.day < month])
    source = "decision" if now is not None else "policy" if portfolio.held_weight is None else "setting"
    return HeldPosition(default if now is None else now, default if at_start is None else at_start, source)


def _in_force(decisions: "Sequence[Entry]") -> float | None:
    weights = weights_in_force(decisions)
    return weights[-1] if weights else None


def _opened(desk: "Desk", named: str) -> "BookFile":
    from captilt.review.book_file import open_book  # with every broker's sheet, for those who have a file

    return open_book(desk.settings, named)


def _from_file(desk: "Desk", moment: dt.datetime, file: "BookFile", decided: HeldPosition) -> HeldPosition:
    from captilt.review.book_file import read_book

    holdings = read_book(lambda: desk.store.as_of(moment), file, desk.settings)
    holdings.demand_understood()
    weight = holdings.weight("small")
    step_from = _weight_at_month_start(desk, moment, weight)
    return HeldPosition(weight, step_from, "holdings", _facts(file, holdings, step_from), decided.notices)


def _facts(file: "BookFile", holdings: "Holdings", step_from: float) -> Book:
    """What the run keeps of the file."""
    return Book(
        name=file.name,
        shape=holdings.shape,
        sha256=digest(file.raw),
        total=round(holdings.total, 2),
        small_weight=holdings.weight("small"),
        unread_share=holdings.unread_share,
        step_from_weight=step_from,
    )


def _weight_at_month_start(desk: "Desk", moment: dt.datetime, weight: float) -> float:
    """Weight of the book in the last run of an earlier month; the weight held now where no run read a book then."""
    month = day_of(moment).replace(day=1)
    runs = desk.ledger.entries("run", until=moment, last=30)
    earlier = [entry.payload for entry in runs if entry.day < month and entry.payload.get("book")]
    return earlier[-1]["recommendation"]["held_weight"] if earlier else weight


def _older_than_the_decision(desk: "Desk", moment: dt.datetime, file: "BookFile") -> str:
    """Why a file that was written before the last accepted decision is not used; empty where it is used."""
    accepted = [entry for entry in desk.ledger.decisions(moment) if entry.payload["verdict"] in ("accept", "modify")]
    if not accepted or file.written_at is None or file.written_at >= accepted[-1].recorded_at:
        return ""
    return (
        f"The holdings file {file.name} is older than the decision of {accepted[-1].day}: "
        "the weight accepted then is used until the file is renewed."
    )


def _with_notice(position: HeldPosition, notice: str) -> HeldPosition:
    return HeldPosition(position.weight, position.step_from, position.source, None, (*position.notices, notice))
