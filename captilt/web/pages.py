"""The pages a person reads, and the two forms a person sends: holdings and a decision."""

import datetime as dt
from importlib.metadata import version
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from captilt.metrics import CONTENT_TYPE, metrics_text
from captilt.review import tables
from captilt.review.book_file import open_book, uploaded_book
from captilt.review.day_view import score_path
from captilt.review.decisions import Answer, NeedsConfirmation, decide, read_weight
from captilt.review.order_sheet import orders_csv, orders_workbook
from captilt.review.orders import book_holdings, orders_for
from captilt.web.calendar_feed import feed
from captilt.web.dependencies import IsoDay, Room, ThisRoom, ThisSession
from captilt.web.request_guard import in_place
from captilt.web.templating import assets, render
from signals.errors import InputError

VERSION = version("captilt")
PAGE_ROWS = 40  # recorded days on one page of the history
CSV_DAYS = 5_000  # of the history's CSV twin

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/healthz")
def healthz(room: ThisRoom) -> Response:
    """Alive, and able to read the book."""
    head = room.desk.ledger.head()
    return _json({"schema": 1, "status": "ok", "entries": head.seq if head else 0})


@router.get("/metrics")
def metrics(room: ThisRoom) -> Response:
    """Last run, age of data, unsent alerts, ledger head and durations, for Prometheus."""
    return Response(metrics_text(room.desk), media_type=CONTENT_TYPE)


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
    reading = next((one for one in view.run.signals if one.name == name), None)
    if reading is None:
        raise HTTPException(404, f"No signal of that name was read on {day}.")
    part = "signal_opened.html" if in_place(request) else "signal.html"
    study = view.studies.get("signals")
    close = next((one for one in study.result["rows"] if one["name"] == name), None) if study else None
    charts = study.charts if study else {}
    past, decay = charts.get(name) or score_path(close), charts.get(f"{name} decay")
    return render(part, view=view, signal=reading, close=close, past=past, decay=decay, page="review")


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


@router.get("/calendar.ics")
def calendar(room: ThisRoom) -> Response:
    """Dates that can change the call, of the newest run, for a calendar program."""
    view = room.day(None)
    if view is None:
        raise HTTPException(404, "No run is recorded yet.")
    return Response(feed(view.run), media_type="text/calendar; charset=utf-8")


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
def record_page(room: ThisRoom) -> str:
    """The walk-forward record in pictures."""
    return render("walked.html", page="review", walked=room.cabinet.studies().get("backtest"))


@router.get("/rebalance")
def rebalance_form(room: ThisRoom, session: ThisSession) -> str:
    """Where holdings are given; the books of the settings are worked out already."""
    view = room.day(None)
    return render(
        "rebalance.html",
        page="rebalance",
        view=view,
        token=session.form_token,
        books=_settings_books(room, view),
        fault=None,
        unread=None,
        text="",
        decimal="",
    )


def _settings_books(room: Room, view: Any) -> list[tuple[str, Any, InputError | None]]:
    """Each book of the settings: its name, and its orders or why it has none."""
    if view is None:
        return []
    worked: list[tuple[str, Any, InputError | None]] = []
    for name in room.desk.settings.books:
        try:
            file = open_book(room.desk.settings, name)
            holdings = book_holdings(room.desk, view.run, file)
            worked.append((name, orders_for(room.desk, view.run, holdings, file), None))
        except InputError as error:
            worked.append((name, None, error))
    return worked


