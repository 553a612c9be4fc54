"""What a page shows, frozen: built from records of the book alone, never from the engine.

`DayView` is one recorded day; the templates read it and nothing else.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from captilt import sentences
from captilt.charts import inline_bars as drawing
from captilt.contract.fedpath import FedPath, Meeting
from captilt.contract.run import Line, Run, Signal, read_run, run_json
from captilt.review import tables
from captilt.review.decisions import CODE_DIGITS, Advice, content_hash
from captilt.review.run_changes import STILL_POINTS, Changes, Shift, changes
from captilt.review.study_store import Study
from captilt.review.tables import Table
from regime.phase import PHASES
from signals.fedpath.records import RANGE_BP

if TYPE_CHECKING:
    from allocator.ledger.ledger import Entry, Ledger
    from captilt.review.run_index import Contents
    from captilt.review.run_index import Line as DayLine

TREND_POINTS = 400  # of the tilt's path; more cannot be told apart on a screen
MOST_MARKS = 60  # decisions marked on the path
MEETINGS_SHOWN = 8  # a year of them; the twins hold all
LEAST_SHOWN = 0.005  # a range that no meeting gives half a percent needs no column
SHADES = 10  # of a probability in the meeting table


@dataclass(frozen=True, slots=True)
class Cell:
    """A probability in the meeting table: its value, its shade (0 to 10), None where no outcome."""

    probability: float | None
    shade: int = 0


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One meeting: its cells over the common ranges, or the reason why it is refused.

    Attributes
    ----------
    odds : (float, float, float) or None
        Probability that the target is lower, the same or higher than today's, 0 to 1.
    moves : float or None
        Moves of 25 bp expected from today up to and with it.
    """

    date: dt.date
    reason: str
    change_bp: float | None
    cells: tuple[Cell, ...]
    odds: tuple[float, float, float] | None = None
    moves: float | None = None


@dataclass(frozen=True, slots=True)
class DayView:
    """One recorded day, ready to be drawn.

    Attributes
    ----------
    run : Run
        As recorded.
    code, ledger_head : str
        Content hash of the advice (first digits), and the head of the ledger (empty for a study).
    advice : Advice or None
        What can be decided, where this is the newest day.
    decisions : tuple of Entry
        Answers to this day's advice.
    changed : Changes or None
        Against the last advice that a person answered, else against the run before.
    newest, previous, following : datetime.date or None
        For finding one's way.
    ranges : tuple of str
        Column heads of the meeting table.
    meetings : tuple of MeetingRow
    bars : mapping of str to tuple of Markup
        Drawings beside numbers: attribution, changes, drivers, watched, now, ahead.
    trend : callable
        Draws the active weight up to this day; only the long part of the page needs it.
    tables : mapping of str to Table
    studies : mapping of str to Study
        What was prepared outside the page: cycle, claims, track record.
    failure : Entry or None
        A failed run recorded after this one.
    """

    run: Run
    code: str
    ledger_head: str
    advice: Advice | None
    decisions: "tuple[Entry, ...]"
    changed: Changes | None
    newest: dt.date
    previous: dt.date | None
    following: dt.date | None
    ranges: tuple[str, ...]
    meetings: tuple[MeetingRow, ...]
    bars: Mapping[str, tuple[Markup, ...]]
    trend: Callable[[], Markup]
    tables: Mapping[str, Table]
    studies: Mapping[str, Study] = field(default_factory=dict)
    failure: "Entry | None" = None

    @property
    def scenarios(self) -> "tuple[tuple[Mapping[str, Any], Markup], ...]":
        """Scenarios of this day with a bar each, today first; empty where none were prepared."""
        study = self.studies.get("scenarios")
        rows = study.result["rows"] if study and study.as_of == self.run.as_of.isoformat() else []
        reach = max((abs(row["active_weight_points"]) for row in rows), default=0.0) or 1.0
        bars = (drawing.span_bar(0.0, row["active_weight_points"], low=-reach, high=reach) for row in rows)
        return tuple((row, Markup(bar)) for row, bar in zip(rows, bars, strict=True))  # noqa: S704 - drawn here from numbers

    @property
    def pulls(self) -> tuple[tuple[str, tuple[tuple[sentences.Pull, Markup], ...]], ...]:
        """What pulls up and what pulls down with a bar each, haircuts on the side on which they count."""
        lines = sentences.pulls(self.run)
        reach = max((abs(pull.points) for pull in lines), default=0.0) or 1.0
        strongest = [
            (pull, _pull_bar(pull, reach)) for pull in sorted(lines, key=lambda pull: (pull.haircut, -abs(pull.points)))
        ]
        return (
            ("Pulls up", tuple(pair for pair in strongest if pair[0].points > 0)),
            ("Pulls down", tuple(pair for pair in strongest if pair[0].points < 0)),
        )

    @property
    def remarks(self) -> list[str]:
        """Sentences of the engine that are no line of the attribution."""
        return sentences.remarks(self.run)

    @property
    def counted(self) -> list[Line]:
        """Lines of the attribution that print as something; the others are named beside them."""
        return counted(self.run)

    @property
    def uncounted(self) -> list[str]:
        """Names of the lines that add nothing."""
        return [line.line for line in self.run.recommendation.attribution if abs(line.points) < STILL_POINTS]

    @property
    def signals(self) -> tuple[tuple[str, list[Signal], tuple[Markup, ...]], ...]:
        """Signals in two groups: those that add points, and those that are watched."""
        return (
            ("In the forecast", drivers(self.run), self.bars["drivers"]),
            ("Watched, without points", watched(self.run), self.bars["watched"]),
        )

    @property
    def day(self) -> dt.date:
        """The trading day."""
        return self.run.as_of


