"""The challengers on one screen."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from captilt.formats import day, p_number, signed

if TYPE_CHECKING:
    from captilt.contract.challengers import ChallengerRow, ChallengersAnswer

NONE = "-"


def challengers_screen(answer: "ChallengersAnswer") -> Group:
    """Every registered rule: what it would hold, what it earned since its day, and what the test says."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Rule", "since", "view", "paper", "months", "net %", "IR", "wealth", "p"):
        table.add_column(title, justify="left" if title in ("Rule", "since") else "right")
    for row in answer.rows:
        table.add_row(*_cells(row))
    return Group(
        Text("Rules registered beside the method, compared on later days only", style="bold"),
        Text("The program never changes its method by this; a person does.", style="dim"),
        Text(),
        table,
        Text(),
        *(Text(f"{row.name}: {row.why}.", style="dim") for row in answer.rows),
        Text(_meaning(answer)),
    )


def _cells(row: "ChallengerRow") -> tuple[str, ...]:
    verdict = " supported" if row.supported else " broken" if row.broken else ""
    return (
        row.name,
        day(row.registered),
        NONE if row.view_points is None else signed(row.view_points),
        NONE if row.active_weight_points is None else signed(row.active_weight_points),
        str(len(row.months)),
        signed(row.net_percent, 2) if row.months else NONE,
        NONE if row.ir is None else signed(row.ir, 2),
        f"{row.wealth:.2f}{verdict}",
        p_number(row.p),
    )


def _meaning(answer: "ChallengersAnswer") -> str:
    dates = sorted(row.could_speak_by for row in answer.rows if row.could_speak_by)
    by = f" Half of all rules with a true ratio of 0.4 get there by {dates[0]:%Y}." if dates else ""
    return (
        "Wealth starts at 1 and is a gambler's who bets on the rule each month; without an edge it reaches"
        f" {answer.supported_at:g} with a chance of at most 5 %, however often one looks.{by}"
    )
