"""Scenarios side by side: what is supposed, and what the engine would say."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from captilt.contract.financing import interest_bill_sentence
from captilt.formats import day, signed
from captilt.sentences import PHASE_SHORT

if TYPE_CHECKING:
    from rich.console import RenderableType

    from captilt.contract.scenario import Scenario, ScenarioAnswer, Supposed

NOTHING = "-"
WITH_SCORES = 110  # columns from which the scores fit beside the answer
STYLE = {"overweight": "green", "underweight": "red", "neutral": ""}


def scenario_screen(answer: "ScenarioAnswer", width: int) -> "RenderableType":
    """One line for each scenario, today first; the scores where the terminal is wide enough."""
    with_scores = width >= WITH_SCORES
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Suppose", no_wrap=True, style="bold")
    table.add_column("phase", no_wrap=True)
    for title in ("%/y\nahead", "wanted\npoints", "tilt\npoints", "wrong\n%", "beta\nadded"):
        table.add_column(title, justify="right", no_wrap=True)
    if with_scores:
        for signal in answer.rows[0].signals:
            table.add_column(signal.name.replace("_", "\n"), justify="right", no_wrap=True)
    for row in answer.rows:
        scores = [_number(signal.score, 1) for signal in row.signals] if with_scores else []
        table.add_row(*_cells(row), *scores)
    supposed = [f"{row.scenario}: {supposition(row.supposed)}" for row in answer.rows if row.supposed is not None]
    meaning = (
        "Tilt: after band and step, from the weight held today. Wrong: chance that the side taken loses over twelve"
        f" months. Beta added: hedged by selling that share of the portfolio in {answer.large}. Yields up to two years"
        " carry the scenario's own path of the policy rate; no return is supposed."
    )
    way = [_on_the_way(row) for row in answer.rows if row.on_the_way is not None]
    bill = [interest_bill_sentence(answer.interest_bill)] if answer.interest_bill else []
    notes = (f"{'; '.join(supposed)}.", "", *way, *([""] if way else []), meaning, "", *bill)
    troubled = [row for row in answer.rows if row.data.status != "OK"]
    doubts = [*answer.old_prices, *(f"{row.scenario}: data {row.data.status}" for row in troubled)]
    marks = [Text(doubt, style="yellow") for doubt in doubts]
    remarks = [Text(note, style="dim") for note in notes]
    return Group(Text(f"As of {day(answer.rows[0].day)}", style="bold"), table, Text(), *marks, *remarks)


def _cells(row: "Scenario") -> tuple[Text | str, ...]:
    phase, chance = max(row.probabilities.items(), key=lambda pair: pair[1])
    return (
        row.scenario,
        f"{PHASE_SHORT[phase]} {100 * chance:.0f} %",
        _number(row.forecast_annual_percent, 1),
        _number(row.wanted_points, 1),
        Text(_number(row.active_weight_points, 1), style=STYLE[row.stance]),
        NOTHING if row.probability_wrong is None else f"{100 * row.probability_wrong:.0f}",
        _number(row.active_beta, 3),
    )


def _on_the_way(row: "Scenario") -> str:
    """What today's tilt gains or loses before the supposed day."""
    way = row.on_the_way
    if way is None:
        return ""
    low, high = way.interval
    return (
        f"On the way ({row.scenario}): small minus large {signed(way.small_minus_large_percent, 1)} % with the spread"
        f" (95 % {signed(low, 1)} to {signed(high, 1)}, from {way.months} months), "
        f"{signed(way.position_bp, 0)} bp of the portfolio at today's tilt."
    )


def _number(value: float | None, decimals: int) -> str:
    return NOTHING if value is None else signed(value, decimals)


def supposition(supposed: "Supposed") -> str:
    """A scenario in a few words."""
    if supposed.stale:
        return f"nothing new for {supposed.months} months"
    moves = (("rate", supposed.target_bp), ("spread", supposed.spread_bp), ("ten-year", supposed.slope_bp))
    moved = ", ".join(f"{name} {signed(size, 0)} bp" for name, size in moves if size)
    return f"{moved or 'rates unchanged'} in {supposed.months} months"
