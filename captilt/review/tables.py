"""Every table of the page as plain columns and rows, so that page, report, CSV and JSON show the same numbers."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from captilt.contract.record import plain
from captilt.contract.run import Run
from captilt.review.run_changes import Changes
from regime.phase import PHASES

SCORES = "kind words n hit_rate log_score brier know_nothing first last"
FLIP = "input now flips_at to unit sd_away knife_edge raw_name raw_unit raw_now raw_flips_at"
OF_ITS_DAY = frozenset({"scenarios", "financing", "fedpath"})  # what is known of a later day says nothing there
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run text that begins so


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows.

    Attributes
    ----------
    name, title : str
    columns : tuple of str
        Field names as in the JSON contract, units in the name.
    source : tuple
        One record, mapping or sequence a row.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    source: tuple[Any, ...]

    @property
    def rows(self) -> tuple[tuple[Any, ...], ...]:
        """The cells of every row; made when somebody takes the table, not for each page that offers it."""
        return tuple(_cells(row, self.columns) for row in self.source)

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
    """A table whose columns are named in one string; rows may be records, mappings or sequences."""
    return Table(name, title, tuple(columns.split()), tuple(rows))


def _cells(row: Any, names: Sequence[str]) -> tuple[Any, ...]:
    if is_dataclass(row):
        return tuple(plain(getattr(row, name)) for name in names)
    return tuple(row.get(name) for name in names) if isinstance(row, Mapping) else tuple(plain(cell) for cell in row)


def _single_values(record: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a record that are neither lists nor records themselves."""
    for field in fields(record):
        value = getattr(record, field.name)
        if not (isinstance(value, tuple) or is_dataclass(value)):
            yield field.name, value


def of_run(run: Run, changed: Changes | None) -> dict[str, Table]:
    """The tables of one recorded day, by name."""
    advice, call, meetings = run.recommendation, run.regime, run.fed_path.meetings
    tables = [
        table("recommendation", "Recommendation", "field value", _single_values(advice)),
        table("attribution", "Where the points come from", "line points", advice.attribution),
        table(
            "regime",
            "Rate cycle",
            "phase now ahead_3m",
            ((p.value, call.probabilities[p], call.ahead_3m[p]) for p in PHASES),
        ),
        table("meetings", "Fed path by meeting", "date status reason start_rate end_rate", meetings),
        table(
            "meeting_probabilities",
            "Fed path probabilities",
            "date lower_bp upper_bp probability",
            ((m.date, p.lower_bp, p.upper_bp, p.probability) for m in meetings for p in m.probabilities),
        ),
        table("signals", "Signals", "name family score raw unit known_at status contribution_points", run.signals),
        table("flip", "What would change it", FLIP, advice.flip),
        table("gaps", "Missing data", "series reason", run.data.gaps),
        table("calendar", "Dates ahead", "date event effect late", run.calendar),
    ]
    if changed:
        tables.append(
            table(
                "changes",
                f"Changes since {changed.since}",
                "line before now points",
                ((s.line, s.before, s.now, s.points) for s in changed.shifts),
            )
        )
    if run.track_record:
        tables += [
            table("track_race", "Net active return so far", "name net_percent ir", run.track_record.race),
            table("track_scores", "Scores so far", SCORES, run.track_record.scores),
        ]
    return {one.name: one for one in tables}


def of_studies(studies: Mapping[str, Any], day: str) -> dict[str, Table]:
    """The tables of what was prepared beside `day`, by name; scenarios and meetings belong to their day alone."""
    tables = []
    for name, study in studies.items():
        makers = STUDIED.get(name, ())
        if study.as_of == day or name not in OF_ITS_DAY:
            tables += [maker(study.result) for maker in makers]
    return {one.name: one for one in tables if one.source}


def _of_scenarios(result: Mapping[str, Any]) -> Table:
    fields = (
        "scenario forecast_annual_percent forecast_sd_percent probability_outperform probability_wrong wanted_points "
        "active_weight_points target_weight trade_points stance active_beta"
    )
    phases = tuple(phase.value for phase in PHASES)
    rows = (
        (*(row.get(f) for f in fields.split()), *(row["probabilities"].get(p) for p in phases))
        for row in result.get("rows", ())
    )
    return table("scenarios", "Scenarios", f"{fields} {' '.join(phases)}", rows)


