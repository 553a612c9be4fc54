"""The back-test on one screen."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from captilt.formats import MINUS, day, in_prose, month, number, percent, signed
from captilt.sentences import power_sentence

if TYPE_CHECKING:
    from rich.console import RenderableType

    from captilt.contract.backtest import BacktestAnswer

WIDTH = 100  # columns; an answer wider than this is not read at a glance
NONE = "-"


def backtest_screen(answer: "BacktestAnswer", *, cost_bp: float) -> "RenderableType":
    """The screen: the answer first, then the figures, what hangs on a choice, the years, and the test."""
    head = Text.assemble(
        (f"{_pair(answer)}, decisions of {month(answer.first)} to {month(answer.last)}", "bold"),
        f", {answer.n} of them, at the {_every(answer)} close, traded at the next; the last outcome ended"
        f" {day(answer.last_outcome)}.",
    )
    remarks = [
        Text(_sentence(answer), style="bold"),
        Text(
            "The recommended tilt of a desk that always accepted, against the policy mix, net of"
            f" {cost_bp:g} bp a round trip; per year.",
            style="dim",
        ),
    ]
    if answer.one_day_optimistic:
        remarks.append(Text("Only monthly files are stored: every trade is one day optimistic.", style="yellow"))
    parts: list[RenderableType] = [head, *remarks, Text(), _figures(answer), Text(), _robust(answer), Text()]
    parts += [_years(answer), Text(), _spells(answer)]
    if answer.reference:
        parts += [Text(), _compared(answer)]
    return Group(*parts, Text(), *_proof(answer))


def _years(answer: "BacktestAnswer") -> Table:
    """Net active return by calendar year, a decade to a line."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    decades: dict[int, list[str]] = {}
    for year in answer.years:
        shown = f"{year.year % 100:02d} {signed(year.active_return_bp, 0)}"
        decades.setdefault(year.year // 10 * 10, []).append(shown)
    table.add_row("Year by year, bp", "")
    for decade, shown in decades.items():
        table.add_row(f"  {decade}s", "  ".join(shown))
    return table


def _spells(answer: "BacktestAnswer") -> Table:
    """The worst falls of active wealth."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for row, spell in enumerate(answer.spells):
        end = f"recovered {month(spell.end)}" if spell.end else "not recovered"
        text = f"{signed(spell.depth_bp, 0)} bp from {month(spell.start)} to {month(spell.trough)}, {end}"
        table.add_row("" if row else "Worst spells", text)
    return table


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
        f" {signed(net.active_return_bp, 0)} bp a year at {net.tracking_error_percent:.2f} % tracking error,"
        f" {answer.mean_abs_tilt_points:.1f} points on average."
    )


def _ir(value: float | None) -> str:
    return NONE if value is None else number(value)


def _figures(answer: "BacktestAnswer") -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    for title in ("IR", "bp/y", "TE %", "drawdown %", "turnover %", "hit %"):
        table.add_column(title, justify="right")
    rows = (
        ("recommended, net", answer.net, "bold"),
        ("  gross", answer.gross, ""),
        ("  hedged for beta, net", answer.beta_neutral, ""),
        ("before confidence and multiplier, net", answer.unscaled, ""),
        *((row.name, row, "") for row in answer.benchmarks),
    )
    for name, figures, style in rows:
        table.add_row(
            Text(name, style=style),
            _ir(figures.ir),
            signed(figures.active_return_bp, 0) if figures.ir is not None else "0",
            f"{figures.tracking_error_percent:.2f}",
            number(figures.max_active_drawdown_percent, 1),
            f"{100 * figures.turnover:.1f}",
            NONE if figures.hit_rate is None else f"{100 * figures.hit_rate:.0f}",
        )
    return table


def _robust(answer: "BacktestAnswer") -> Table:
    """What moves the IR: cost, delay, the regime, the day of the month, and each leg of the cycle."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    costs = ", ".join(f"{row.name} {_ir(row.ir)}" for row in answer.costs)
    table.add_row("IR at", f"{costs}; one period late {_ir(answer.one_month_late.ir)}")
    table.add_row("IR of", ", ".join(f"{row.name} {_ir(row.ir)}" for row in answer.variants))
    legs = sorted((row for row in answer.legs_out if row.ir is not None), key=lambda row: row.ir or 0)
    if legs:
        worst, best = legs[0], legs[-1]
        table.add_row(
            "IR without",
            f"one leg of the cycle: from {_ir(worst.ir)} (the one from {day(worst.name.split()[0])})"
            f" to {_ir(best.ir)} (from {day(best.name.split()[0])}), {len(legs)} legs",
        )
    if answer.timing_irs:
        by_day = sorted(ir for ir in answer.timing_irs if ir is not None)
        table.add_row(
            "IR by day",
            f"{len(answer.timing_irs)} sessions of the month: {_ir(by_day[0])} to {_ir(by_day[-1])}, median"
            f" {_ir(by_day[len(by_day) // 2])}; what separates them is luck",
        )
    shares = answer.stances
    small = percent(shares.under_one_point, 0)
    table.add_row(
        "Stance",
        f"overweight {percent(shares.overweight, 0)}, neutral {percent(shares.neutral, 0)}, underweight"
        f" {percent(shares.underweight, 0)} of the time; a position under one point {small};"
        f" mean tilt {signed(answer.mean_tilt_points)} points",
    )
    cost = answer.gross.active_return_bp - answer.net.active_return_bp
    table.add_row("Trading", f"{100 * answer.net.turnover:.1f} points a year, which cost {cost:.1f} bp a year")
    return table


def _compared(answer: "BacktestAnswer") -> Table:
    """Beside the figures of METHOD."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Beside the reference", "here", "reference", "difference"):
        table.add_column(title, justify="left" if title.startswith("B") else "right")
    for row in answer.reference:
        error = "" if row.standard_error is None else f" (se {row.standard_error:.2g})"
        table.add_row(
            row.figure,
            number(row.ours),
            f"{row.reference:g}".replace("-", MINUS),
            f"{signed(row.ours - row.reference, 2)}{error}",
        )
    return table


def _proof(answer: "BacktestAnswer") -> list[Text]:
    """The test, and what it could have seen."""
    proof, power = answer.evidence, answer.evidence.power
    haircut = "" if proof.t is None or proof.haircut_t is None else _haircut(proof.t, proof.haircut_t)
    first = f"PSR {proof.psr:.2f}, DSR {proof.dsr:.2f} after {proof.trials:g} effective tries{haircut}."
    lines = [first, *(f"- {in_prose(reason)}" for reason in proof.reasons)]
    if power is not None:
        lines.append(power_sentence(power))
    return [Text(line, style="" if row else "bold") for row, line in enumerate(lines)]


def _haircut(t: float, left: float) -> str:
    return f"; t {t:.1f}, after the haircut for the tries {left:.1f} (3 is wanted)"
