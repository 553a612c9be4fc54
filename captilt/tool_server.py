"""Six read-only tools for assistants, over the Model Context Protocol (extra ``captilt[mcp]``).

Each answers with a record of the JSON contract (docs/CONTRACT.md), of the last cut or of a past day. Nothing here can
record a run, decide, send or change a setting: the tools reach the desk through the library alone.
"""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

from mcp.server.fastmcp import FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.types import ToolAnnotations

from captilt.library import evidence as evidence_of
from signals.errors import CaptiltError, UsageError

if TYPE_CHECKING:
    from captilt.library import Desk

Arguments = ParamSpec("Arguments")
READ_ONLY = ToolAnnotations(readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False)
INSTRUCTIONS = (
    "captilt says how much more or less than the policy weight to hold in US small caps, and why. Every number is as "
    "it was known at 18:00 New York of the day asked for. Quote the verdict on the evidence beside any advice. These "
    "tools only read: a person decides, on the review page. Leave `as_of` out for the last cut; days are YYYY-MM-DD."
)


def build(desk: "Desk") -> FastMCP:
    """The server of one desk, ready to `run`."""
    server = FastMCP("captilt", instructions=INSTRUCTIONS, log_level="WARNING")
    tools = Tools(desk)
    for tool in (tools.recommendation, tools.signals, tools.regime, tools.fed_path, tools.scenario, tools.evidence):
        server.tool(annotations=READ_ONLY)(_with_remedy(tool))
    return server


class Tools:
    """The six questions; each docstring is what the assistant reads."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def recommendation(self, as_of: dt.date | None = None, held: float | None = None) -> dict[str, Any]:
        """How much to hold in small caps on a day, and why: view, position, action, reasons, evidence.

        `held` is the weight that is held now, 0 to 1; that of the records where left out.
        """
        return self._desk.as_of(as_of).decide(held=held).to_json()

    def signals(self, as_of: dt.date | None = None, name: str = "") -> dict[str, Any]:
        """Every signal's score, raw value, age and health; or the one called `name`."""
        answer = self._desk.as_of(as_of).signals().to_json()
        if name:
            answer["rows"] = [row for row in answer["rows"] if row["name"] == name]
            if not answer["rows"]:
                raise UsageError(f"there is no signal {name!r}.", remedy="Leave `name` out for all of them.")
        return answer

    def regime(self, as_of: dt.date | None = None) -> dict[str, Any]:
        """The phase of the rate cycle in force and the probabilities of the four phases."""
        return self._desk.as_of(as_of).regime().to_json()

    def fed_path(self, as_of: dt.date | None = None) -> dict[str, Any]:
        """Meeting-by-meeting probabilities of the Fed funds target, from futures."""
        return self._desk.as_of(as_of).fed_path().to_json()

    def scenario(self, as_of: dt.date | None = None, names: list[str] | None = None) -> dict[str, Any]:
        """What would be advised if rates or spreads moved: every scenario, or those in `names`."""
        return self._desk.as_of(as_of).scenario(*(names or ())).to_json()

    def evidence(self, as_of: dt.date | None = None) -> dict[str, Any]:
        """The verdict on the record, with its power and every number that led to it."""
        return evidence_of(self._desk.as_of(as_of)).to_json()


def _with_remedy(tool: Callable[Arguments, dict[str, Any]]) -> Callable[Arguments, dict[str, Any]]:
    """The same tool, whose failures say what to do."""

    @wraps(tool)
    def answer(*arguments: Arguments.args, **named: Arguments.kwargs) -> dict[str, Any]:
        try:
            return tool(*arguments, **named)
        except CaptiltError as fault:
            raise ToolError(f"{fault.message} {fault.remedy}") from None

    return answer
