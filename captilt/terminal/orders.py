"""A real book on the terminal: how it was read, what the view asks of it, and doing nothing beside it."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from captilt.formats import percent, signed
from captilt.sentences import book_action, position_sentence, vehicle_sentence, view_sentence
from captilt.terminal.run import three_lines

if TYPE_CHECKING:
    from allocator.portfolio.holdings import Holdings
    from allocator.portfolio.rebalance import Rebalance, Stand
    from captilt.contract.run import Portfolio
    from captilt.review.orders import BookOrders

LISTED = 30  # positions of one book on the screen; the workbook has them all
UNREAD_STYLE = "bold yellow"


def orders(book: "BookOrders", *, stance: str, pair: "Portfolio") -> Group:
    """One book: three lines, orders, comparison, and how the file was read."""
    result, advice = book.result, book.result.advice
    view = None if not advice.lines else advice.view_points
    size = f"{result.total:,.0f} in all" if result.in_money else "weights only"
    heading = Text.assemble((book.name, "bold"), f"  {size}")
    own = () if book.is_the_runs_own else (Text(_other_weight(book), style="dim"),)
    lines = three_lines(
        view_sentence(view, stance, advice.policy_weight, pair.name, lines=advice.lines),
        position_sentence(advice.held_weight, advice.policy_weight, view, pair.name),
        book_action(advice, stance, pair, result.traded_small),
    )
    remarks = [Text(remark, style="yellow") for remark in result.remarks]
    trades = [Text(), order_table(result)] if result.trades else []
    return Group(
        heading, *own, lines, *trades, *remarks, Text(), comparison(result), Text(), *_vehicle_lines(result), Text(),
        as_read(book.holdings),
    )  # fmt: skip


def _other_weight(book: "BookOrders") -> str:
    return (
        f"The advice of the day was worked out for {percent(book.run_weight)} held;"
        " this book has an order of its own from the same view."
    )


def order_table(result: "Rebalance") -> Table:
    """Orders in money, whole shares and lots, with their cost; in percent of a book of weights."""
    if not result.in_money:
        return _weight_orders(result)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("order", "money", "price", "shares", "lots", "cost"):
        table.add_column(column, justify="left" if column == "order" else "right")
    for trade in result.trades:
        lots = "-" if trade.shares is None else f"{trade.round_lots} + {trade.odd_shares}"
        shares = "-" if trade.shares is None else f"{trade.shares:,}"
        price = "-" if trade.price is None else f"{trade.price:,.2f}"
        table.add_row(f"{trade.side} {trade.symbol}", f"{trade.money:,.0f}", price, shares, lots, f"{trade.cost:,.0f}")
    return table


def _weight_orders(result: "Rebalance") -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("order")
    table.add_column("% of the book", justify="right")
    for trade in result.trades:
        table.add_row(f"{trade.side} {trade.symbol}", f"{trade.money:.2f}")
    return table


def comparison(result: "Rebalance") -> Table:
    """Doing nothing beside the trade."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("", "do nothing", "after the trade"):
        table.add_column(column, justify="left" if not column else "right")
    before, after = result.before, result.after
    table.add_row("small caps", percent(before.small_weight), percent(after.small_weight))
    table.add_row("against policy, points", signed(before.active_points), signed(after.active_points))
    table.add_row(
        "tracking error, % a year", f"{before.tracking_error_percent:.2f}", f"{after.tracking_error_percent:.2f}"
    )
    table.add_row("beta added to policy", *_numbers(before, after, "active_beta", 3))
    table.add_row("expected return, bp a year", *_numbers(before, after, "expected_active_bp", 1))
    table.add_row("less the charge for its risk", *_numbers(before, after, "worth_bp", 1))
    if result.in_money:
        table.add_row("cost of the trade", "0", f"{result.cost:,.0f} ({result.cost_bp:.1f} bp)")
        table.add_row("cash", f"{result.cash_before:,.0f}", f"{result.cash_after:,.0f}")
    else:
        table.add_row("cost of the trade, bp", "0.0", f"{result.cost_bp:.1f}")
        table.add_row("cash", percent(result.cash_before / 100), percent(result.cash_after / 100))
    if result.trades:
        table.add_row("gained in a year, after cost", "", f"{signed(result.gain_bp)} bp")
    return table


def _numbers(before: "Stand", after: "Stand", name: str, decimals: int) -> tuple[str, str]:
    values = (getattr(before, name), getattr(after, name))
    first, second = ("-" if value is None else signed(value, decimals) for value in values)
    return first, second


def _vehicle_lines(result: "Rebalance") -> list[Text]:
    """Through which funds the small caps are held, and where the trade is made."""
    return [Text(vehicle_sentence(result), style="dim")] if result.vehicles else []


def as_read(holdings: "Holdings") -> Group:
    """How each row was read, what was priced here, and what is still asked."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("line", "symbol", "leg", "value", "weight", "read as"):
        table.add_column(column, justify="right" if column in ("line", "value", "weight") else "left")
    total = holdings.total or 1.0
    for position in sorted(holdings.positions, key=lambda position: -abs(position.value))[:LISTED]:
        priced = "" if position.priced_on is None else f", at the close of {position.priced_on}"
        table.add_row(
            str(position.line),
            position.symbol,
            Text(position.leg, style=UNREAD_STYLE if position.leg == "unknown" else ""),
            f"{position.value:,.0f}" if holdings.in_money else "",
            percent(position.value / total),
            position.basis + priced,
        )
    hidden = len(holdings.positions) - LISTED
    more = [Text(f"and {hidden} more", style="dim")] if hidden > 0 else []
    return Group(table, *more, *(Text(question, style=UNREAD_STYLE) for question in holdings.open_questions))
