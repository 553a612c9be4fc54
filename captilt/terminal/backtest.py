"""The back-test on one screen."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from captilt.sentences import signed

if TYPE_CHECKING:
    from rich.console import RenderableType

    from captilt.contract.backtest import BacktestAnswer

WIDTH = 100  # columns; an answer wider than this is not read at a glance
NONE = "-"


def backtest_screen(answer: "BacktestAnswer", *, cost_bp: float) -> "RenderableType":
    """The screen: the answer first, then the figures, the other rules, the robustness and the proof."""
    head = Text.assemble(
        (f"{_pair(answer)}, {answer.first:%Y-%m} to {answer.last:%Y-%m}", "bold"),
        f", {answer.n} months, decided at the {_every(answer)} close, traded at the next",
    )
    remarks = [
        Text(_sentence(answer), style="bold"),
        Text(
            "Rules before any multiplier unless it says otherwise; active against the policy mix, net of"
            f" {cost_bp:g} bp a round trip; per year.",
            style="dim",
        ),
    ]
    if answer.one_day_optimistic:
        remarks.append(Text("Only monthly files are held: every trade is one day optimistic.", style="yellow"))
    parts: list[RenderableType] = [head, *remarks, Text(), _figures(answer), Text(), _robust(answer)]
    if answer.reference:
        parts += [Text(), _compared(answer)]
    return Group(*parts, Text(), *_proof(answer))


def _every(answer: "BacktestAnswer") -> str:
    return {"month": "month's last", "quarter": "quarter's last", "week": "week's last", "day": "day's"}[
        answer.schedule
    ]


def _pair(answer: "BacktestAnswer") -> str:
    if answer.small.endswith("SMB"):
        return "SMB, small minus big of Ken French"
    return f"{answer.small} less {answer.large}"


def _sentence(answer: "BacktestAnswer") -> str:
    """The answer in one line, its doubt included."""
    net, proof = answer.net, answer.evidence
    interval = "" if proof.ir_interval is None else f" ({_ir(proof.ir_interval[0])} to {_ir(proof.ir_interval[1])})"
    return (
        f"Verdict: {answer.verdict}. Net IR {_ir(net.ir)}{interval},"
        f" {signed(net.active_return_bp, 0)} bp a year at {net.tracking_error_percent:.2f} % tracking error;"
        f" after the evidence multiplier {signed(answer.recommended.active_return_bp, 0)} bp."
    )


def _ir(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def _figures(answer: "BacktestAnswer") -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    for title in ("IR", "bp/y", "TE %", "drawdown %", "turnover %", "hit %"):
        table.add_column(title, justify="right")
    rows = (
        ("the rules, net", answer.net, "bold"),
        ("  gross", answer.gross, ""),
        ("  hedged for beta, net", answer.beta_neutral, ""),
        ("  with confidence and evidence, net", answer.recommended, ""),
        *((row.name, row, "") for row in answer.benchmarks),
    )
    for name, figures, style in rows:
        table.add_row(
            Text(name, style=style),
            _ir(figures.ir),
            signed(figures.active_return_bp, 0) if figures.ir is not None else "0",
            f"{figures.tracking_error_percent:.2f}",
            f"{figures.max_active_drawdown_percent:.1f}".replace("-", "\N{MINUS SIGN}"),
            f"{100 * figures.turnover:.1f}",
            NONE if figures.hit_rate is None else f"{100 * figures.hit_rate:.0f}",
        )
    return table


def _robust(answer: "BacktestAnswer") -> Table:
    """What moves the IR: cost, delay, the regime, and each leg of the cycle."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    costs = ", ".join(f"{row.name} {_ir(row.ir)}" for row in answer.costs)
    table.add_row("IR at", f"{costs}; one month late {_ir(answer.one_month_late.ir)}")
    table.add_row("IR of", ", ".join(f"{row.name} {_ir(row.ir)}" for row in answer.variants))
    legs = sorted((row for row in answer.legs_out if row.ir is not None), key=lambda row: row.ir or 0)
    if legs:
        worst, best = legs[0], legs[-1]
        table.add_row(
            "IR without",
            f"one leg of the cycle: from {_ir(worst.ir)} (the one from {worst.name.split()[0]})"
            f" to {_ir(best.ir)} (from {best.name.split()[0]}), {len(legs)} legs",
        )
    table.add_row(
        "Size", f"mean tilt {signed(answer.mean_tilt_points)} points, mean size {answer.mean_abs_tilt_points:.1f}"
    )
    return table


def _compared(answer: "BacktestAnswer") -> Table:
    """Beside the figures of METHOD, without the regime part."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Without the regime, beside the reference", "here", "reference", "difference"):
        table.add_column(title, justify="left" if title.startswith("W") else "right")
    for row in answer.reference:
        error = "" if row.standard_error is None else f" (se {row.standard_error:.2g})"
        table.add_row(
            row.figure, f"{row.ours:.2f}", f"{row.reference:g}", f"{signed(row.ours - row.reference, 2)}{error}"
        )
    return table


def _proof(answer: "BacktestAnswer") -> list[Text]:
    proof = answer.evidence
    lines = [f"PSR {proof.psr:.2f}, DSR {proof.dsr:.2f} after {proof.trials} specifications tried."]
    lines += [f"- {reason}" for reason in proof.reasons]
    return [Text(line, style="" if place else "bold") for place, line in enumerate(lines)]