@router.post("/rebalance")
def rebalance(
    room: ThisRoom,
    session: ThisSession,
    token: Annotated[str, Form()],
    text: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
    decimal: Annotated[Literal["", "point", "comma"], Form()] = "",
    download: Annotated[Literal["", "csv", "xlsx"], Form()] = "",
) -> Response:
    """Work out the orders for the holdings given; nothing is kept."""
    _ours(room, session, token)
    view = room.day(None)
    raw: bytes | str = file.file.read() if file is not None and file.filename else text
    orders = fault = unread = None
    try:
        if view is not None:
            sent = uploaded_book(room.desk.settings, raw, decimal=decimal)
            unread = book_holdings(room.desk, view.run, sent)
            orders = orders_for(room.desk, view.run, unread, sent)
    except InputError as refused:
        fault = refused
    if orders is not None and view is not None and download:
        return _order_file(orders, download, str(view.day))
    shown = text if isinstance(raw, str) else ""
    page = render(
        "rebalance.html",
        page="rebalance",
        view=view,
        token=token,
        books=[("", orders, None)] if orders else [],
        fault=fault,
        unread=unread if fault else None,
        text=shown[:20_000],
        decimal=decimal,
    )
    return HTMLResponse(page, 422 if fault else 200)


def _order_file(orders: Any, kind: str, day: str) -> Response:
    if kind == "csv":
        content, media = orders_csv(orders.result, book=orders.name, day=day), "text/csv"
    else:
        content = orders_workbook(orders.holdings, orders.result, book=orders.name, day=day)
        media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = f"captilt-orders-{day}.{kind}"
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/decide")
def decision(  # noqa: PLR0913, PLR0917 - the fields of one form
    room: ThisRoom,
    session: ThisSession,
    token: Annotated[str, Form()],
    code: Annotated[str, Form()],
    seen: Annotated[int, Form()],
    verdict: Annotated[str, Form()],
    who: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    weight: Annotated[str, Form()] = "",
    confirmed: Annotated[str, Form()] = "",
) -> Response:
    """Write a decision into the book, then show the day again; an unusual one is asked about first."""
    _ours(room, session, token)
    target = read_weight(weight) if verdict == "modify" else None
    answer = Answer(verdict, code, who, note, target, seen, by="page", confirmed=confirmed == "yes")  # type: ignore[arg-type] - checked by Answer
    try:
        entry = decide(room.desk, answer)
    except NeedsConfirmation as question:
        fields = {"code": code, "seen": seen, "verdict": verdict, "who": who, "note": note, "weight": weight}
        page = render("confirm.html", page="review", token=token, questions=question.questions, fields=fields)
        return HTMLResponse(page, 409)
    return RedirectResponse(f"/day/{entry.day}#decision", 303)


@router.get("/login")
def login_form(session: ThisSession, then: str = "/") -> str:
    """Where the login token is shown."""
    return render("login.html", page="login", token=session.form_token, then=_inside(then), fault="")


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
    if wait := room.login.wait_seconds(address):
        page = render(
            "login.html",
            page="login",
            token=token,
            then=_inside(then),
            fault=f"Too many wrong tokens. Wait {wait} seconds.",
        )
        return HTMLResponse(page, 429, {"Retry-After": str(wait)})
    if not room.login.accepts(secret, address):
        page = render("login.html", page="login", token=token, then=_inside(then), fault="That is not the token.")
        return HTMLResponse(page, 401)
    room.login.log_in(request.session)
    return RedirectResponse(_inside(then), 303)


@router.get("/logout")
def logout_form(session: ThisSession) -> str:
    """Asks before it logs out, since a link alone must change nothing."""
    return render("logout.html", page="logout", token=session.form_token)


@router.post("/logout")
def logout(request: Request, room: ThisRoom, session: ThisSession, token: Annotated[str, Form()]) -> Response:
    """End the session, also for a copy of its cookie."""
    _ours(room, session, token)
    room.login.log_out(session, request.session)
    return RedirectResponse("/login", 303)


def _day_page(room: Room, session: Any, day: dt.date | None) -> str:
    view = room.day(day)
    if view is None:
        return render("empty.html", page="review")
    return render("day.html", page="review", view=view, token=session.form_token, sections=room.sections(view))


def _view(room: Room, day: dt.date) -> Any:
    view = room.day(day)
    if view is None:
        raise HTTPException(404, "No run is recorded yet.")
    return view


def _ours(room: Room, session: Any, token: str) -> None:
    if not room.login.owns_form(session, token):
        raise HTTPException(
            403, "This form was not made for your browser, or the server has restarted. Load the page again."
        )


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
