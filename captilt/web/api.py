"""The read-only API: what the book holds, with the same numbers as the command line's ``--json``."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from captilt.contract.record import SCHEMA
from captilt.review import tables
from captilt.review.decisions import advice_json
from captilt.web.dependencies import IsoDay, Room, ThisRoom
from signals.calendars import FIRST_YEAR, LAST_YEAR

MOST_ROWS = 1_000  # of one answer


class Fault(BaseModel):
    """What went wrong, and what to do."""

    code: str
    message: str
    remedy: str


class Versioned(BaseModel):
    """Every object of the contract says its version, under a name that pydantic keeps for itself."""

    model_config = ConfigDict(populate_by_name=True)
    version: int = Field(default=SCHEMA, alias="schema")


class Failure(Versioned):
    """The failure object of every answer that is none."""

    error: Fault


class Rows(Versioned):
    """A list of records."""

    rows: list[dict[str, Any]]


MISSING: dict[int | str, dict[str, Any]] = {
    404: {"model": Failure, "description": "Nothing is recorded under that name."},
    422: {"model": Failure, "description": "The request is not understood."},
    **{status: {"model": Failure, "description": "Refused by the guard."} for status in (400, 401, 403, 413, 429)},
}
router = APIRouter(prefix="/api", responses=MISSING, tags=["record"])

Day = Annotated[IsoDay, Path(description="A trading day, YYYY-MM-DD.")]
Many = Annotated[int, Query(ge=1, le=MOST_ROWS, description="At most so many rows, newest first.")]
Before = Annotated[IsoDay | None, Query(description="Only days before this one.")]


@router.get("/run")
def newest_run(room: ThisRoom) -> dict[str, Any]:
    """The newest run: as `captilt run --json` printed it."""
    return _run(room, None)


@router.get("/run/{day}")
def run_of_day(room: ThisRoom, day: Day) -> dict[str, Any]:
    """The run of one recorded day."""
    return _run(room, day)


@router.get("/run/{day}/table/{name}")
def table_of_day(room: ThisRoom, day: Day, name: str) -> dict[str, Any]:
    """One table of a recorded day, as rows."""
    view = room.day(_possible(day))
    if view is None or name not in view.tables:
        raise HTTPException(404, f"No table of that name is recorded for {day}.")
    return {"schema": SCHEMA, "as_of": day, **view.tables[name].as_rows()}


@router.get("/advice")
def advice(room: ThisRoom) -> dict[str, Any]:
    """What can be decided now: as `captilt review show --json`."""
    newest = room.advice()
    if newest is None:
        raise HTTPException(404, "The ledger holds no advice yet.")
    return {"schema": SCHEMA, **advice_json(newest)}


@router.get("/history")
def history(room: ThisRoom, limit: Many = 60, before: Before = None) -> Rows:
    """Recorded days, newest first."""
    contents = room.contents()
    days = [day for day in reversed(contents.days) if before is None or day < before][:limit]
    listed = tables.of_history([contents.lines[day] for day in days], contents.decided)
    return Rows(rows=listed.as_rows()["rows"])


@router.get("/decisions")
def decisions(room: ThisRoom, limit: Many = 60) -> Rows:
    """Decisions, newest first: the rows of `captilt review list --json`."""
    listed = tables.of_decisions(room.contents().decisions[::-1][:limit])
    return Rows(rows=listed.as_rows()["rows"])


@router.get("/outcomes")
def outcomes(room: ThisRoom, limit: Many = 60) -> Rows:
    """Scored forecasts and decisions, newest first."""
    entries = room.contents().outcomes[::-1][:limit]
    return Rows(rows=[{"seq": entry.seq, "day": entry.day.isoformat(), **entry.payload} for entry in entries])


@router.get("/study/{name}")
def study(room: ThisRoom, name: str) -> dict[str, Any]:
    """One prepared study (claims, backtest, ...), as its command's ``--json``."""
    studies = room.cabinet.studies()
    if name not in studies:
        raise HTTPException(404, f"That study has not been prepared. Prepared: {', '.join(studies) or 'none'}.")
    return {"schema": SCHEMA, "as_of": studies[name].as_of, **studies[name].result}


def _run(room: Room, day: dt.date | None) -> dict[str, Any]:
    contents = room.contents()
    wanted_day = _possible(day) if day else next(reversed(contents.days), None)
    entry = room.desk.ledger.run_of(wanted_day) if wanted_day else None
    if entry is None:
        raise HTTPException(404, f"No run is recorded{f' for {wanted_day}' if wanted_day else ' yet'}.")
    return entry.payload


def _possible(day: dt.date) -> dt.date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise HTTPException(404, f"No run is recorded for {day}.")
    return day
