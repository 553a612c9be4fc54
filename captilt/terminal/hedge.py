"""The hedge on one screen."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from allocator.portfolio.hedge import TEN_POINTS
from captilt.sentences import signed

if TYPE_CHECKING:
    from rich.console import RenderableType

    from captilt.contract.hedge import Book, HedgeAnswer

LISTED = 8  # positions named on the screen; the JSON has them all
FLAT = 0.0005  # of the book: a smaller hedge is no order


def hedge_screen(answer: "HedgeAnswer", pair: tuple[str, str]) -> "RenderableType":
    """The order first, then how sure it is."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(f"{pair[0]} less {pair[1]} on the book")
    for title in ("beta", "95 % interval", "correlation", "months"):
        table.add_column(title, justify="right")
    for slope in (answer.whole, answer.recent, *answer.crises):
        low, high = slope.interval
        table.add_row(
            slope.sample,
            signed(slope.beta, 2),
            f"{signed(low, 2)} to {signed(high, 2)}",
            signed(slope.correlation, 2),
            str(slope.n),
        )
    notes = [Text(line, style="dim") for line in _notes(answer)]
    troubles = [Text(f"line {row.line} left out: {row.reason}", style="yellow") for row in answer.bad_rows]
    troubles += [
        Text(f"no price of {symbol} is held: it is left out", style="yellow") for symbol in answer.book.left_out
    ]
    return Group(
        Text(_order(answer, pair[1]), style="bold"),
        Text(_book(answer.book)),
        Text(),
        table,
        Text(),
        *troubles,
        *notes,
    )


def _order(answer: "HedgeAnswer", large: str) -> str:
    added = f"A tilt of {signed(answer.tilt_points)} points adds {signed(answer.added_beta, 3)} beta to this book"
    share = answer.hedge_share
    if abs(share) < FLAT:
        return f"{added}: nothing to hedge."
    verb = "sell" if share > 0 else "buy"
    money = "" if answer.hedge_money is None else f", {abs(answer.hedge_money):,.0f} of money"
    return f"{added}: {verb} {100 * abs(share):.2f} % of it{money} in {large}, or in futures, to take that out."


def _book(book: "Book") -> str:
    largest = sorted(book.shares.items(), key=lambda pair: -pair[1])[:LISTED]
    shares = ", ".join(f"{symbol} {100 * share:.0f} %" for symbol, share in largest)
    return f"Book{'' if book.total is None else f' of {book.total:,.0f}'}: {shares}."


def _notes(answer: "HedgeAnswer") -> tuple[str, ...]:
    mean, (low, high) = answer.added_beta_by_ten_points, answer.added_beta_by_ten_points_interval
    betas = [row.beta for row in answer.rows]
    rolling = (
        f"Over every 36 months the beta ran from {signed(min(betas), 2)} to {signed(max(betas), 2)}." if betas else ""
    )
    ten = (
        f"+10 points of small caps add {signed(mean, 3)} beta ({signed(low, 3)} to {signed(high, 3)}) at the slope of"
        f" the {answer.recent.sample}, {signed(TEN_POINTS * answer.whole.beta, 3)} at that of all months."
    )
    how = (
        "Monthly total returns at today's weights; HAC intervals, three lags."
        " A crisis is a fall of the book of more than 15 % from its peak."
    )
    return (ten, rolling, how)
