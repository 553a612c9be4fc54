"""The claims in plain words on a terminal."""

from typing import TYPE_CHECKING, Any

from captilt.formats import month
from captilt.sentences import claim_number

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

    from captilt.contract.evidence import ClaimsAnswer, Finding

STYLES = {
    "supported": "green",
    "not supported": "red",
    "depends on definition": "yellow",
    "cannot be tested": "dim",
}
MARKS = {True: ("yes", "green"), False: ("no ", "red"), None: ("   ", "")}


def claims_screen(answer: "ClaimsAnswer") -> "Group":
    """The claims on a terminal: each with its verdict, its numbers and its context."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[Any] = []
    for row in answer.rows:
        parts += [Text.assemble((f"{row.says}: ", "bold"), (row.verdict, STYLES[row.verdict]))]
        parts += [Padding(Text(f"Test: {row.test}.", style="dim"), (0, 0, 0, 2))]
        parts += [Padding(_line(finding), (0, 0, 0, 2)) for finding in row.findings]
        parts += [Padding(Text(f"{gap.reason}.", style="dim"), (0, 0, 0, 2)) for gap in row.gaps]
        parts += [Text()]
    return Group(*parts)


def _line(finding: "Finding") -> "Text":
    from rich.text import Text

    mark, style = MARKS[finding.supported]
    line = Text.assemble((mark, style), f" {finding.definition}: ", (claim_number(finding), "bold" if style else ""))
    return line.append(
        f"  [{finding.n} {finding.counted}, {month(finding.first)} to {month(finding.last)}]", style="dim"
    )
