"""Orders for a real book: the view of a recorded run, sized for what the book holds.

The run's own recommendation and these orders come from the same rules with the same view, so they cannot disagree in
direction: `allocator.portfolio.rebalance` sizes, and this module only brings run, file and settings together.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from allocator.portfolio.holdings import Holdings
from allocator.portfolio.rebalance import Rebalance, Terms, View, rebalance
from allocator.returns import OLDEST_PRICE
from captilt.review.book_file import BookFile, read_book
from signals.calendars import session_count

if TYPE_CHECKING:
    from captilt.context import Desk
    from captilt.contract.run import Run

SAME_WEIGHT = 0.0005  # of the book: a file that gives the run's own weight is the run's own book


@dataclass(frozen=True, slots=True)
class BookOrders:
    """A book and what the view of a day asks of it.

    Attributes
    ----------
    name : str
    holdings : Holdings
    result : Rebalance
    run_weight : float
        Weight that the run itself was given, 0 to 1.
    """

    name: str
    holdings: Holdings
    result: Rebalance
    run_weight: float

    @property
    def is_the_runs_own(self) -> bool:
        """True where the run was worked out for the weight that this book holds."""
        return abs(self.result.advice.held_weight - self.run_weight) <= SAME_WEIGHT


def book_holdings(desk: "Desk", run: "Run", file: BookFile) -> Holdings:
    """Understand a holdings file at the prices known at the cut of `run`."""
    from signals.calendars import cut

    return read_book(lambda: desk.store.as_of(cut(run.as_of)), file, desk.settings)


def orders_for(desk: "Desk", run: "Run", holdings: Holdings, file: BookFile) -> BookOrders:
    """Size the view of `run` for a book.

    Raises
    ------
    InputError
        Where more than five percent of the book is not understood.
    """
    advice, pair = run.recommendation, run.portfolio
    own = abs(holdings.weight("small") - advice.held_weight) <= SAME_WEIGHT
    terms = Terms(
        small=pair.small,
        large=pair.large,
        policy_weight=file.policy_weight,
        view=view_of(run),
        settings=desk.settings.tilt,
        step_from=advice.step_from_weight if own else None,
        prices=run.prices,
        conclusions=_conclusions(desk, run, holdings),
    )
    result = rebalance(holdings, terms)
    result = replace(result, remarks=(*result.remarks, *old_closes(holdings, run.as_of)))
    return BookOrders(file.name, holdings, result, advice.held_weight)


def old_closes(holdings: Holdings, day: dt.date) -> tuple[str, ...]:
    """One sentence for each holding that an old close values."""
    return tuple(
        f"{position.symbol} is valued at the close of {position.priced_on}, {age} sessions before {day}."
        for position in holdings.positions
        if position.priced_on is not None and (age := session_count(position.priced_on, day)) > OLDEST_PRICE
    )


def _conclusions(desk: "Desk", run: "Run", holdings: Holdings) -> Mapping[str, str]:
    """What the records of the book's small-cap funds say; nothing where there is no choice between funds."""
    symbols = [position.symbol for position in holdings.of("small")]
    if len(symbols) < 2 or not desk.store.holds_market_data():  # noqa: PLR2004 - a choice needs two
        return {}
    from allocator.portfolio.funds import conclusions
    from signals.calendars import cut

    return conclusions(desk.store.as_of(cut(run.as_of)), symbols, benchmark=run.portfolio.small)


def view_of(run: "Run") -> View | None:
    """The view of a recorded run; None on a day without new advice.

    Runs of method 1 recorded no view but the weight wanted before band and step, which is the view within its limits.
    """
    advice, sigma = run.recommendation, run.risk.sigma_annual_percent
    if sigma is None or advice.reason_code.startswith("HOLD"):
        return None
    if advice.view_points is not None:
        return View(advice.view_points, run.data.confidence, sigma, run.risk.relative_beta)
    return None if advice.wanted_points is None else View(advice.wanted_points, 1.0, sigma, run.risk.relative_beta)
