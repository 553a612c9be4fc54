"""The claims as JSON, and in plain words on a terminal."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from allocator.claims import Examined, Finding
from captilt.terminal.evidence import number

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

Payload = Mapping[str, Any]
STYLES = {
    "supported": "green",
    "not supported": "red",
    "depends on definition": "yellow",
    "cannot be tested": "dim",
}
MARKS = {True: ("yes", "green"), False: ("no ", "red"), None: ("   ", "")}


def claims_payload(found: Sequence[Examined], as_of: dt.date) -> dict[str, Any]:
    """The claims as the JSON contract has them."""
    return {
        "as_of": as_of.isoformat(),
        "rows": [
            {
                "claim": each.claim.name,
                "says": each.claim.says,
                "test": each.claim.test,
                "verdict": each.outcome,
                "findings": [_finding(finding) for finding in each.findings],
                "gaps": [{"reason": gap.reason, "series": gap.series} for gap in each.gaps],
            }
            for each in found
        ],
    }


def _finding(found: Finding) -> dict[str, Any]:
    asked = found.question
    return {
        "definition": asked.definition,
        "decides": asked.decides,
        "claimed_sign": asked.sign,
        "claimed_number": asked.value,
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "n": found.n,
        "counted": asked.counted,
        "number": found.estimate,
        "unit": asked.unit,
        "interval": found.interval,
        "t": found.t,
        "p": found.p,
        "supported": found.supported if asked.decides else None,
        "sources": list(asked.sources),
    }


def claims_face(payload: Payload) -> "Group":
    """The claims on a terminal: each with its verdict, its numbers and its context."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[Any] = []
    for row in payload["rows"]:
        parts += [Text.assemble((f"{row['says']}: ", "bold"), (row["verdict"], STYLES[row["verdict"]]))]
        parts += [Padding(Text(f"Test: {row['test']}.", style="dim"), (0, 0, 0, 2))]
        parts += [Padding(_line(each), (0, 0, 0, 2)) for each in row["findings"]]
        parts += [Padding(Text(f"{gap['reason']}.", style="dim"), (0, 0, 0, 2)) for gap in row["gaps"]]
        parts += [Text()]
    return Group(*parts)


def _line(found: Payload) -> "Text":
    from rich.text import Text

    mark, style = MARKS[found["supported"]]
    said = Text.assemble((mark, style), f" {found['definition']}: ", (claim_number(found), "bold" if style else ""))
    return said.append(f"  [{found['n']} {found['counted']}, {found['from'][:7]} to {found['to'][:7]}]", style="dim")


def claim_number(found: Payload) -> str:
    """The number of a finding with its unit and its interval (or p)."""
    if found["interval"] is None:
        return f"{number(found['number'])} {found['unit']}, p {number(found['p'])}"
    low, high = found["interval"]
    return f"{number(found['number'])} {found['unit']} ({number(low)} to {number(high)})"
