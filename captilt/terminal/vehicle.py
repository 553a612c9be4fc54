"""Funds against both benchmarks, side by side."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from allocator.portfolio.funds import BENCHMARKS
from captilt.sentences import signed

if TYPE_CHECKING:
    from rich.console import RenderableType

    from captilt.contract.vehicle import Fund, FundsAnswer

NOTHING = "-"


def funds_screen(answer: "FundsAnswer") -> "RenderableType":
    """One line for each fund, both benchmarks beside each other."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Fund")
    table.add_column("years", justify="right")
    for name, _ in BENCHMARKS:
        for title in (f"net alpha\nto {name}", "needed", "choice"):
            table.add_column(title, justify="right")
    for symbol in dict.fromkeys(row.symbol for row in answer.rows):
        own = {row.benchmark: row for row in answer.rows if row.symbol == symbol}
        longest = max(row.years for row in own.values())
        cells = [cell for name, _ in BENCHMARKS for cell in _cells(own.get(name), answer.extra_fee_percent)]
        table.add_row(symbol, f"{longest:.1f}", *cells)
    needed = (
        "Percent per year. Net alpha: after the fund's own fee. Needed: the net alpha that would make it active at an"
        f" extra fee of {answer.extra_fee_percent:g} %, after luck is taken out (belief before looking: 0 % with sd"
        " 1 %; chance of beating the fee at least 60 %)."
    )
    caveat = (
        "Only funds that still exist are here; the dead ones were worse."
        " The benchmark is the biggest lever: compare the two columns."
    )
    notes = (needed, caveat)
    return Group(
        Text(f"Small-cap funds, as of {answer.as_of}", style="bold"),
        table,
        Text(),
        *(Text(note, style="dim") for note in notes),
    )


def _cells(row: "Fund | None", extra_fee: float) -> tuple[Text | str, ...]:
    if row is None:
        return NOTHING, NOTHING, NOTHING
    choice = Text(row.choice, style="green" if row.choice == "active" else "")
    return signed(row.alpha_net, 1), signed(row.break_even_percent - extra_fee, 1), choice
