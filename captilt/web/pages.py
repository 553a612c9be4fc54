"""The pages a person reads, and the two forms a person sends: holdings and a decision."""

import datetime as dt
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from captilt.review import tables
from captilt.review.day_view import score_path
from captilt.review.decisions import Answer, decide
from captilt.review.orders import holdings_of, work_out
from captilt.web.dependencies import IsoDay, Room, ThisRoom, ThisSession
from captilt.web.request_guard import in_place
from captilt.web.templating import assets, render
from signals.errors import InputError, UsageError

VERSION = version("captilt")
PAGE_ROWS = 40  # recorded days on one page of the history
CSV_DAYS = 5_000  # of the history's CSV twin

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/healthz")
def healthz(room: ThisRoom) -> Response:
    """Alive, and able to read the book."""
    head = room.desk.ledger.head()
    return _json({"schema": 1, "status": "ok", "entries": head.seq if head else 0})


@router.get("/version")
def running_version() -> Response:
    """Version of this server."""
    return _json({"schema": 1, "name": "captilt", "version": VERSION})


@router.get("/static/{name}")
def static(name: str) -> Response:
    """One of the files that ship with the page."""
    asset = assets().get(name)
    if asset is None:
        raise HTTPException(404, "There is no such file.")
    return Response(
        asset.content, media_type=asset.media_type, headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


@router.get("/")
def newest(room: ThisRoom, session: ThisSession) -> str:
    """The newest advice."""
    return _day_page(room, session, None)


@router.get("/day/{day}")
def recorded(room: ThisRoom, session: ThisSession, day: IsoDay) -> str:
    """Any recorded day."""
    return _day_page(room, session, day)


@router.get("/day/{day}/signal/{name}")
def signal(request: Request, room: ThisRoom, day: IsoDay, name: str) -> str:
    """One signal of one day, with its evidence and its recent past."""
    view = _view(room, day)
    found = next((one for one in view.run.signals if one.name == name), None)
    if found is None:
        raise HTTPException(404, f"No signal of that name was read on {day}.")
    part = "signal_opened.html" if in_place(request) else "signal.html"
    study = view.studies.get("signals")
    close = next((one for one in study.result["rows"] if one["name"] == name), None) if study else None
    charts = study.charts if study else {}
    past, decay = charts.get(name) or score_path(close), charts.get(f"{name} decay")
    return render(part, view=view, signal=found, close=close, past=past, decay=decay, page="review")


@router.get("/day/{day}/table/{file}")
def twin(room: ThisRoom, day: IsoDay, file: str) -> Response:
    """The CSV or JSON twin of one table of one day."""
    name, _, kind = file.rpartition(".")
    view = _view(room, day)
    return _twin(view.tables.get(name), kind, f"captilt-{day}-{name}")


@router.get("/day/{day}/report")
def report(room: ThisRoom, day: IsoDay) -> Response:
    """The day as one self-contained file."""
    from captilt.web.report import html

    name = f"captilt-{day}.html"
    return HTMLResponse(html(_view(room, day)), headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/history")
def history(
    request: Request,
    room: ThisRoom,
    before: Annotated[IsoDay | None, Query()] = None,
    day: Annotated[IsoDay | None, Query()] = None,
) -> Response:
    """Recorded days, newest first, and a way to any of them."""
    contents = room.contents()
    if day is not None:
        known = [one for one in contents.days if one <= day]
        return RedirectResponse(f"/day/{known[-1] if known else day}", 303)
    older = [one for one in reversed(contents.days) if before is None or one < before]
    shown = [contents.lines[one] for one in older[:PAGE_ROWS]]
    rest = older[PAGE_ROWS:]
    return HTMLResponse(
        render(
            "history_part.html" if in_place(request) else "history.html",
            page="history",
            contents=contents,
            lines=shown,
            trend="" if in_place(request) else room.trend(),
            decided=contents.decided,
            before=before,
            more=shown[-1].day if rest else None,
        )
    )


@router.get("/history.{kind}")
def history_twin(room: ThisRoom, kind: str) -> Response:
    """The CSV or JSON twin of the history."""
    contents = room.contents()
    days = contents.days[-CSV_DAYS:]
    return _twin(tables.of_history([contents.lines[day] for day in days], contents.decided), kind, "captilt-history")


@router.get("/decisions.{kind}")
def decisions_twin(room: ThisRoom, kind: str) -> Response:
    """The CSV or JSON twin of the decisions."""
    return _twin(tables.of_decisions(room.contents().decisions), kind, "captilt-decisions")


@router.get("/claims")
def claims(room: ThisRoom) -> str:
    """Every claim with its test."""
    return render("claims.html", page="claims", study=room.cabinet.studies().get("claims"))


@router.get("/record")
def record(room: ThisRoom) -> str:
    """The walk-forward record in pictures."""
    return render("walked.html", page="review", walked=room.cabinet.studies().get("backtest"))


@router.get("/rebalance")
def rebalance_form(room: ThisRoom, session: ThisSession) -> str:
    """Where holdings are given."""
    return render(
        "rebalance.html",
        page="rebalance",
        view=room.day(None),
        token=room.door.form_token(session),
        result=None,
        fault=None,
        text="",
    )


@router.post("/rebalance")
def rebalance(
    room: ThisRoom,
    session: ThisSession,
    token: Annotated[str, Form()],
    text: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Work out the trade for the holdings given; nothing is kept."""
    _ours(room, session, token)
    view = room.day(None)
    given: bytes | str = file.file.read() if file is not None and file.filename else text
    result = fault = None
    try:
        if view is not None:
            result = work_out(view.run, holdings_of(room.desk, view.run, given), room.desk.settings)
    except InputError as refused:
        fault = refused
    shown = text if isinstance(given, str) else given.decode("utf-8", "replace")
    page = render(
        "rebalance.html", page="rebalance", view=view, token=token, result=result, fault=fault, text=shown[:20_000]
    )
    return HTMLResponse(page, 422 if fault else 200)


@router.post("/decide")
def decision(
    room: ThisRoom,
    session: ThisSession,
    token: Annotated[str, Form()],
    code: Annotated[str, Form()],
    seen: Annotated[int, Form()],
    verdict: Annotated[str, Form()],
    who: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    weight: Annotated[str, Form()] = "",
) -> Response:
    """Write a decision into the book, then show the day again."""
    _ours(room, session, token)
    target = _weight(weight) if verdict == "modify" else None
    answer = Answer(verdict, code, who, note, target, seen, by="page")  # type: ignore[arg-type] - checked by Answer
    entry = decide(room.desk, answer)
    return RedirectResponse(f"/day/{entry.day}#decision", 303)


@router.get("/login")
def login_form(room: ThisRoom, session: ThisSession, then: str = "/") -> str:
    """Where the login token is shown."""
    return render("login.html", page="login", token=room.door.form_token(session), then=_inside(then), fault="")


@router.post("/login")
def login(
    request: Request,
    room: ThisRoom,
    session: ThisSession,
    token: Annotated[str, Form()],
    secret: Annotated[str, Form()],
    then: Annotated[str, Form()] = "/",
) -> Response:
    """Check the login token; five wrong ones lock the address out for a while."""
    _ours(room, session, token)
    address = request.client.host if request.client else ""
    if wait := room.door.wait_seconds(address):
        page = render(
            "login.html",
            page="login",
            token=token,
            then=_inside(then),
            fault=f"Too many wrong tokens. Wait {wait} seconds.",
        )
        return HTMLResponse(page, 429, {"Retry-After": str(wait)})
    if not room.door.opens(secret, address):
        page = render("login.html", page="login", token=token, then=_inside(then), fault="That is not the token.")
        return HTMLResponse(page, 401)
    answer = RedirectResponse(_inside(then), 303)
    answer.headers["Set-Cookie"] = room.door.cookie(room.door.logged_in(), secure=request.url.scheme == "https")
    return answer


def _day_page(room: Room, session: Any, day: dt.date | None) -> str:
    view = room.day(day)
    if view is None:
        return render("empty.html", page="review")
    return render(
        "day.html", page="review", view=view, token=room.door.form_token(session), sections=room.sections(view)
    )


def _view(room: Room, day: dt.date) -> Any:
    view = room.day(day)
    if view is None:
        raise HTTPException(404, "No run is recorded yet.")
    return view


def _ours(room: Room, session: Any, token: str) -> None:
    if not room.door.form_is_ours(session, token):
        raise HTTPException(
            403, "This form was not made for your browser, or the server has restarted. Load the page again."
        )


def _weight(word: str) -> float:
    """A weight typed in percent, as 0 to 1."""
    try:
        return float(word.strip().removesuffix("%").replace(",", ".")) / 100
    except ValueError:
        raise UsageError(
            f"'{word[:20]}' is not a weight.", remedy="Give the weight in percent, for example 17.5."
        ) from None


def _inside(then: str) -> str:
    """A path of this page; anything that could lead elsewhere becomes the first page."""
    return (
        then
        if then.startswith("/") and not then.startswith(("//", "/\\")) and "\n" not in then and "\r" not in then
        else "/"
    )


def _twin(table: tables.Table | None, kind: str, name: str) -> Response:
    if table is None or kind not in ("csv", "json"):
        raise HTTPException(404, "There is no such table.")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    if kind == "csv":
        return Response(table.as_csv(), media_type="text/csv", headers=headers)
    return _json({"schema": 1, **table.as_rows()}, headers)


def _json(value: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    from captilt.terminal.console import as_json

    return Response(as_json(value), media_type="application/json", headers=headers)
