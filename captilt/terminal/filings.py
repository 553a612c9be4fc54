"""How companies are financed, on a terminal."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from captilt.contract.financing import published_sentence

if TYPE_CHECKING:
    from rich.console import RenderableType

    from captilt.contract.financing import FinancingAnswer, FinancingNumber

NOTHING = "-"
WITH_COUNTS = 110  # columns from which companies and coverage fit
MEANING = (
    "In brackets the standard error. Small and large by the public float of annual reports, as then known; financials "
    "are left out of debt and interest. Companies and coverage (share of the group that answers) of the small ones."
)


def financing_screen(answer: "FinancingAnswer", width: int) -> "RenderableType":
    """One line for each measure: small, large, gap."""
    if not answer.rows:
        return Text(answer.reason)
    wide = width >= WITH_COUNTS
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(f"Filings known on {answer.filings_of}")
    for title in ("small", "large", "gap", *(("companies", "coverage") if wide else ())):
        table.add_column(title, justify="right", no_wrap=True)
    for row in answer.rows:
        counts = _counts(row.small) if wide else ()
        table.add_row(f"{row.title} [dim]{row.unit}[/]", _cell(row.small), _cell(row.large), _cell(row.gap), *counts)
    published = published_sentence(answer)
    below = (Text(answer.sentence), *((Text(published),) if published else ()), Text(MEANING, style="dim"))
    return Group(table, Text(), *below)


def _cell(number: "FinancingNumber | None") -> str:
    return NOTHING if number is None else f"{number.value:.2f} [dim]({number.standard_error:.2f})[/]"


def _counts(number: "FinancingNumber | None") -> tuple[str, str]:
    if number is None or number.companies is None or number.coverage is None:
        return NOTHING, NOTHING
    return f"{number.companies:,}", f"{100 * number.coverage:.0f} %"
