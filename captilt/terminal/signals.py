"""The signals on a screen: one table, or one signal with its past drawn in characters."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeGuard

from captilt.contract.signals import NOTABLE
from captilt.formats import day, in_prose, instant, month, number, p_value, signed
from signals.signal import CLIP

if TYPE_CHECKING:
    from rich.console import RenderableType

    from captilt.contract.signals import (
        ScoreOn,
        SignalAnswer,
        SignalEvidence,
        SignalInput,
        SignalRow,
        SignalsAnswer,
    )

BARS = "▁▂▃▄▅▆▇█"
GAP = "·"
ROWS = 9  # of the drawn history: -3 to 3 in steps of three quarters
PRESENT = 1e-9  # points below this are nothing
FAULTS_SHOWN = 6


def signals_screen(answer: "SignalsAnswer", width: int) -> "Iterable[RenderableType]":
    """Health first, then a row for each signal."""
    from rich.table import Table

    data = answer.data
    why = f" ({', '.join(data.reason_codes)})" if data.reason_codes else ""
    yield f"Signals as of {day(answer.as_of)}. Data {data.status}, confidence {data.confidence:.2f}{why}."
    wide = width >= WIDE
    heads = ("signal", "score", "", "raw", "", *(("known",) if wide else ()), "age", "health", "points")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for head in (*heads, *(("two years",) if wide else ())):
        table.add_column(head, no_wrap=True, justify="right" if head in NUMBERS else "left")
    family = ""
    for row in answer.rows:
        if row.family != family:
            family = row.family
            table.add_row(f"[bold]{family}[/]")
        table.add_row(*_cells(row, wide=wide))
    yield table
    yield (
        "Scores in standard deviations of a signal's own ten years; positive favours small caps. Points: its part of "
        "the tilt of that day. [dim]`captilt signals NAME` shows one with its evidence.[/]"
    )


WIDE = 120  # columns of a terminal from which the date and the sparkline fit
NUMBERS = ("score", "raw", "age", "points")  # set flush right


def _cells(row: "SignalRow", *, wide: bool) -> Sequence[str]:
    spark = (sparkline(row.history),) if wide else ()
    if row.score is None:
        fault = f"[yellow]{row.status.replace('_', ' ')}[/]"
        return (f"  {row.name}", *([""] * (6 if wide else 5)), fault, "", *spark)
    points = row.contribution_points
    return (
        f"  {row.name}",
        signed(row.score, 2),
        arrow(row.change),
        number(row.raw) if row.raw is not None else "",
        f"[dim]{short_unit(row.unit)}[/]",
        *((day(row.known_at) if row.known_at else "",) if wide else ()),
        f"{row.age_sessions} d",
        "ok",
        signed(points) if points is not None and abs(points) > PRESENT else "",
        *spark,
    )


def short_unit(unit: str) -> str:
    """A unit that fits a table cell."""
    return {
        "percentage points over 12 months": "pp, 12 m",
        "percentage points over the target": "pp",
        "percentage points over 3 months": "pp, 3 m",
        "percent for each percentage point": "% per pp",
        "net percent of banks tightening": "net %",
        "standard deviations, mean of legs": "sd",
        "standard deviations, positive is tight": "sd",
        "percent over the next 21 sessions": "% ahead",
        "percent lost by the last close of November": "% lost",
        "percent of market value over 4 quarters": "% of value",
        "log percent over 3 years": "%, 3 y",
        "share of variance, 0 to 1": "share",
        "correlation, -1 to 1": "",
        "percent over 5 years": "%, 5 y",
        "percent over 12 months": "%, 12 m",
        "percent over 6 months": "%, 6 m",
        "percent": "%",
    }.get(unit, unit)


def arrow(change: float | None) -> str:
    """How a score has moved over a month."""
    if change is None:
        return ""
    return "↑" if change > NOTABLE else "↓" if change < -NOTABLE else "→"


def sparkline(history: Sequence[float | None]) -> str:
    """Scores from -3 to 3 as eight heights; a dot for a gap."""
    steps = len(BARS) - 1
    return "".join(BARS[round((value + CLIP) / (2 * CLIP) * steps)] if _known(value) else GAP for value in history)


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and not math.isnan(value)


def signal_screen(answer: "SignalAnswer", width: int) -> "Iterable[RenderableType]":
    """One signal: what it asks, what it says, its argument, its past, its inputs, its evidence."""
    yield f"[bold]{answer.name}[/] ({answer.family}), as of {day(answer.as_of)}: {answer.asks}"
    yield _says(answer)
    if answer.note:
        yield f"  {answer.note}"
    yield f"Prior: {answer.prior}." + (" Report only: it never moves a weight." if answer.report_only else "")
    yield ""
    yield from paragraphs(answer.definition)
    yield from drawn(answer.history, width)
    for line in answer.detail:
        yield f"  {line}"
    yield from _inputs(answer.inputs)
    yield from _evidence(answer.evidence)


def paragraphs(text: str) -> Iterable[str]:
    """A docstring as paragraphs that the terminal wraps; what stands under an underlined heading keeps its lines."""
    for block in text.strip().split("\n\n"):
        lines = block.splitlines()
        listed = len(lines) > 1 and not lines[1].strip("-")
        yield "\n".join(lines) if listed else " ".join(line.strip() for line in lines)
        yield ""


def _says(answer: "SignalAnswer") -> str:
    if answer.score is None:
        return f"[yellow]No answer[/] ({answer.status}): {answer.note}."
    moved = "" if answer.change is None else f", {signed(answer.change, 2)} over a month"
    return (
        f"Score {signed(answer.score, 2)}{moved}; raw {number(answer.raw, 3)} {answer.unit}, of {day(answer.period)}, "
        f"known {instant(answer.known_at)}."
    )


def drawn(history: "Sequence[ScoreOn]", width: int) -> Iterable[str]:
    """The month-end scores as a picture of characters, oldest on the left."""
    columns = max(10, min(width - 8, 100))
    known = [month for month in history if _known(month.score)]
    if not known:
        return
    first = next(number for number, month in enumerate(history) if month is known[0])
    shown = history[first:]
    size = max(1, math.ceil(len(shown) / columns))
    chunks = [[e.score for e in shown[at : at + size] if _known(e.score)] for at in range(0, len(shown), size)]
    means = [sum(chunk) / len(chunk) if chunk else None for chunk in chunks]
    levels = [None if mean is None else round((mean + CLIP) / (2 * CLIP) * (ROWS - 1)) for mean in means]
    for level in range(ROWS - 1, -1, -1):
        mark = f"{signed(2 * CLIP * level / (ROWS - 1) - CLIP):>5} "
        yield mark + "".join("•" if level_of == level else "─" if level == ROWS // 2 else " " for level_of in levels)
    yield f"      {month(shown[0].date)} to {month(shown[-1].date)}, month-end scores, {size} a column"


def _inputs(inputs: "Sequence[SignalInput]") -> Iterable[str]:
    stored = [item for item in inputs if item.newest]
    yield ""
    for item in stored:
        revision = item.revision
        revised = f"; last revision {in_prose(f'{revision.size:+.4g}')} of {day(revision.period)}" if revision else ""
        wrong = "" if item.status == "ok" else f" [yellow]{in_prose(item.reason)}[/]"
        yield f"  {item.series}: to {day(item.newest)}, {_ago(item.age_sessions)}{revised}.{wrong}"
    absent = [item.series for item in inputs if not item.newest]
    if absent:
        more = f" and {len(absent) - FAULTS_SHOWN} more" if len(absent) > FAULTS_SHOWN else ""
        yield f"  [dim]not stored: {', '.join(absent[:FAULTS_SHOWN])}{more}[/]"


def _evidence(evidence: "SignalEvidence | None") -> Iterable[str]:
    if not evidence:
        return
    yield ""
    adjusted = (
        ""
        if evidence.p_adjusted is None
        else f"; {p_value(evidence.p_adjusted)} after every test that the catalogue makes"
    )
    yield f"Evidence: [bold]{evidence.standing}[/]{adjusted}."
    for sample in evidence.samples:
        low, high = (_signed(bound) for bound in sample.interval or (None, None))
        span = f"{day(sample.first)} to {day(sample.last)}"
        yield (
            f"  {sample.sample}, {span}, {sample.n} months: IC {_signed(sample.ic)}, "
            f"slope {_signed(sample.slope)} {sample.unit} (95 % {low} to {high}), HAC t {_signed(sample.t, 1)}"
        )
    yield f"  right sign in {evidence.five_year_blocks_right} of {evidence.five_year_blocks} stretches of five years"
    yield "  decay of the IC: " + ", ".join(f"month {lag.month_ahead} {_signed(lag.ic)}" for lag in evidence.decay)
    near = ", ".join(f"{other.signal} {_signed(other.correlation)}" for other in evidence.correlations[:4])
    yield f"  closest to: {near}"
    if walked := evidence.walk_forward:
        yield (
            f"  walk-forward over {walked.n} months: IR {_signed(walked.ir_alone)} alone, {_signed(walked.ir_with)} "
            f"with and {_signed(walked.ir_without)} without it among the declared signals"
        )


def _signed(value: float | None, decimals: int = 2) -> str:
    return signed(value, decimals) if _known(value) else "unknown"


def _ago(sessions: int | None) -> str:
    return "one session ago" if sessions == 1 else f"{sessions} sessions ago"
