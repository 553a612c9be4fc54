"""What a chief investment officer asks of an answer, from the recorded run and the walk-forward record.

How often was it right when it said this strongly? What does it cost to ignore it? Which date matters
next, and what flips it? What can go wrong?
"""

from collections.abc import Mapping, Sequence
from typing import Any

from captilt.contract.agenda import NO_WEIGHT
from captilt.contract.run import Run
from captilt.flip_sentences import decision_sentence, flip_lines
from captilt.formats import TINY_POINTS, counted, day, number, percent, signed
from captilt.sentences import view_points

BP = 100.0  # basis points in a percent
LEAST_MONTHS = 12  # fewer are no record


def strength_sentence(run: Run, answer: Mapping[str, Any] | None) -> str:
    """How often the record was right when its view was at least as strong; empty without a view or a record.

    Parameters
    ----------
    answer : mapping or None
        JSON of `captilt backtest`.
    """
    view = view_points(run)
    if answer is None or view is None or abs(view) < TINY_POINTS:
        return ""
    strong = [
        row
        for row in answer.get("rows", ())
        if row["view_points"] is not None and row["view_points"] * view > 0 and abs(row["view_points"]) >= abs(view)
    ]
    side = "an overweight" if view > 0 else "an underweight"
    if len(strong) < LEAST_MONTHS:
        return f"The record has only {len(strong)} months of {side} this strong: too few to say how often it was right."
    right = sum(row["small_minus_large_percent"] * view > 0 for row in strong) / len(strong)
    mean = sum(row["small_minus_large_percent"] for row in strong) / len(strong)
    stretches = counted(_stretches(answer, strong), "stretch")
    return (
        f"In {len(strong)} months with {side} of {number(abs(view), 1)} points or more, in {stretches}, it was right"
        f" in {percent(right, 0)}; small minus large was {signed(mean, 2)} % a month on average."
    )


def _stretches(answer: Mapping[str, Any], strong: Sequence[Mapping[str, Any]]) -> int:
    """Runs of months in a row among `strong`: they are the independent ones."""
    row_of = {row["decided"]: n for n, row in enumerate(answer["rows"])}
    rows = [row_of[row["decided"]] for row in strong]
    return sum(1 for n, row in enumerate(rows) if n == 0 or row != rows[n - 1] + 1)


def ignoring_sentence(run: Run) -> str:
    """What it costs to stay where one is, by the forecast as far as it is trusted; empty without a view."""
    advice, view = run.recommendation, view_points(run)
    if view is None or advice.forecast_annual_percent is None:
        return ""
    away = view - 100 * (advice.held_weight - advice.policy_weight)
    trusted = advice.forecast_annual_percent * run.evidence.multiplier * run.data.confidence
    worth = BP * away / 100 * trusted
    if abs(away) < TINY_POINTS:
        return "Ignoring it costs nothing today: the position is the view."
    if worth < 0:
        return (
            f"Staying {number(abs(away), 1)} points beyond the view is worth {number(-worth, 1)} bp a year by the"
            " forecast, as far as it is trusted, and takes more risk than the forecast pays for."
        )
    return (
        f"Staying {number(abs(away), 1)} points from the view costs {number(worth, 1)} bp a year by the forecast,"
        f" as far as it is trusted ({percent(run.evidence.multiplier, 0)})."
    )


def next_sentence(run: Run) -> str:
    """Which date matters next and what it can do, then the input nearest to a change of the stance; may be empty."""
    ahead = next((event for event in run.calendar if NO_WEIGHT not in event.effect), None)
    decision, nearest = run.recommendation.next_decision, flip_lines(run)[:1]
    parts = []
    if ahead is not None and decision is not None and ahead.date == decision.date:
        parts.append(decision_sentence(run) or f"{day(ahead.date)}, {ahead.event}: {ahead.effect}")
    elif ahead is not None:
        parts.append(f"{'by ' if ahead.by else ''}{day(ahead.date)}, {ahead.event}: {ahead.effect}")
    parts += [line.sentence for line in nearest]
    return "".join(f"{part[:1].upper()}{part[1:]}. " for part in parts).strip()


def risk_sentences(run: Run, answer: Mapping[str, Any] | None) -> tuple[str, ...]:
    """What can go wrong, in money of the portfolio."""
    advice, lines = run.recommendation, []
    active = 100 * (advice.target_weight - advice.policy_weight)
    sigma, beta = run.risk.sigma_annual_percent, run.risk.relative_beta
    if sigma is not None:
        lines.append(
            f"Small minus large moves {number(sigma, 1)} % a year (one standard deviation): {signed(active)} points"
            f" of it earn or cost {number(BP * abs(active) / 100 * sigma, 0)} bp of the portfolio in such a year."
        )
    if beta is not None:
        lines.append(f"The tilt adds {signed(active / 100 * beta, 3)} to the portfolio's beta.")
    spells = (answer or {}).get("spells", ())
    if spells:
        worst = spells[0]
        end = f"recovered in {day(worst['end'], '%b %Y')}" if worst["end"] else "not recovered"
        lines.append(
            f"The record's worst spell: {signed(worst['depth_bp'], 0)} bp from {day(worst['start'], '%b %Y')} to"
            f" {day(worst['trough'], '%b %Y')}, {end}."
        )
    return tuple(lines)
