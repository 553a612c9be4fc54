"""The hedge on one screen and as JSON."""

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from allocator.portfolio.hedge import TEN_POINTS
from captilt.sentences import signed

if TYPE_CHECKING:
    from rich.console import RenderableType

    from allocator.portfolio.book_returns import BookReturns
    from allocator.portfolio.hedge import Beta, Hedge
    from allocator.portfolio.holdings import BadRow

LISTED = 8  # positions named on the screen; the JSON has them all
FLAT = 0.0005  # of the book: a smaller hedge is no order


def as_json(found: "Hedge", book: "BookReturns", *, total: float | None, bad: "tuple[BadRow, ...]") -> dict[str, Any]:
    """Everything on the screen, and the rolling slope under ``rows``."""
    return {
        "whole": _beta(found.whole),
        "recent": _beta(found.recent),
        "crises": [_beta(each) for each in found.crises],
        "tilt_points": found.tilt_points,
        "added_beta": found.added_beta,
        "added_beta_by_ten_points": found.added_by_ten[0],
        "added_beta_by_ten_points_interval": list(found.added_by_ten[1:]),
        "hedge_share": found.hedge_share,
        "hedge_money": None if total is None else found.hedge_share * total,
        "book": {"total": total, "shares": dict(book.used), "left_out": list(book.left_out)},
        "bad_rows": [{"line": row.line, "text": row.text, "reason": row.reason} for row in bad],
        "rows": [
            {"month": str(month), "beta": beta}
            for month, beta in zip(found.rolling_month, found.rolling_beta.tolist(), strict=True)
        ],
    }


def _beta(each: "Beta") -> dict[str, Any]:
    return {
        "sample": each.sample,
        "beta": each.beta,
        "interval": list(each.interval),
        "correlation": each.correlation,
        "n": each.months,
    }


def face(
    found: "Hedge", book: "BookReturns", *, total: float | None, pair: tuple[str, str], bad: "tuple[BadRow, ...]"
) -> "RenderableType":
    """The order first, then how sure it is."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(f"{pair[0]} less {pair[1]} on the book")
    for title in ("beta", "95 % interval", "correlation", "months"):
        table.add_column(title, justify="right")
    for each in (found.whole, found.recent, *found.crises):
        low, high = each.interval
        table.add_row(
            each.sample,
            signed(each.beta, 2),
            f"{signed(low, 2)} to {signed(high, 2)}",
            signed(each.correlation, 2),
            str(each.months),
        )
    notes = [Text(line, style="dim") for line in _notes(found)]
    troubles = [Text(f"line {row.line} left out: {row.reason}", style="yellow") for row in bad]
    troubles += [Text(f"no price of {symbol} is held: it is left out", style="yellow") for symbol in book.left_out]
    return Group(
        Text(_order(found, total, pair[1]), style="bold"),
        Text(_book(book, total)),
        Text(),
        table,
        Text(),
        *troubles,
        *notes,
    )


def _order(found: "Hedge", total: float | None, large: str) -> str:
    added = f"A tilt of {signed(found.tilt_points)} points adds {signed(found.added_beta, 3)} beta to this book"
    share = found.hedge_share
    if abs(share) < FLAT:
        return f"{added}: nothing to hedge."
    verb = "sell" if share > 0 else "buy"
    money = "" if total is None else f", {abs(share) * total:,.0f} of money"
    return f"{added}: {verb} {100 * abs(share):.2f} % of it{money} in {large}, or in futures, to take that out."


def _book(book: "BookReturns", total: float | None) -> str:
    largest = sorted(book.used.items(), key=lambda pair: -pair[1])[:LISTED]
    told = ", ".join(f"{symbol} {100 * share:.0f} %" for symbol, share in largest)
    return f"Book{'' if total is None else f' of {total:,.0f}'}: {told}."


def _notes(found: "Hedge") -> tuple[str, ...]:
    mean, low, high = found.added_by_ten
    beta = found.rolling_beta
    rolling = (
        f"Over every 36 months the beta ran from {signed(beta.min(), 2)} to {signed(beta.max(), 2)}."
        if beta.size
        else ""
    )
    ten = (
        f"+10 points of small caps add {signed(mean, 3)} beta ({signed(low, 3)} to {signed(high, 3)}) at the slope of"
        f" the {found.recent.sample}, {signed(TEN_POINTS * found.whole.beta, 3)} at that of all months."
    )
    how = (
        "Monthly total returns at today's weights; HAC intervals, three lags."
        " A crisis is a fall of the book of more than 15 % from its peak."
    )
    return (ten, rolling, how)
