"""The hedge on one screen."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from allocator.portfolio.hedge import TEN_POINTS
from captilt.formats import signed

if TYPE_CHECKING:
    import datetime as dt

    from rich.console import RenderableType

    from captilt.contract.hedge import HedgeAnswer

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
    for crisis in answer.short_crises:
        table.add_row(crisis.sample, "", Text("too short for its own slope", style="dim"), "", str(crisis.n))
    return Group(
        Text(_order(answer, pair[1]), style="bold"),
        Text(_book(answer)),
        Text(),
        table,
        Text(),
        *(Text(line, style="yellow") for line in _warnings(answer)),
        *(Text(line, style="dim") for line in _notes(answer)),
    )


def _warnings(answer: "HedgeAnswer") -> list[str]:
    """Prices that were taken from the store with their age, rows not used, symbols without a history."""
    priced = [
        f"{one.symbol} is valued at {one.price:,.2f} dollars a share, {_age(one.day, answer.as_of)}."
        for one in answer.priced
    ]
    missing = [f"No price history of {symbol} is in the store: it is left out." for symbol in answer.book.left_out]
    return [*answer.old_prices, *priced, *answer.open_questions, *missing]


def _age(priced_on: "dt.date", day: "dt.date") -> str:
    days = (day - priced_on).days
    age = "of the day" if days <= 0 else "one day old" if days == 1 else f"{days} days old"
    return f"the close of {priced_on}, {age}"


def _order(answer: "HedgeAnswer", large: str) -> str:
    added = f"A tilt of {signed(answer.tilt_points)} points adds {signed(answer.added_beta, 3)} beta to this book"
    share, money = answer.hedge_share, answer.hedge_money
    if abs(share) < FLAT:
        return f"{added}: nothing to hedge."
    verb = "sell" if share > 0 else "buy"
    dollars = "" if money is None else f", {abs(money):,.0f} dollars,"
    return f"{added}: {verb} {100 * abs(share):.2f} % of it{dollars} in {large}, or in futures, to take that out."


def _book(answer: "HedgeAnswer") -> str:
    largest = sorted(answer.book.shares.items(), key=lambda item: -item[1])[:LISTED]
    shares = ", ".join(f"{symbol} {100 * share:.0f} %" for symbol, share in largest)
    total = answer.book.total
    return f"Book{'' if total is None else f' of {total:,.0f} dollars'}: {shares}."


def _notes(answer: "HedgeAnswer") -> tuple[str, ...]:
    low, high = answer.added_beta_by_ten_points_interval
    betas = [row.beta for row in answer.rows]
    rolling = (
        f"Over every 36 months the beta ran from {signed(min(betas), 2)} to {signed(max(betas), 2)}." if betas else ""
    )
    ten = (
        f"+10 points of small caps add {signed(answer.added_beta_by_ten_points, 3)} beta"
        f" ({signed(low, 3)} to {signed(high, 3)}) at the slope of the {answer.recent.sample},"
        f" {signed(TEN_POINTS * answer.whole.beta, 3)} at that of all months."
    )
    how = (
        "Monthly total returns at today's weights; HAC intervals, three lags."
        " A crisis is a fall of the book of more than 15 % from its peak."
    )
    return (ten, rolling, how)
