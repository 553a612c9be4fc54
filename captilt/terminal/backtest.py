"""The back-test on one screen and as JSON."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from allocator.backtest.backtest import Backtest
from allocator.backtest.performance import Performance
from captilt.sentences import signed

if TYPE_CHECKING:
    from rich.console import RenderableType

WIDTH = 100  # columns; an answer wider than this is not read at a glance
NONE = "-"


def as_json(result: Backtest) -> dict[str, Any]:
    """The contract (docs/CONTRACT.md), with the rest beside it."""
    proof = result.proof
    return {
        "from": result.first,
        "to": result.last,
        "n": result.net.months,
        "sample": result.sample.name,
        "schedule": result.sample.schedule,
        "small": result.sample.small,
        "large": result.sample.large,
        "net": figures(result.net),
        "gross": figures(result.gross),
        "beta_neutral": figures(result.beta_neutral),
        "recommended": figures(result.recommended),
        "one_month_late": figures(result.late),
        "mean_abs_tilt_points": result.mean_abs_tilt_points,
        "mean_tilt_points": result.mean_tilt_points,
        "costs": [_row(row.name, row.performance) for row in result.costs],
        "benchmarks": [_row(row.name, row.performance) for row in result.benchmarks],
        "variants": [_row(row.name, row.performance) for row in result.variants],
        "legs_out": [_row(row.name, row.performance) for row in result.legs_out],
        "reference": [asdict(row) for row in result.comparisons],
        "evidence": {
            "psr": proof.psr,
            "dsr": proof.dsr,
            "trials": proof.trials,
            "pbo": proof.pbo,
            "spa_p": proof.spa_p,
            "ir_interval": None if proof.ir_interval is None else list(proof.ir_interval),
            "reasons": list(proof.verdict.reasons),
        },
        "verdict": proof.verdict.answer,
        "one_day_optimistic": result.one_day_optimistic,
        "rows": _months(result),
    }


def figures(found: Performance) -> dict[str, Any]:
    """One performance as JSON."""
    row = asdict(found)
    del row["months"]
    return row


def _row(name: str, found: Performance) -> dict[str, Any]:
    return {"name": name, **figures(found)}


def _months(result: Backtest) -> list[dict[str, Any]]:
    """Every decision of the sample with what it earned."""
    own, paid = result.walk, result.multiplied
    return [
        {
            "decided": own.decided[place].item(),
            "traded": own.closes[place].item(),
            "active_weight_points": own.points[place],
            "recommended_points": paid.points[place],
            "confidence": paid.confidence[place],
            "multiplier": paid.multiplier[place],
            "small_minus_large_percent": own.difference[place],
        }
        for place in range(own.decided.size)
    ]


def face(result: Backtest, *, cost_bp: float) -> "RenderableType":
    """The screen: the answer first, then the figures, the other rules, the robustness and the proof."""
    head = Text.assemble(
        (f"{_pair(result)}, {result.first:%Y-%m} to {result.last:%Y-%m}", "bold"),
        f", {result.net.months} months, decided at the {_every(result)} close, traded at the next",
    )
    remarks = [
        Text(_sentence(result), style="bold"),
        Text(
            "Rules before any multiplier unless it says otherwise; active against the policy mix, net of"
            f" {cost_bp:g} bp a round trip; per year.",
            style="dim",
        ),
    ]
    if result.one_day_optimistic:
        remarks.append(Text("Only monthly files are held: every trade is one day optimistic.", style="yellow"))
    parts: list[RenderableType] = [head, *remarks, Text(), _figures(result), Text(), _robust(result)]
    if result.comparisons:
        parts += [Text(), _compared(result)]
    return Group(*parts, Text(), *_proof(result))


def _every(result: Backtest) -> str:
    return {"month": "month's last", "quarter": "quarter's last", "week": "week's last", "day": "day's"}[
        result.sample.schedule
    ]


def _pair(result: Backtest) -> str:
    if result.sample.small.endswith("SMB"):
        return "SMB, small minus big of Ken French"
    return f"{result.sample.small} less {result.sample.large}"


def _sentence(result: Backtest) -> str:
    """The answer in one line, its doubt included."""
    net, proof = result.net, result.proof
    interval = "" if proof.ir_interval is None else f" ({_ir(proof.ir_interval[0])} to {_ir(proof.ir_interval[1])})"
    return (
        f"Verdict: {proof.verdict.answer}. Net IR {_ir(net.ir)}{interval},"
        f" {signed(net.active_return_bp, 0)} bp a year at {net.tracking_error_percent:.2f} % tracking error;"
        f" after the evidence multiplier {signed(result.recommended.active_return_bp, 0)} bp."
    )


def _ir(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def _figures(result: Backtest) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    for title in ("IR", "bp/y", "TE %", "drawdown %", "turnover %", "hit %"):
        table.add_column(title, justify="right")
    rows = (
        ("the rules, net", result.net, "bold"),
        ("  gross", result.gross, ""),
        ("  hedged for beta, net", result.beta_neutral, ""),
        ("  with confidence and evidence, net", result.recommended, ""),
        *((row.name, row.performance, "") for row in result.benchmarks),
    )
    for name, found, style in rows:
        table.add_row(
            Text(name, style=style),
            _ir(found.ir),
            signed(found.active_return_bp, 0) if found.ir is not None else "0",
            f"{found.tracking_error_percent:.2f}",
            f"{found.max_active_drawdown_percent:.1f}".replace("-", "\N{MINUS SIGN}"),
            f"{100 * found.turnover:.1f}",
            NONE if found.hit_rate is None else f"{100 * found.hit_rate:.0f}",
        )
    return table


def _robust(result: Backtest) -> Table:
    """What moves the IR: cost, delay, the regime, and each leg of the cycle."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    costs = ", ".join(f"{row.name} {_ir(row.performance.ir)}" for row in result.costs)
    table.add_row("IR at", f"{costs}; one month late {_ir(result.late.ir)}")
    table.add_row("IR of", ", ".join(f"{row.name} {_ir(row.performance.ir)}" for row in result.variants))
    legs = sorted(
        (row for row in result.legs_out if row.performance.ir is not None), key=lambda row: row.performance.ir or 0
    )
    if legs:
        worst, best = legs[0], legs[-1]
        table.add_row(
            "IR without",
            f"one leg of the cycle: from {_ir(worst.performance.ir)} (the one from {worst.name.split()[0]})"
            f" to {_ir(best.performance.ir)} (from {best.name.split()[0]}), {len(legs)} legs",
        )
    table.add_row(
        "Size", f"mean tilt {signed(result.mean_tilt_points)} points, mean size {result.mean_abs_tilt_points:.1f}"
    )
    return table


def _compared(result: Backtest) -> Table:
    """Beside the figures of METHOD, without the regime part."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Without the regime, beside the reference", "here", "reference", "difference"):
        table.add_column(title, justify="left" if title.startswith("W") else "right")
    for row in result.comparisons:
        error = "" if row.standard_error is None else f" (se {row.standard_error:.2g})"
        table.add_row(
            row.figure, f"{row.ours:.2f}", f"{row.reference:g}", f"{signed(row.ours - row.reference, 2)}{error}"
        )
    return table


def _proof(result: Backtest) -> list[Text]:
    proof = result.proof
    lines = [f"PSR {proof.psr:.2f}, DSR {proof.dsr:.2f} after {proof.trials} specifications tried."]
    lines += [f"- {reason}" for reason in proof.verdict.reasons]
    return [Text(line, style="" if place else "bold") for place, line in enumerate(lines)]
