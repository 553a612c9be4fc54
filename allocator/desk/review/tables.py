"""Every table of the page as plain columns and rows, so that page, report, CSV and JSON show the same numbers."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allocator.desk.review.changes import Changes
from regime.phase import PHASES

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run text that begins so


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows.

    Attributes
    ----------
    name, title : str
    columns : tuple of str
        Field names as in the JSON contract, units in the name.
    rows : tuple of tuple
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_rows(self) -> dict[str, Any]:
        """The JSON twin: a list of objects under ``rows``."""
        return {
            "table": self.name,
            "title": self.title,
            "rows": [dict(zip(self.columns, row, strict=True)) for row in self.rows],
        }

    def as_csv(self) -> str:
        """The CSV twin; text that a spreadsheet would run as a formula gets an apostrophe."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([_inert(cell) for cell in row] for row in self.rows)
        return text.getvalue()


def table(name: str, title: str, columns: str, rows: Any) -> Table:
    """A table whose columns are named in one string; rows may be mappings or sequences."""
    names = tuple(columns.split())
    shaped = (tuple(row.get(n) for n in names) if isinstance(row, Mapping) else tuple(row) for row in rows)
    return Table(name, title, names, tuple(shaped))


def of_run(run: Mapping[str, Any], changed: Changes | None) -> dict[str, Table]:
    """The tables of one recorded day, by name."""
    advice, call, path = run["recommendation"], run["regime"], run.get("fed_path") or {}
    meetings = path.get("meetings") or ()
    found = [
        table(
            "recommendation",
            "Recommendation",
            "field value",
            ((k, v) for k, v in advice.items() if not isinstance(v, (list, dict))),
        ),
        table("attribution", "Where the points come from", "line points", advice["attribution"]),
        table(
            "regime",
            "Rate cycle",
            "phase now ahead_3m",
            ((p.value, call["probabilities"][p], call["ahead_3m"][p]) for p in PHASES),
        ),
        table("meetings", "Fed path by meeting", "date status reason start_rate end_rate", meetings),
        table(
            "meeting_probabilities",
            "Fed path probabilities",
            "date lower_bp upper_bp probability",
            ((m["date"], p["lower_bp"], p["upper_bp"], p["probability"]) for m in meetings for p in m["probabilities"]),
        ),
        table("signals", "Signals", "name family score raw unit known_at status contribution_points", run["signals"]),
        table("flip", "Distance to flip", "input now flips_at to unit", advice.get("flip") or ()),
        table("gaps", "Missing data", "series reason", run["data"]["gaps"]),
    ]
    if changed:
        found.append(
            table(
                "changes",
                f"Changes since {changed.since}",
                "line before now points",
                ((s.line, s.before, s.now, s.points) for s in changed.shifts),
            )
        )
    if scenarios := run.get("scenarios"):
        found.append(table("scenarios", "Scenarios", " ".join(_plain_fields(scenarios)), scenarios))
    return {one.name: one for one in found}


def of_history(lines: Any, decided: Mapping[Any, Any]) -> Table:
    """One row for each recorded day, with the last decision on it."""
    columns = (
        "day stance action active_weight_points target_weight held_weight trade_points phase phase_probability "
        "status confidence evidence decision decided_weight who"
    )
    rows = []
    for line in lines:
        made = decided[line.day].payload if line.day in decided else {}
        rows.append(
            (
                line.day.isoformat(),
                line.stance,
                line.action,
                line.active_weight_points,
                line.target_weight,
                line.held_weight,
                line.trade_points,
                line.phase,
                line.phase_probability,
                line.status,
                line.confidence,
                line.verdict,
                made.get("verdict"),
                made.get("target_weight"),
                made.get("who"),
            )
        )
    return table("history", "Recorded days", columns, rows)


def of_decisions(decisions: Any) -> Table:
    """Every decision, oldest first."""
    columns = "seq advice_day code verdict target_weight advised_weight held_weight who note by decided_at replaces"
    return table("decisions", "Decisions", columns, ({"seq": entry.seq, **entry.payload} for entry in decisions))


def of_month(came: Mapping[str, Any]) -> dict[str, Table]:
    """The tables of a month's outcome, by name."""
    scores = "kind words n hit_rate log_score brier know_nothing first last"
    return {
        "race": table("race", "Net active return", "name month_percent since_start_percent months ir", came["race"]),
        "outcomes": table(
            "outcomes",
            "Judged in the month",
            "run kind ended said happened probability log_score brier hit",
            came["matured"],
        ),
        "scores": table("scores", "Scores so far", scores, came["to_date"]),
    }


def _plain_fields(rows: Any) -> tuple[str, ...]:
    """Fields of the first row that hold one value."""
    return tuple(name for name, value in rows[0].items() if not isinstance(value, (list, dict)))


def _inert(cell: Any) -> Any:
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
