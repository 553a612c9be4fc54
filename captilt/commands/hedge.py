"""`captilt hedge`: what a tilt does to the rest of the book, and what takes it out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from captilt.context import Common, Desk
from signals.errors import InputError, UsageError

if TYPE_CHECKING:
    from allocator.portfolio.holdings import Holdings
    from signals.asof import AsOf

LARGEST_TILT = 100.0  # points


def hedge(
    *,
    holdings: Annotated[
        Path | None, Parameter(help="CSV with symbol and quantity or value; the policy mix where left out.")
    ] = None,
    tilt: Annotated[float | None, Parameter(help="Active weight in points; today's advice where left out.")] = None,
    common: Common = Common(),
) -> None:
    """Correlation and beta of small minus large with a book, rolling and in its crises, and the hedge of a tilt."""
    from allocator.portfolio.book_returns import book_returns, policy_mix
    from allocator.portfolio.hedge import hedge as work_out
    from allocator.returns import demand_overlap
    from captilt.contract.hedge import hedge_answer
    from captilt.terminal import console
    from captilt.terminal.hedge import hedge_screen
    from signals.calendars import day_of

    if tilt is not None and not abs(tilt) <= LARGEST_TILT:
        raise UsageError(f"--tilt is {tilt:g}; it is in points of the portfolio.", remedy="Give -100 to 100.")
    desk = Desk.open(common)
    pair = desk.settings.portfolio
    view = desk.store.as_of(desk.moment(common))
    demand_overlap(view, pair)
    held = None if holdings is None else _read(holdings, view, pair.small, pair.large)
    values = policy_mix(pair) if held is None else _values(held)
    cash = 0.0 if held is None else sum(position.value or 0.0 for position in held.of("cash"))
    book = book_returns(view, values, pair, cash=cash)
    points = _advised(desk, view) if tilt is None else tilt
    found = work_out(book.month, book.difference, book.book, tilt_points=points)
    total, bad = (None, ()) if held is None else (held.total, held.bad)
    answer = hedge_answer(found, book, day=day_of(view.moment), total=total, bad=bad)
    if common.json:
        console.print_json(answer)
        return
    console.console().print(hedge_screen(answer, (pair.small, pair.large)))


def _read(file: Path, view: "AsOf", small: str, large: str) -> "Holdings":
    from allocator.portfolio.holdings import read_holdings

    try:
        raw = file.read_bytes()
    except OSError as fault:
        raise InputError(f"{file} cannot be read: {fault.strerror}.", remedy="Name a readable CSV file.") from None
    return read_holdings(raw, small=small, large=large, prices=_Closes(view))


class _Closes(dict[str, float]):
    """Last close known of any symbol asked for."""

    def __init__(self, view: "AsOf") -> None:
        super().__init__()
        self._view = view

    def get(self, symbol: str, default: object = None) -> object:  # type: ignore[override]
        """Price of `symbol`, `default` where none is known."""
        seen = self._view.latest(f"yahoo:{symbol}:close")
        return float(seen.value[-1]) if seen.value.size else default


def _values(held: "Holdings") -> dict[str, float]:
    return {each.symbol: each.value for each in held.positions if each.leg != "cash" and each.value}


def _advised(desk: Desk, view: "AsOf") -> float:
    """The active weight that today's advice asks for, points."""
    from allocator.decide import decide
    from captilt.operations.disk_cache import FolderCache
    from captilt.run.daily import held

    decision = decide(
        view,
        held(desk, view.moment),
        desk.settings.judgement,
        desk.settings.regime,
        cache=FolderCache(desk.home / "cache"),
    )
    return decision.recommendation.active_weight_points