def _of_financing(result: Mapping[str, Any]) -> Table:
    parts = {
        "small": ("value", "standard_error", "companies", "coverage"),
        "large": ("value", "standard_error", "companies", "coverage"),
        "gap": ("value", "standard_error"),
    }
    columns = " ".join(f"{group}_{number}" for group, numbers in parts.items() for number in numbers)
    rows = (
        (
            *(row[name] for name in ("measure", "title", "unit")),
            *((row[group] or {}).get(number) for group, numbers in parts.items() for number in numbers),
        )
        for row in result.get("rows", ())
    )
    return table("financing", "How companies are financed", f"measure title unit {columns}", rows)


def _of_chronology(result: Mapping[str, Any]) -> Table:
    columns = "phase first_move last_move from to confirmed_on open"
    return table("chronology", "Phases of the rate cycle, with hindsight", columns, result.get("rows", ()))


def _of_said(result: Mapping[str, Any]) -> Table:
    phases = tuple(phase.value for phase in PHASES)
    rows = ((row["day"], *(row["probabilities"].get(p) for p in phases)) for row in result.get("said", ()))
    return table("phases_said", "Phase probabilities as called at each month-end", f"day {' '.join(phases)}", rows)


def _of_moved(result: Mapping[str, Any]) -> Table:
    return table(
        "fedpath_changes", "Fed path and its changes", "date rate day_bp week_bp month_bp", result.get("changes", ())
    )


def _of_race(result: Mapping[str, Any]) -> Table:
    return table(
        "race", "Net active return since the first recorded day", "name net_active_percent ir n", result.get("rows", ())
    )


def _of_scores(result: Mapping[str, Any]) -> Table:
    return table("scores", "Scores of recorded statements", SCORES, result.get("scores", ()))


def _of_claims(result: Mapping[str, Any]) -> Table:
    columns = "claim verdict definition unit decides supported number low high t p n counted from to"
    rows = (
        {
            **one,
            "claim": claim["says"],
            "verdict": claim["verdict"],
            **dict(zip(("low", "high"), one["interval"] or (None, None), strict=True)),
        }
        for claim in result.get("rows", ())
        for one in claim["findings"]
    )
    return table("claims", "Claims, tested", columns, rows)


def meeting_table(answer: Mapping[str, Any]) -> Table:
    """The odds of one meeting on every session, one column a target range, from `captilt fedpath MEETING --json`."""
    listed = answer.get("rows", ())
    ranges = sorted({(one["lower_bp"], one["upper_bp"]) for row in listed for one in row["probabilities"]})
    fields = ("as_of", "cut", "hold", "hike", "rate", "moves")
    rows = []
    for row in listed:
        chances = {one["lower_bp"]: one["probability"] for one in row["probabilities"]}
        rows.append((*(row[name] for name in fields), *(chances.get(low, 0.0) for low, _ in ranges)))
    columns = (*fields, *(f"p_{low:g}_{high:g}_bp" for low, high in ranges))
    return Table("meeting_history", f"Odds of the meeting of {answer.get('meeting')}", columns, tuple(rows))


def _of_meeting(result: Mapping[str, Any]) -> Table:
    return meeting_table(result.get("meeting", {}))


STUDIED: dict[str, tuple[Callable[[Mapping[str, Any]], Table], ...]] = {
    "scenarios": (_of_scenarios,),
    "financing": (_of_financing,),
    "cycle": (_of_chronology, _of_said),
    "fedpath": (_of_moved, _of_meeting),
    "record": (_of_race, _of_scores),
    "claims": (_of_claims,),
}


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
    return {
        "race": table("race", "Net active return", "name month_percent since_start_percent months ir", came["race"]),
        "outcomes": table(
            "outcomes",
            "Judged in the month",
            "run kind ended said happened probability log_score brier hit",
            came["matured"],
        ),
        "scores": table("scores", "Scores so far", SCORES, came["to_date"]),
    }


def _inert(cell: Any) -> Any:
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