def day_view(
    ledger: "Ledger", contents: "Contents", day: dt.date, *, advice: Advice | None, studies: Mapping[str, Study]
) -> DayView | None:
    """Everything about one recorded day; None where none is recorded."""
    if day not in contents.lines:
        return None
    entry = ledger.run_of(day)
    if entry is None:
        return None
    run = read_run(entry.payload)
    changed = _changed(ledger, contents, day, run)
    number = contents.days.index(day)
    newest = contents.days[-1]
    later = [entry for entry in contents.failures if entry.day > day] if day == newest else []
    return replace(
        _view(run, changed, studies, code=content_hash(entry.payload)[:CODE_DIGITS]),
        ledger_head=contents.head[1],
        advice=advice if advice is not None and advice.day == day else None,
        decisions=tuple(entry for entry in contents.decisions if entry.day == day),
        newest=newest,
        previous=contents.days[number - 1] if number else None,
        following=contents.days[number + 1] if number + 1 < len(contents.days) else None,
        trend=lambda: trend([contents.lines[d] for d in contents.days[: number + 1]], contents.decisions),
        failure=later[-1] if later else None,
    )


def study_view(run: Run, studies: Mapping[str, Study]) -> DayView:
    """Everything about a day that was worked out and not recorded: no decision, no change, no day beside it."""
    return _view(run, None, studies, code=content_hash(run_json(run))[:CODE_DIGITS])


def _view(run: Run, changed: Changes | None, studies: Mapping[str, Study], *, code: str) -> DayView:
    """What the run alone shows, without what the ledger adds."""
    day = run.as_of.isoformat()
    ranges, meetings = _meetings(run.fed_path)
    known_studies = {name: study for name, study in studies.items() if study.as_of <= day}  # no hindsight
    return DayView(
        run=run,
        code=code,
        ledger_head="",
        advice=None,
        decisions=(),
        changed=changed,
        newest=run.as_of,
        previous=None,
        following=None,
        ranges=ranges,
        meetings=meetings,
        bars=_bars(run, changed),
        trend=Markup,
        tables={**tables.of_run(run, changed), **tables.of_studies(known_studies, day)},
        studies=known_studies,
    )


