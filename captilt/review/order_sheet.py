"""The orders of one book as a person takes them to the desk: CSV for a system, a workbook for the file.

Shares, lots and cost in money, the cash that is left, and what the trade does to tracking error, beta and expected
return beside doing nothing.
"""

import csv
import io

from allocator.portfolio.holdings import Holdings
from allocator.portfolio.rebalance import Rebalance, Stand
from captilt.review.workbook import Cell, write_workbook

COLUMNS = ("book", "day", "side", "symbol", "shares", "round_lots", "odd_shares", "price", "money", "cost", "unit")


def order_rows(result: Rebalance, *, book: str, day: str) -> list[tuple[Cell, ...]]:
    """One row an order, sales first; money rounded to cents. A book of weights has its amounts in percent of it."""
    return [
        (
            book,
            day,
            trade.side,
            trade.symbol,
            trade.shares,
            trade.round_lots,
            trade.odd_shares,
            None if trade.price is None else round(trade.price, 4),
            round(trade.money, 2),
            round(trade.cost, 2 if result.in_money else 6),
            unit_of(result),
        )
        for trade in result.trades
    ]


def unit_of(result: Rebalance) -> str:
    """What the amounts of a rebalance are in."""
    return "money" if result.in_money else "% of the book"


def orders_csv(result: Rebalance, *, book: str, day: str) -> bytes:
    """Orders as CSV with a header; the header alone where nothing is to be traded."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(order_rows(result, book=book, day=day))
    return text.getvalue().encode()


def orders_workbook(holdings: Holdings, result: Rebalance, *, book: str, day: str) -> bytes:
    """Orders, comparison with doing nothing, and how each row of the file was read, on three worksheets."""
    return write_workbook(
        [
            ("Orders", [COLUMNS, *order_rows(result, book=book, day=day)]),
            ("Trade or do nothing", comparison_rows(result)),
            ("Holdings as read", holding_rows(holdings)),
        ]
    )


def comparison_rows(result: Rebalance) -> list[tuple[Cell, ...]]:
    """What doing nothing and the trade mean, line by line."""
    before, after = result.before, result.after

    def line(name: str, unit: str, of: str, scale: float = 1.0) -> tuple[Cell, ...]:
        return name, unit, *(_scaled(stand, of, scale) for stand in (before, after))

    return [
        ("", "unit", "do nothing", "after the trade"),
        line("Small caps", "% of the book", "small_weight", 100),
        line("Large caps", "% of the book", "large_weight", 100),
        line("Against policy", "points", "active_points"),
        line("Tracking error", "% a year", "tracking_error_percent"),
        line("Beta added to policy", "", "active_beta"),
        line("Expected active return, as far as it is trusted", "bp a year", "expected_active_bp"),
        line("Charge for its risk", "bp a year", "risk_charge_bp"),
        line("Worth to this mandate", "bp a year", "worth_bp"),
        ("Cost of the trade", "bp", 0.0, result.cost_bp),
        ("Cost of the trade", unit_of(result), 0.0, result.cost),
        ("Cash", unit_of(result), result.cash_before, result.cash_after),
    ]


def _scaled(stand: Stand, name: str, scale: float) -> float | None:
    value: float | None = getattr(stand, name)
    return None if value is None else value * scale


def holding_rows(holdings: Holdings) -> list[tuple[Cell, ...]]:
    """Every row of the file and how it was read."""
    read = [
        (
            position.line,
            position.symbol,
            position.leg,
            position.quantity,
            position.price,
            round(position.value, 2),
            100 * position.value / holdings.total if holdings.total else None,
            "" if position.priced_on is None else f"close of {position.priced_on}",
            position.basis,
        )
        for position in holdings.positions
    ]
    bad = [(row.line, row.text, "not used", None, None, row.value, None, "", row.reason) for row in holdings.bad]
    heads = ("line", "symbol", "leg", "quantity", "price", "value", "% of the book", "priced at", "how it was read")
    return [heads, *read, *bad]
