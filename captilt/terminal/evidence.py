"""The evidence in plain words on a terminal."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from captilt.formats import DASH, day, in_prose, month, number, percent
from captilt.sentences import CHECK_GROUPS, no_process_power_sentence, power_sentence, process_power_sentence

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table

    from captilt.contract.evidence import Check, EvidenceAnswer, YearAhead

MINUS = "\N{MINUS SIGN}"
BAR = 25  # characters of an interval drawn in text
STYLES = {
    "edge supported": "bold green",
    "no reliable edge": "bold yellow",
    "not evaluated": "bold",
}


def evidence_sentences(answer: "EvidenceAnswer") -> tuple[str, ...]:
    """The verdict and how it was reached, for a reader who knows no statistics."""
    share = 100 * answer.multiplier
    if answer.dsr is None or answer.power is None or answer.first is None or answer.last is None:
        return (
            f"Not evaluated: the record has {answer.n} months, and a verdict needs 60.",
            f"{share:.0f} % of the wish is kept until then.",
        )
    return (
        f"{answer.verdict.capitalize()}. The verdict scales nothing; {share:.0f} % of the wish is kept.",
        _record_sentence(answer, answer.first, answer.last),
        _tries(answer, answer.dsr),
        process_power_sentence(answer.process_power)
        if answer.process_power
        else no_process_power_sentence(answer.no_process_power),
        power_sentence(answer.power),
        _multiplier(answer),
    )


def _record_sentence(answer: "EvidenceAnswer", first: dt.date, last: dt.date) -> str:
    low, high = answer.ir_interval or (math.nan, math.nan)
    own = answer.rows[0] if answer.rows else None  # the rule as set comes first
    earned = f"{number(own.active_return_bp, 0)} bp a year" if own else "its record"
    return (
        f"Record: the recommended tilt on {answer.small} less {answer.large}, decisions of {month(first)} to"
        f" {month(last)} ({answer.n} months), net of cost: {earned} over policy, information ratio"
        f" {number(answer.ir)} (95 %: {number(low)} to {number(high)})."
    )


def _tries(answer: "EvidenceAnswer", deflated: float) -> str:
    return (
        f"Tries: {answer.trials_on_returns} judged on returns amount to {answer.trials:g} independent ones;"
        f" {answer.trials_on_log_score} more were judged by log score, which cannot pick lucky returns. The best of"
        f" {answer.trials:g} worthless rules would show {number(answer.luckiest_ir)} by luck; the chance that this one"
        f" is more than luck is {100 * deflated:.0f} % (95 % is needed). t {number(answer.t, 1)}, and"
        f" {number(answer.haircut_t, 1)} after the haircut for the tries (3 is wanted)."
    )


def _multiplier(answer: "EvidenceAnswer") -> str:
    if answer.multiplier_not_evaluated or answer.data_weight is None:
        return "Multiplier: a declared half, for fewer than 60 forecasts have matured."
    return (
        f"Multiplier {number(answer.multiplier)}: a declared half, moved by the record, which weighs"
        f" {100 * answer.data_weight:.1f} %. Of each point forecast so far {number(answer.share_come_true)} came true"
        f" (standard error {number(answer.share_se)}, {answer.share_months} forecasts)."
    )


def evidence_screen(answer: "EvidenceAnswer", width: int) -> "Group":
    """The evidence on a terminal."""
    from rich.console import Group
    from rich.text import Text

    first, *rest = evidence_sentences(answer)
    lines: list[Any] = [Text(first, style=STYLES[answer.verdict]), *(Text(line) for line in rest), Text()]
    lines += [Text(f"  {in_prose(reason)}") for reason in answer.reasons]
    if answer.sentence:
        lines += [Text(), *_year_ahead(answer.sentence)]
    if answer.rows:
        lines += [Text(), _checks(answer.rows, width)]
    foot = f"known on {day(answer.as_of)}; method {answer.method}, specification {answer.specification[:12]}"
    return Group(*lines, Text(), Text(foot, style="dim"))


def _year_ahead(spans: "Sequence[YearAhead]") -> "tuple[RenderableType, ...]":
    """The twelve-month sentence: what was given, and what came true."""
    from rich.text import Text

    figures = _table("", "slope", "t", "R2", "right", "log score")
    for span in spans:
        right = f"{percent(span.hit_rate, 0)} of {span.separate_years}"
        cells = (number(span.slope), number(span.t, 1), number(span.r2_against_zero, 3), right)
        name = f"  {span.name}, {month(span.first)} to {month(span.last)}"
        figures.add_row(name, *cells, number(span.log_score_minus_coin, 3))
    fifths = _table("  Given → came true", *("" for _ in spans[0].reliability))
    for span in spans:
        pairs = (f"{100 * part.given:.0f} → {percent(part.came_true, 0)}" for part in span.reliability)
        fifths.add_row(f"  {span.name}", *pairs)
    return (
        Text("The twelve-month sentence against what happened", style="bold"),
        figures,
        fifths,
        Text(
            "  t by Hodrick's errors; right in separate years; R2 against zero; log score less a coin's (low is good).",
            style="dim",
        ),
    )


def _table(first: str, *others: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(first)
    for title in others:
        table.add_column(title, justify="right")
    return table


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
            table.add_row(f"[bold]{CHECK_GROUPS[group]}[/]")
        name = f"  {in_prose(row.name)}"
        if not row.ir_interval[0] < row.ir_interval[1]:  # a rule that never left policy has no ratio
            table.add_row(name, DASH, DASH, number(row.active_return_bp, 0), "")
            continue
        between = f"{number(row.ir_interval[0])} to {number(row.ir_interval[1])}"
        drawn = text_interval(row.ir, row.ir_interval, (low, high))
        table.add_row(name, number(row.ir), between, number(row.active_return_bp, 0), drawn)
    return table


def text_interval(estimate: float, interval: Sequence[float], span: tuple[float, float]) -> str:
    """An interval as text: the line of zero, the reach of the interval, the estimate in it."""
    low, high = min(span[0], 0.0), max(span[1], 0.0)

    def column(value: float) -> int:
        return round((BAR - 1) * (value - low) / ((high - low) or 1))

    drawn = [" "] * BAR
    for at in range(column(interval[0]), column(interval[1]) + 1):
        drawn[at] = "─"
    drawn[column(0.0)] = "│"
    drawn[column(estimate)] = "●"
    return "".join(drawn)
