"""The monthly outcome report: what was advised, what came of it, and how the statements have scored."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from allocator.outcomes.paper_portfolios import Race
from allocator.outcomes.scoreboard import scoreboard
from allocator.outcomes.scores import Outcome, Run, day


def monthly_report(
    month: np.datetime64, runs: Sequence[Run], outcomes: Sequence[Outcome], run_race: Race
) -> dict[str, Any]:
    """Data of the report of one month.

    Parameters
    ----------
    month : datetime64[M]
    runs : sequence of run payloads
        All recorded ones, ascending.
    outcomes : sequence of Outcome
        Everything scored so far.
    run_race : Race
        Over `runs`.

    Returns
    -------
    dict
        ``month``; ``advised`` (first and last run of the month: stance, active weight, trade); ``matured``
        (statements that were judged in the month) with their scoreboard; ``to_date`` (scoreboard of all up to the
        month's end); ``race`` (net active return, percent, of each runner in the month and since the start,
        information ratio where there is a year).
    """
    inside = [run for run in runs if np.datetime64(day(run), "M") == month]
    ended = [outcome for outcome in outcomes if np.datetime64(outcome.ended, "M") == month]
    until = [outcome for outcome in outcomes if np.datetime64(outcome.ended, "M") <= month]
    return {
        "month": str(month),
        "advised": [_advised(run) for run in (inside[:1] + inside[-1:] if len(inside) > 1 else inside)],
        "runs": len(inside),
        "matured": [outcome.payload() for outcome in ended],
        "matured_scores": [asdict(line) for line in scoreboard(ended)],
        "to_date": [asdict(line) for line in scoreboard(until)],
        "race": [_runner(run_race, number, month) for number in range(len(run_race.runners))],
    }


def _advised(run: Run) -> dict[str, Any]:
    advice = run["recommendation"]
    names = ("stance", "action", "active_weight_points", "target_weight", "held_weight", "trade_points")
    return {"day": str(run["as_of"]), **{name: advice[name] for name in names}}


def _runner(run_race: Race, number: int, month: np.datetime64) -> dict[str, Any]:
    runner = run_race.runners[number]
    months, monthly = run_race.by_month(runner)
    until = months <= month
    return {
        "name": runner.name,
        "month_percent": float(monthly[months == month].sum()),
        "since_start_percent": float(monthly[until].sum()),
        "months": int(until.sum()),
        "ir": run_race.ir(runner),
    }
