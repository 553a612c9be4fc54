"""The evidence in plain words on a terminal."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from captilt.contract.evidence import Check, EvidenceAnswer

MINUS = "\N{MINUS SIGN}"
BAR = 25  # characters of an interval drawn in text
LONG_YEARS = 1_000  # no more exact number of years than this means anything
GROUPS = {
    "part": "With and without",
    "sample": "Before and after 2000",
    "pair": "On other pairs",
    "cost": "Dearer trading",
    "timing": "Later trading",
    "beta": "Market hedged away",
    "leg": "Without one leg of the cycle",
}
STYLES = {
    "edge supported": "bold green",
    "no reliable edge": "bold yellow",
    "not evaluated": "bold",
}


def evidence_sentences(answer: "EvidenceAnswer") -> tuple[str, ...]:
    """The verdict and how it was reached, for a reader who knows no statistics."""
    if answer.dsr is None or answer.dsr_on_returns is None or answer.first is None or answer.last is None:
        return (
            f"Not evaluated: the record has {answer.n} months, and a verdict needs 60.",
            f"{100 * answer.multiplier:.0f} % of the tilt is kept until then.",
        )
    low, high = answer.ir_interval or (math.nan, math.nan)
    own = answer.rows[0] if answer.rows else None  # the rule as set comes first
    earned = f"{number(own.active_return_bp, 0)} bp a year" if own else "its record"
    verdict = f"{answer.verdict.capitalize()}. {100 * answer.multiplier:.0f} % of the tilt is kept."
    record = (
        f"Walked forward from {answer.first:%Y-%m} to {answer.last:%Y-%m} ({answer.n} months), before any "
        f"multiplier and net of cost, the rule earned {earned} over policy: information ratio "
        f"{number(answer.ir)} (95 %: {number(low)} to {number(high)})."
    )
    alone = (
        f"Counting only the {answer.trials_on_returns} tries that were judged on returns it would be "
        f"{100 * answer.dsr_on_returns:.0f} %."
    )
    luck = (
        f"It was settled after {answer.trials} specifications tried. The best of that many worthless ones would "
        f"show {number(answer.luckiest_ir)} by luck; the chance that this one is more than luck is "
        f"{100 * answer.dsr:.0f} % (needed: 95 %). {alone}"
    )
    patience = (
        f"A record like this is told from zero in {years(answer.years_to_psr)}, and from the luckiest try in "
        f"{years(answer.years_to_dsr)}."
    )
    planned = [f"A true IR of {row.ir} takes {years(row.years)}." for row in answer.years_for_power]
    return verdict, record, luck, " ".join((patience, *planned))


def evidence_screen(answer: "EvidenceAnswer", width: int) -> "Group":
    """The evidence on a terminal."""
    from rich.console import Group
    from rich.text import Text

    first, *rest = evidence_sentences(answer)
    lines: list[Any] = [Text(first, style=STYLES[answer.verdict]), *(Text(line) for line in rest), Text()]
    lines += [Text(f"  {reason}") for reason in answer.reasons]
    if answer.rows:
        lines += [Text(), _checks(answer.rows, width)]
    foot = f"known at {answer.as_of}; method {answer.method}, specification {answer.specification[:12]}"
    return Group(*lines, Text(), Text(foot, style="dim"))


def _checks(rows: "Sequence[Check]", width: int) -> "Table":
    from rich.table import Table

    low, high = min(row.ir_interval[0] for row in rows), max(row.ir_interval[1] for row in rows)
    table = Table(box=None, pad_edge=False, width=width, padding=(0, 2, 0, 0))
    table.add_column("")
    for head in ("IR", "95 %", "bp/y"):
        table.add_column(head, justify="right", header_style="bold", no_wrap=True)
    table.add_column("", no_wrap=True)
    group = None
    for row in rows:
        if row.group != group:
            group = row.group
            table.add_row(f"[bold]{GROUPS[group]}[/]")
        between = f"{number(row.ir_interval[0])} to {number(row.ir_interval[1])}"
        drawn = text_interval(row.ir, row.ir_interval, (low, high))
        table.add_row(f"  {row.name}", number(row.ir), between, number(row.active_return_bp, 0), drawn)
    return table


def number(value: float | None, decimals: int = 2) -> str:
    """A number with a true minus sign; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "-"
    text = f"{value:.{decimals}f}"
    return text.replace("-", MINUS) if float(text) else f"{0:.{decimals}f}"


def years(value: float | None) -> str:
    """A length of record in words."""
    return f"over {LONG_YEARS:,} years" if value is None or value >= LONG_YEARS else f"{value:.0f} years"


def text_interval(estimate: float, interval: Sequence[float], span: tuple[float, float]) -> str:
    """An interval as text: the line of zero, the reach of the interval, the estimate in it."""
    low, high = min(span[0], 0.0), max(span[1], 0.0)

    def place(value: float) -> int:
        return round((BAR - 1) * (value - low) / ((high - low) or 1))

    drawn = [" "] * BAR
    for at in range(place(interval[0]), place(interval[1]) + 1):
        drawn[at] = "─"
    drawn[place(0.0)] = "│"
    drawn[place(estimate)] = "●"
    return "".join(drawn)
