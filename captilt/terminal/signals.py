"""The signals on a screen: one table, or one signal with its past drawn in characters."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from captilt.contract.signals import NOTABLE
from signals.signal import CLIP

if TYPE_CHECKING:
    from rich.console import RenderableType

BARS = "▁▂▃▄▅▆▇█"
GAP = "·"
ROWS = 9  # of the drawn history: -3 to 3 in steps of three quarters
PRESENT = 1e-9  # points below this are nothing
FAULTS_SHOWN = 6


def table_face(payload: Mapping[str, Any], width: int) -> "Iterable[RenderableType]":
    """Health first, then a row for each signal."""
    from rich.table import Table

    data = payload["data"]
    why = f" ({', '.join(data['reason_codes'])})" if data["reason_codes"] else ""
    yield f"Signals as of {payload['as_of']}. Data {data['status']}, confidence {data['confidence']:.2f}{why}."
    wide = width >= WIDE
    heads = ("signal", "score", "", "raw", "", *(("known",) if wide else ()), "age", "health", "points")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for head in (*heads, *(("two years",) if wide else ())):
        table.add_column(head, no_wrap=True, justify="right" if head in NUMBERS else "left")
    family = ""
    for each in payload["rows"]:
        if each["family"] != family:
            family = each["family"]
            table.add_row(f"[bold]{family}[/]")
        table.add_row(*_cells(each, wide=wide))
    yield table
    for fact in payload["dated_facts"]:
        warned = f" [yellow]{fact['warning']}.[/]" if fact["warning"] else ""
        told = f"{fact['says']}: {fact['value']:g} {fact['unit']} ({fact['observed']}, {fact['source']})"
        yield f"[dim]{told}.[/]{warned}"
    yield "Scores in standard deviations of a signal's own ten years; positive favours small caps. Points: its part of"
    yield "the tilt of that day. [dim]`captilt signals NAME` shows one with its evidence.[/]"


WIDE = 120  # columns of a terminal from which the date and the sparkline fit
NUMBERS = ("score", "raw", "age", "points")  # set flush right


def _cells(each: Mapping[str, Any], *, wide: bool) -> Sequence[str]:
    spark = (sparkline(each["history"]),) if wide else ()
    if each["score"] is None:
        fault = f"[yellow]{each['status'].replace('_', ' ')}[/]"
        return (f"  {each['name']}", *([""] * (6 if wide else 5)), fault, "", *spark)
    points = each["contribution_points"]
    return (
        f"  {each['name']}",
        f"{each['score']:+.2f}",
        arrow(each["change"]),
        f"{each['raw']:.2f}",
        f"[dim]{short_unit(each['unit'])}[/]",
        *((f"{each['known_at']:%Y-%m-%d}",) if wide else ()),
        f"{each['age_sessions']} d",
        "ok",
        f"{points:+.1f}" if points is not None and abs(points) > PRESENT else "",
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


def sparkline(history: Sequence[float]) -> str:
    """Scores from -3 to 3 as eight heights; a dot for a gap."""
    steps = len(BARS) - 1
    return "".join(GAP if _absent(value) else BARS[round((value + CLIP) / (2 * CLIP) * steps)] for value in history)


def _absent(value: float | None) -> bool:
    return value is None or math.isnan(value)


def close_face(payload: Mapping[str, Any], width: int) -> "Iterable[RenderableType]":
    """One signal: what it asks, what it says, its argument, its past, its inputs, its evidence."""
    yield f"[bold]{payload['name']}[/] ({payload['family']}), as of {payload['as_of']}: {payload['asks']}"
    yield _says(payload)
    if payload["note"]:
        yield f"  {payload['note']}"
    yield f"Prior: {payload['prior']}." + (" Report only: it never moves a weight." if payload["report_only"] else "")
    yield ""
    yield payload["definition"]
    yield ""
    yield from drawn(payload["history"], width)
    for line in payload["detail"]:
        yield f"  {line}"
    yield from _inputs(payload["inputs"])
    yield from _evidence(payload.get("evidence"))


def _says(payload: Mapping[str, Any]) -> str:
    if payload["score"] is None:
        return f"[yellow]No answer[/] ({payload['status']}): {payload['note']}."
    moved = "" if payload["change"] is None else f", {payload['change']:+.2f} over a month"
    return (
        f"Score {payload['score']:+.2f}{moved}; raw {payload['raw']:.3f} {payload['unit']}, of {payload['period']}, "
        f"known {payload['known_at']:%Y-%m-%d %H:%M}."
    )


def drawn(history: Sequence[Mapping[str, Any]], width: int) -> Iterable[str]:
    """The month-end scores as a picture of characters, oldest on the left."""
    columns = max(10, min(width - 8, 100))
    known = [each for each in history if not _absent(each["score"])]
    if not known:
        return
    first = next(place for place, each in enumerate(history) if each is known[0])
    shown = history[first:]
    size = max(1, math.ceil(len(shown) / columns))
    chunks = [
        [e["score"] for e in shown[at : at + size] if not _absent(e["score"])] for at in range(0, len(shown), size)
    ]
    means = [sum(chunk) / len(chunk) if chunk else None for chunk in chunks]
    places = [None if mean is None else round((mean + CLIP) / (2 * CLIP) * (ROWS - 1)) for mean in means]
    for level in range(ROWS - 1, -1, -1):
        mark = f"{2 * CLIP * level / (ROWS - 1) - CLIP:+5.1f} "
        yield mark + "".join("•" if place == level else "─" if level == ROWS // 2 else " " for place in places)
    yield f"      {shown[0]['date']:%Y-%m} to {shown[-1]['date']:%Y-%m}, month-end scores, {size} a column"


def _inputs(inputs: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    held = [each for each in inputs if each["newest"]]
    yield ""
    for each in held:
        revision = each["revision"]
        revised = f"; last revision {revision['size']:+.4g} of {revision['period']}" if revision else ""
        wrong = "" if each["status"] == "ok" else f" [yellow]{each['reason']}[/]"
        yield f"  {each['series']}: to {each['newest']}, {_ago(each['age_sessions'])}{revised}.{wrong}"
    absent = [each["series"] for each in inputs if not each["newest"]]
    if absent:
        more = f" and {len(absent) - FAULTS_SHOWN} more" if len(absent) > FAULTS_SHOWN else ""
        yield f"  [dim]not held: {', '.join(absent[:FAULTS_SHOWN])}{more}[/]"


def _evidence(found: Mapping[str, Any] | None) -> Iterable[str]:
    if not found:
        return
    yield ""
    yield f"Evidence: [bold]{found['standing']}[/]."
    for each in found["samples"]:
        low, high = each["interval"]
        yield (
            f"  {each['sample']}, {each['from']} to {each['to']}, {each['n']} months: IC {each['ic']:+.2f}, slope "
            f"{each['slope']:+.2f} {each['unit']} (95 % {low:+.2f} to {high:+.2f}), HAC t {each['t']:+.1f}"
        )
    yield f"  right sign in {found['five_year_blocks_right']} of {found['five_year_blocks']} stretches of five years"
    yield "  decay of the IC: " + ", ".join(
        f"month {each['month_ahead']} {_signed(each['ic'])}" for each in found["decay"]
    )
    near = ", ".join(f"{each['signal']} {each['correlation']:+.2f}" for each in found["correlations"][:4])
    yield f"  closest to: {near}"
    if walked := found["walk_forward"]:
        yield (
            f"  walk-forward over {walked['n']} months: IR {walked['ir_alone']:+.2f} alone, {walked['ir_with']:+.2f} "
            f"with and {walked['ir_without']:+.2f} without it among the declared signals"
        )


def _signed(value: float | None) -> str:
    return "unknown" if _absent(value) else f"{value:+.2f}"


def _ago(sessions: int) -> str:
    return "one session ago" if sessions == 1 else f"{sessions} sessions ago"
