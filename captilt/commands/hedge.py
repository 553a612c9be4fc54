"""`captilt hedge`: what a tilt does to the rest of the book, and what takes it out."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from captilt.context import Common, Desk
from captilt.run.packaged_sample import reading_desk
from signals.errors import UsageError

if TYPE_CHECKING:
    from signals.asof import AsOf

LARGEST_TILT = 100.0  # points


def hedge(
    *,
    holdings: Annotated[
        str | None, Parameter(help="A holdings file, or a book of the settings; the policy mix where left out.")
    ] = None,
    tilt: Annotated[float | None, Parameter(help="Active weight in points; today's advice where left out.")] = None,
    common: Common = Common(),
) -> None:
    """Correlation and beta of small minus large with a book, rolling and in its crises, and the hedge of a tilt."""
    from allocator.portfolio.book_returns import book_returns, policy_mix
    from allocator.portfolio.hedge import hedge as work_out
    from allocator.returns import demand_overlap, old_prices
    from captilt.contract.hedge import hedge_answer
    from captilt.review.book_file import open_book, read_book
    from captilt.terminal import console
    from captilt.terminal.hedge import hedge_screen
    from signals.calendars import day_of

    if tilt is not None and not abs(tilt) <= LARGEST_TILT:
        raise UsageError(f"--tilt is {tilt:g}; it is in points of the portfolio.", remedy="Give -100 to 100.")
    desk = reading_desk(common)
    pair = desk.settings.portfolio
    view = desk.store.as_of(desk.moment(common))
    demand_overlap(view, pair)
    named = holdings or ("" if common.as_of else pair.holdings)
    real = read_book(lambda: view, open_book(desk.settings, named), desk.settings) if named else None
    if real is not None:
        real.demand_understood()
    values = policy_mix(pair) if real is None else {p.symbol: p.value for p in real.positions if p.leg != "cash"}
    cash = 0.0 if real is None else sum(position.value for position in real.of("cash"))
    book = book_returns(view, {symbol: value for symbol, value in values.items() if value}, pair, cash=cash)
    points = _advised_points(desk, view, named) if tilt is None else tilt
    result = work_out(book.month, book.difference, book.book, tilt_points=points)
    old = old_prices(view, (pair.small, pair.large, *book.used))
    answer = hedge_answer(result, book, day=day_of(view.moment), holdings=real, old_prices=old)
    if common.json:
        console.print_json(answer)
        return
    console.console().print(hedge_screen(answer, (pair.small, pair.large)))


def _advised_points(desk: Desk, view: "AsOf", named: str) -> float:
    """The active weight that the day's advice asks of the book, points."""
    from allocator.decide import decide
    from captilt.operations.disk_cache import FolderCache
    from captilt.run.position import held_position

    position = held_position(desk, view.moment, holdings=named or None, is_study=True)
    decision = decide(
        view,
        position.weight,
        desk.settings.judgement,
        desk.settings.regime,
        step_from=position.step_from,
        cache=FolderCache(desk.home / "cache"),
    )
    return decision.recommendation.active_weight_points
