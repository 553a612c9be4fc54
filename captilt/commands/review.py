"""`captilt review`: the page, and its twins on the terminal."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from captilt.context import Common, Desk

if TYPE_CHECKING:
    from rich.table import Table

    from captilt.review.decisions import Advice, Answer, Verdict
    from captilt.review.orders import BookOrders

Who = Annotated[str, Parameter(help="Who decides; the login name where not given.")]
Note = Annotated[str, Parameter(help="Why; kept in the ledger.")]
Yes = Annotated[bool, Parameter(help="Go on where a question would be asked (for scripts).", negative="")]
File = Annotated[str | None, Parameter(help="A holdings file, or a book of the settings: shows its orders too.")]
Out = Annotated[Path | None, Parameter(help="Write that book's orders to this .csv or .xlsx file.", alias="--xlsx")]
LISTED = 20  # rows of a list on one screen
DONE = {"accept": "Accepted", "modify": "Modified", "reject": "Rejected", "defer": "Deferred"}


def serve(
    *,
    host: Annotated[str | None, Parameter(help="Address; another than loopback needs a login token.")] = None,
    port: Annotated[int | None, Parameter(help="Port; 0 for any free one.")] = None,
    prepare: Annotated[
        bool, Parameter(help="Prepare claims and studies in the background.", negative="--no-prepare")
    ] = True,
    common: Common = Common(),
) -> None:
    """Serve the review page until Ctrl-C."""
    from captilt.web.server import serve as run

    run(Desk.open(common), host=host, port=port, prepare=prepare)


def list_(*, common: Common = Common()) -> None:
    """Advice and decisions, newest first."""
    from captilt.review import tables
    from captilt.review.decisions import FIRST_RUN
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    made = tables.of_decisions(desk.ledger.decisions()[::-1])
    if common.json:
        print_json({"rows": made.as_rows()["rows"]})
        return
    face = console()
    advice = _newest(desk)
    face.print(_status(advice) if advice else f"No advice is recorded yet. {FIRST_RUN}", markup=False)
    if made.rows:
        face.print(_decisions(made.as_rows()["rows"][:LISTED]))


def show(
    code: Annotated[str, Parameter(help="Advice of any recorded day; the newest where left out.")] = "",
    *,
    holdings: File = None,
    out: Out = None,
    common: Common = Common(),
) -> None:
    """One piece of advice with its decisions, and the code that a decision must name; a day without one is studied."""
    from captilt.review.decisions import advice_json
    from captilt.terminal.console import console, print_json
    from captilt.terminal.run import run_screen

    desk = Desk.open(common)
    advice = _advice(desk, code, common.as_of)
    book = _book_orders(desk, advice.run, holdings) if holdings else None
    if out is not None:
        _write(out, book, advice)
    if common.json:
        print_json({**advice_json(advice), **({"rebalance": _plain(book)} if book else {})})
        return
    face = console()
    face.print(run_screen(advice.run, face.width))
    if book:
        face.print()
        face.print(_book_screen(advice, book))
    face.print(_status(advice), markup=False)


def books(
    *,
    out: Annotated[Path | None, Parameter(help="Write one order workbook a book into this folder.")] = None,
    common: Common = Common(),
) -> None:
    """Orders of every book of the settings side by side, each with its own policy weight."""
    from captilt.terminal.console import console, print_json
    from signals.errors import CaptiltError, UsageError

    desk = Desk.open(common)
    advice = _advice(desk, "", common.as_of)
    if not desk.settings.books:
        raise UsageError("the settings name no book.", remedy='Add [books.NAME] with file = "..." to the settings.')
    worked: dict[str, BookOrders | CaptiltError] = {}
    for name in desk.settings.books:
        try:
            worked[name] = _book_orders(desk, advice.run, name)
        except CaptiltError as error:
            worked[name] = error
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, book in worked.items():
            if not isinstance(book, CaptiltError):
                _write(out / f"{name}.xlsx", book, advice)
    if common.json:
        rows = [
            {"book": name, "error": book.message, "rebalance": None}
            if isinstance(book, CaptiltError)
            else {"book": name, "error": None, "rebalance": _plain(book)}
            for name, book in worked.items()
        ]
        print_json({"as_of": advice.day, "code": advice.code, "rows": rows})
        return
    face = console()
    for name, book in worked.items():
        face.print(f"{name}: {book}" if isinstance(book, CaptiltError) else _book_screen(advice, book), markup=False)
        face.print()


def accept(code: str, *, who: Who = "", note: Note = "", yes: Yes = False, common: Common = Common()) -> None:
    """Accept the advice named by CODE (`captilt review show` prints it)."""
    _answer("accept", code, who, note, common, yes=yes)


def modify(
    code: str,
    *,
    weight: Annotated[str, Parameter(help="Weight of small caps to hold instead, in percent: 17.5, or 0.5%.")],
    who: Who = "",
    note: Note = "",
    yes: Yes = False,
    common: Common = Common(),
) -> None:
    """Accept the advice named by CODE with another weight."""
    from captilt.review.decisions import read_weight

    _answer("modify", code, who, note, common, weight=read_weight(weight), yes=yes)


def reject(code: str, *, who: Who = "", note: Note = "", yes: Yes = False, common: Common = Common()) -> None:
    """Reject the advice named by CODE: the weight held stays."""
    _answer("reject", code, who, note, common, yes=yes)


def defer(code: str, *, who: Who = "", note: Note = "", yes: Yes = False, common: Common = Common()) -> None:
    """Decide later on the advice named by CODE."""
    _answer("defer", code, who, note, common, yes=yes)


def undo(code: str, *, who: Who = "", note: Note = "", common: Common = Common()) -> None:
    """Take back the last decision on CODE: a new entry puts the weight from before back in force."""
    from captilt.review.decisions import in_words
    from signals.errors import UsageError

    desk = Desk.open(common)
    last = _advice(desk, code).decisions
    if not last or last[-1].payload["verdict"] == "defer":
        raise UsageError("there is no decision to take back. Nothing was written.", remedy="See `captilt review list`.")
    reason = f"takes back entry {last[-1].seq}, {in_words(last[-1])}"
    _answer("defer", code, who, f"{reason}. {note}".strip(), common, yes=True)


def _answer(
    verdict: "Verdict",
    code: str,
    who: str,
    note: str,
    common: Common,
    *,
    weight: float | None = None,
    yes: bool,
) -> None:
    import getpass

    from captilt.review.decisions import Answer
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    newest = _newest(desk)
    shown = newest.last_decision if newest else None
    answer = Answer(verdict, code, who or getpass.getuser(), note, weight, shown, confirmed=yes)
    entry = _decided(desk, answer, quiet=common.json)
    if common.json:
        print_json({"seq": entry.seq, **entry.payload})
        return
    payload = entry.payload
    in_force = desk.ledger.held_weight(desk.clock())
    held_weight: float = payload["held_weight"] if in_force is None else in_force
    console().print(
        f"{DONE[verdict]} by {payload['who']}: hold {100 * held_weight:.1f} % (entry {entry.seq}).", markup=False
    )


def _decided(desk: Desk, answer: "Answer", *, quiet: bool) -> Any:
    """Write the answer; on a terminal a person is asked where it is unusual, a script is refused."""
    import sys
    from dataclasses import replace

    from captilt.review.decisions import NeedsConfirmation, decide
    from captilt.terminal.console import console

    try:
        return decide(desk, answer)
    except NeedsConfirmation as question:
        if quiet or not sys.stdin.isatty():
            raise
        console().print("\n".join(question.questions), markup=False)
        if input("Is that what you mean? [y/N] ").strip().lower() not in ("y", "yes"):
            raise
    return decide(desk, replace(answer, confirmed=True))


def _newest(desk: Desk) -> "Advice | None":
    from captilt.review.decisions import current

    return current(desk.ledger, desk.clock(), desk.settings.review.valid_days)


def _advice(desk: Desk, code: str, day: dt.date | None = None) -> "Advice":
    """The advice of a code or a day, else the newest; a study where none is recorded."""
    from captilt.review.decisions import find_advice, of_day, study_advice
    from captilt.run.packaged_sample import unrecorded_run

    valid_days = desk.settings.review.valid_days
    if code:
        return find_advice(desk.ledger, code, desk.clock(), valid_days)
    recorded = of_day(desk.ledger, day, desk.clock(), valid_days) if day else _newest(desk)
    return recorded or study_advice(unrecorded_run(desk, day))


def _status(advice: "Advice") -> str:
    from captilt.review.decisions import in_words

    if advice.run.study:
        return f"A study of {advice.day}: it is not recorded, so there is nothing to decide."
    last = "nobody has answered"
    if advice.decisions:
        latest = advice.decisions[-1]
        deferred = latest.payload["verdict"] == "defer"
        last = f"deferred by {latest.payload['who']}" if deferred else f"in force: {in_words(latest)}"
    left = f"{advice.sessions_left} sessions left" if advice.sessions_left else "expired"
    return f"Advice {advice.code} of {advice.day}: {last}, {left}."


def _decisions(rows: list[dict[str, Any]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in ("day", "decision", "weight", "advised", "who", "note"):
        table.add_column(column, justify="right" if column in ("weight", "advised") else "left")
    for row in rows:
        weights = (f"{100 * row['target_weight']:.1f} %", f"{100 * row['advised_weight']:.1f} %")
        table.add_row(row["advice_day"], row["verdict"], *weights, Text(row["who"]), Text(row["note"]))
    return table


def _book_orders(desk: Desk, run: Any, named: str) -> "BookOrders":
    from captilt.review.book_file import open_book
    from captilt.review.orders import book_holdings, orders_for

    file = open_book(desk.settings, named)
    return orders_for(desk, run, book_holdings(desk, run, file), file)


def _book_screen(advice: "Advice", book: "BookOrders") -> Any:
    from captilt.terminal.orders import orders

    return orders(book, stance=advice.run.recommendation.stance, pair=advice.run.portfolio)


def _write(out: Path, book: "BookOrders | None", advice: "Advice") -> None:
    from captilt.output_file import write_output
    from captilt.review.order_sheet import orders_csv, orders_workbook
    from signals.errors import UsageError

    if book is None:
        raise UsageError("--out writes the orders of a book.", remedy="Name the book with --holdings.")
    if out.suffix not in (".csv", ".xlsx"):
        raise UsageError(f"{out.name} is neither .csv nor .xlsx.", remedy="Name the file so.")
    day = advice.day.isoformat()
    content = (
        orders_csv(book.result, book=book.name, day=day)
        if out.suffix == ".csv"
        else orders_workbook(book.holdings, book.result, book=book.name, day=day)
    )
    write_output(out, content)


def _plain(book: "BookOrders") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        **asdict(book.result),
        "target_weight": book.result.advice.target_weight,
        "book": book.name,
        "run_held_weight": book.run_weight,
        "unread_share": book.holdings.unread_share,
        "open_questions": list(book.holdings.open_questions),
        "positions": [asdict(position) for position in book.holdings.positions],
        "bad": [asdict(row) for row in book.holdings.bad],
    }
