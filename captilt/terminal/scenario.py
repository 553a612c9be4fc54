"""Scenarios side by side: what is supposed, and what the engine would say."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from allocator.scenario import Outcome
from captilt.sentences import signed
from signals.calendars import day_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from allocator.settings import ScenarioSettings
    from signals.asof import AsOf

NOTHING = "-"
WITH_SCORES = 110  # columns from which the scores fit beside the answer
PHASE = {
    "HIKE": "hiking",
    "HOLD_AFTER_HIKE": "hold after hikes",
    "EASE": "easing",
    "HOLD_AFTER_EASE": "hold after cuts",
}
STYLE = {"overweight": "green", "underweight": "red", "neutral": ""}


def as_json(view: "AsOf", outcomes: Sequence[Outcome], *, small: str, large: str) -> dict[str, Any]:
    """The outcomes under ``rows``; the first is today."""
    return {"as_of": day_of(view.moment), "small": small, "large": large, "rows": [_row(each) for each in outcomes]}


def _row(each: Outcome) -> dict[str, Any]:
    advice, decision = each.decision.recommendation, each.decision
    return {
        "scenario": each.name,
        "supposed": None if each.supposed is None else asdict(each.supposed),
        "day": each.day,
        "probabilities": {phase.value: chance for phase, chance in each.probabilities.items()},
        "signals": [{"name": name, "score_now": now, "score": then} for name, now, then in each.moved],
        "forecast_annual_percent": advice.forecast_annual_percent,
        "forecast_sd_percent": advice.forecast_sd_percent,
        "probability_outperform": advice.probability_outperform,
        "probability_wrong": each.wrong,
        "wanted_points": decision.wanted_points,
        "active_weight_points": advice.active_weight_points,
        "target_weight": advice.target_weight,
        "trade_points": advice.trade_points,
        "stance": advice.stance,
        "attribution": [{"line": line.line, "points": line.points} for line in advice.attribution],
        "active_beta": each.active_beta,
        "data": {"status": decision.health.status, "confidence": decision.health.confidence},
    }


def face(outcomes: Sequence[Outcome], *, large: str, width: int) -> "RenderableType":
    """One line for each scenario, today first; the scores where the terminal is wide enough."""
    with_scores = width >= WITH_SCORES
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Suppose", no_wrap=True, style="bold")
    table.add_column("phase", no_wrap=True)
    for title in ("%/y\nahead", "wanted\npoints", "tilt\npoints", "wrong\n%", "beta\nadded"):
        table.add_column(title, justify="right", no_wrap=True)
    if with_scores:
        for name, _, _ in outcomes[0].moved:
            table.add_column(name.replace("_", "\n"), justify="right", no_wrap=True)
    for each in outcomes:
        scores = [_number(score, 1) for _, _, score in each.moved] if with_scores else []
        table.add_row(*_cells(each), *scores)
    supposed = [f"{each.name}: {said(each.supposed)}" for each in outcomes if each.supposed is not None]
    meaning = (
        "Tilt: after band and step, from the weight held today. Wrong: chance that the side taken loses over twelve"
        f" months. Beta added: hedged by selling that share of the portfolio in {large}. Yields follow the policy rate"
        " as they did over six months, 1983-2007; no return is supposed."
    )
    notes = (f"{'; '.join(supposed)}.", "", meaning)
    troubled = [each for each in outcomes if each.decision.health.status != "OK"]
    marks = [Text(f"{each.name}: data {each.decision.health.status}", style="yellow") for each in troubled]
    told = [Text(note, style="dim") for note in notes]
    return Group(Text(f"As of {outcomes[0].day}", style="bold"), table, Text(), *marks, *told)


def _cells(each: Outcome) -> tuple[Text | str, ...]:
    advice = each.decision.recommendation
    phase, chance = max(each.probabilities.items(), key=lambda pair: pair[1])
    return (
        each.name,
        f"{PHASE[phase.value]} {100 * chance:.0f} %",
        _number(advice.forecast_annual_percent, 1),
        _number(each.decision.wanted_points, 1),
        Text(_number(advice.active_weight_points, 1), style=STYLE[advice.stance]),
        NOTHING if each.wrong is None else f"{100 * each.wrong:.0f}",
        _number(each.active_beta, 3),
    )


def _number(value: float | None, decimals: int) -> str:
    return NOTHING if value is None else signed(value, decimals)


def said(supposed: "ScenarioSettings") -> str:
    """A scenario in a few words."""
    if supposed.stale:
        return f"nothing new for {supposed.months} months"
    moves = (("rate", supposed.target_bp), ("spread", supposed.spread_bp), ("ten-year", supposed.slope_bp))
    told = ", ".join(f"{name} {signed(size, 0)} bp" for name, size in moves if size)
    return f"{told or 'rates unchanged'} in {supposed.months} months"
