"""The report: one HTML file that needs nothing from outside, with the tables behind it as CSV and JSON.

It is the review page of one day, without forms, with its style and typeface inside. Printed, it
is a document for a committee. The monthly report lists a month's advice, decisions and outcomes.
"""

import base64
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup

from captilt.output_file import write_output
from captilt.review import tables
from captilt.review.day_view import DayView, day_view, study_view, trend
from captilt.review.study_store import Cabinet, Study
from captilt.review.tables import Table
from captilt.run.packaged_sample import unrecorded_run
from captilt.terminal.console import as_json
from captilt.web.templating import assets, render
from signals.errors import UsageError

if TYPE_CHECKING:
    from captilt.context import Desk
    from captilt.review.run_index import Contents

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_FONT = re.compile(r'url\("([a-z]+\.woff2)"\)')


@dataclass(frozen=True, slots=True)
class ReportLinks:
    """Links of a file: tables travel inside it, signals are not followed, studies stand in the folder beside it."""

    open: bool = True  # paper cannot be clicked
    live: bool = False  # nor does a server answer

    def table(self, view: DayView, name: str, kind: str) -> str:
        """The CSV or JSON twin, inside the file."""
        return inside(view.tables[name], kind)

    def signal(self, view: DayView, name: str) -> str:  # noqa: ARG002 - the page's links take the same
        """The line of the signal in its table."""
        return "#signals"


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the book.

    Attributes
    ----------
    name : str
        YYYY-MM.
    lines : tuple of Line
        Recorded days.
    decisions : tuple of Entry
        On the advice of its days.
    """

    name: str
    lines: tuple[Any, ...]
    decisions: tuple[Any, ...]


def html(view: DayView) -> str:
    """The report of one recorded day."""
    return render("report.html", view=view, links=ReportLinks(), style=style())


def shown_day(desk: "Desk", day: dt.date | None) -> "tuple[DayView, Contents]":
    """One day, the newest recorded where none is asked for, a study where none is recorded; and the book's contents.

    Raises
    ------
    UsageError
        Where nothing is recorded, no day is named, and data are held.
    """
    from captilt.review.decisions import current
    from captilt.review.run_index import RunIndex

    contents = RunIndex(desk.ledger).contents()
    advice = current(desk.ledger, desk.clock(), desk.settings.review.valid_days)
    shown, studies = day or max(contents.days, default=None), Cabinet(desk.home).studies()
    view = day_view(desk.ledger, contents, shown, advice=advice, studies=studies) if shown else None
    if view is None:
        view = study_view(unrecorded_run(desk, day), studies)
    return view, contents


def day_report(desk: "Desk", day: dt.date | None) -> tuple[str, dict[str, Table], Mapping[str, Study]]:
    """HTML, tables and studies of one day (see `shown_day`)."""
    view, contents = shown_day(desk, day)
    history = tables.of_history([contents.lines[one] for one in contents.days if one <= view.day], contents.decided)
    listed = {**view.tables, "history": history, "decisions": tables.of_decisions(contents.decisions)}
    return html(view), listed, view.studies


def month_report(desk: "Desk", month: str) -> tuple[str, dict[str, Table], Mapping[str, Study]]:
    """HTML and tables of one month, which has no studies: what was advised, decided, and what came of it.

    Raises
    ------
    UsageError
        For a month in which nothing is recorded.
    """
    from captilt.review.run_index import RunIndex

    if not _MONTH.fullmatch(month):
        raise UsageError(f"'{month}' is no month.", remedy="Write it as YYYY-MM.")
    contents = RunIndex(desk.ledger).contents()
    contents_of_month = of_month(contents, month)
    if not contents_of_month.lines:
        raise UsageError(f"nothing is recorded in {month}.", remedy="Name a month as YYYY-MM in which the desk ran.")
    came = outcome_of(desk, month)
    listed = {
        "history": tables.of_history(contents_of_month.lines, contents.decided),
        "decisions": tables.of_decisions(contents_of_month.decisions),
        **(tables.of_month(came) if came else {}),
    }
    drawn = trend(contents_of_month.lines, contents_of_month.decisions)
    links = {f"{name}.{kind}": inside(one, kind) for name, one in listed.items() for kind in ("csv", "json")}
    page = render("month.html", month=contents_of_month, trend=drawn, style=style(), twins=links, came=came)
    return page, listed, {}


def outcome_of(desk: "Desk", month: str) -> dict[str, Any] | None:
    """What came of a month, scored on the facts known at its last cut that has passed; None without any data."""
    import numpy as np

    from allocator.outcomes import Advised, Decided, Outcome, monthly_report, paper_portfolios, scored
    from signals.calendars import cut, session_on_or_before

    if not desk.store.holds_market_data():
        return None
    last = (np.datetime64(month, "M") + 1).astype("datetime64[D]").item() - dt.timedelta(days=1)
    moment = min(cut(session_on_or_before(last)), desk.cut_of(None))
    entries = [entry for day in sorted(desk.ledger.run_days()) if day <= last and (entry := desk.ledger.run_of(day))]
    runs = [entry.payload for entry in entries]
    view = desk.store.as_of(moment)
    recorded = [Outcome.of(entry.payload) for entry in desk.ledger.entries("outcome")]
    known = {(one.day, one.kind) for one in recorded}
    outcomes = [*recorded, *(one for one in scored(runs, view) if (one.day, one.kind) not in known)]
    advised = [Advised.of(entry.payload["recommendation"], entry.day) for entry in entries]
    made = [Decided.of(entry.payload, entry.recorded_at) for entry in desk.ledger.decisions(moment)]
    ran = paper_portfolios(advised, made, view, desk.settings.judgement)
    return monthly_report(np.datetime64(month, "M"), runs, outcomes, ran)


def of_month(contents: "Contents", month: str) -> Month:
    """The part of the book that belongs to a month."""

    def inside_month(items: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(item for item in items if item.day.isoformat().startswith(f"{month}-"))

    return Month(month, inside_month(contents.lines.values()), inside_month(contents.decisions))


def write(
    out: Path, page: str, listed: Mapping[str, Table], studies: Mapping[str, Study] = MappingProxyType({})
) -> list[Path]:
    """The file, and a folder beside it with the CSV and JSON twin of every table and each study whole as JSON."""
    folder = out.with_name(f"{out.stem}-tables")
    write_output(out, page)
    for name, one in listed.items():
        write_output(folder / f"{name}.csv", one.as_csv())
        write_output(folder / f"{name}.json", as_json(one.as_rows()) + "\n")
    for name, study in studies.items():
        whole = {"schema": 1, "as_of": study.as_of, **study.result}
        write_output(folder / f"study-{name}.json", as_json(whole) + "\n")
    return [out, folder]


def inside(one: Table, kind: str) -> str:
    """A table as a link that carries it."""
    text = one.as_csv() if kind == "csv" else as_json(one.as_rows())
    return f"data:{'text/csv' if kind == 'csv' else 'application/json'};charset=utf-8,{quote(text)}"


@cache
def style() -> Markup:
    """The page's style sheet with its typefaces inside."""

    def embedded(match: re.Match[str]) -> str:
        return f'url("data:font/woff2;base64,{base64.b64encode(assets()[match.group(1)].content).decode()}")'

    return Markup(_FONT.sub(embedded, assets()["page.css"].content.decode()))  # noqa: S704 - our own file