def trend(lines: "Sequence[DayLine]", decisions: "Sequence[Entry]") -> Markup:
    """The recommended active weight through time, thinned to what a screen can show."""
    step = max(1, len(lines) // TREND_POINTS)
    thinned = [*lines[:-1:step], lines[-1]] if lines else []
    by_day = {line.day: line for line in lines}
    made = [entry for entry in decisions if entry.day in by_day and entry.payload["verdict"] != "defer"]
    if len(made) > MOST_MARKS:  # a dot a week for ten years is a carpet: only where the person differed
        made = [entry for entry in made if entry.payload["verdict"] != "accept"][-MOST_MARKS:]
    marks = [
        drawing.Mark(
            entry.day, 100 * entry.payload["target_weight"] + _policy(by_day[entry.day]), entry.payload["verdict"]
        )
        for entry in made
    ]
    days, points = [line.day for line in thinned], [line.active_weight_points for line in thinned]
    return Markup(drawing.tilt_path(days, points, marks))  # noqa: S704 - drawn here from numbers


def _policy(line: "DayLine") -> float:
    """What turns a weight in percent into active points."""
    return line.active_weight_points - 100 * line.target_weight


def score_path(close: Mapping[str, Any] | None) -> Markup:
    """The past of one signal's score; empty where it was not prepared."""
    known = [
        (dt.date.fromisoformat(one["date"]), one["score"])
        for one in (close or {}).get("history", ())
        if one["score"] is not None
    ]
    if not known:
        return Markup()
    days, scores = zip(*known, strict=True)
    drawn = drawing.tilt_path(days, scores, title="Score through time, standard deviations")
    return Markup(drawn)  # noqa: S704 - drawn here from numbers


def _changed(ledger: "Ledger", contents: "Contents", day: dt.date, run: Run) -> Changes | None:
    """Against the last answered advice before `day`, else against the run before."""
    answered = [entry.day for entry in contents.decisions if entry.day < day and entry.payload["verdict"] != "defer"]
    earlier = [known for known in contents.days if known < day]
    if not earlier:
        return None
    since = max(answered) if answered else earlier[-1]
    before = ledger.run_of(since)
    return changes(read_run(before.payload), run, anchor="review" if answered else "run") if before else None


def _bars(run: Run, changed: Changes | None) -> dict[str, tuple[Markup, ...]]:
    call = run.regime
    drawn = {
        "attribution": _waterfall(counted(run)),
        "changes": _waterfall(changed.moved) if changed else (),
        "drivers": drawing.score_bars([signal.score for signal in drivers(run)]),
        "watched": drawing.score_bars([signal.score for signal in watched(run)]),
        "now": drawing.share_bars([call.probabilities[phase] for phase in PHASES]),
        "ahead": drawing.share_bars([call.ahead_3m[phase] for phase in PHASES], tone="faint"),
    }
    return {name: tuple(Markup(bar) for bar in bars) for name, bars in drawn.items()}  # noqa: S704 - drawn here from numbers


def _waterfall(lines: Sequence[Line] | Sequence[Shift]) -> tuple[str, ...]:
    return drawing.waterfall([line.points for line in lines], [sentences.is_haircut(line.line) for line in lines])


def _pull_bar(pull: sentences.Pull, reach: float) -> Markup:
    tone = "cut" if pull.haircut else "up" if pull.points > 0 else "down"
    return Markup(drawing.span_bar(0.0, abs(pull.points), low=0.0, high=reach, tone=tone))  # noqa: S704 - drawn here from numbers


def drivers(run: Run) -> list[Signal]:
    """Signals that add points."""
    return [signal for signal in run.signals if signal.contribution_points]


def watched(run: Run) -> list[Signal]:
    """Signals that add none."""
    return [signal for signal in run.signals if not signal.contribution_points]


def counted(run: Run) -> list[Line]:
    """Lines of the attribution that print as something."""
    return [line for line in run.recommendation.attribution if abs(line.points) >= STILL_POINTS]


def _meetings(path: FedPath) -> tuple[tuple[str, ...], tuple[MeetingRow, ...]]:
    """Meetings over common target ranges, lowest first."""
    rows = path.meetings[:MEETINGS_SHOWN]
    likely = (p for row in rows for p in row.probabilities if p.probability >= LEAST_SHOWN)
    spans = sorted({(p.lower_bp, p.upper_bp) for p in likely})
    return tuple(_range(low, high) for low, high in spans), tuple(_meeting(path, row, spans) for row in rows)


def _meeting(path: FedPath, row: Meeting, spans: Sequence[tuple[float, float]]) -> MeetingRow:
    if row.status != "ok":
        return MeetingRow(row.date, row.reason or "refused", None, ())
    chance = {(p.lower_bp, p.upper_bp): p.probability for p in row.probabilities}
    cells = tuple(Cell(chance.get(span), round(SHADES * chance.get(span, 0.0))) for span in spans)
    change = None if row.end_rate is None or row.start_rate is None else 100 * (row.end_rate - row.start_rate)
    first = path.answered[0].start_rate
    moves = None if row.end_rate is None or first is None else 100 * (row.end_rate - first) / RANGE_BP
    return MeetingRow(row.date, "", change, cells, path.moves_at(row), moves)


def _range(low: float, high: float) -> str:
    return f"{low:.0f}" if low == high else f"{low:.0f}\N{EN DASH}{high:.0f}"
