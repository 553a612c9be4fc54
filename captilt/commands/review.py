"""`captilt review`: the page, and its twins on the terminal."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from captilt.context import Common, Desk

if TYPE_CHECKING:
    from rich.table import Table

    from captilt.review.decisions import Advice, Verdict

Who = Annotated[str, Parameter(help="Who decides; the login name where not given.")]
Note = Annotated[str, Parameter(help="Why; kept in the book.")]
SHOWN = 20  # rows of a list on one screen


def serve(
    *,
    host: Annotated[str | None, Parameter(help="Address; another than loopback needs a login token.")] = None,
    port: Annotated[int | None, Parameter(help="Port; 0 for any free one.")] = None,
    prepare: Annotated[bool, Parameter(help="Prepare claims and studies in the background.")] = True,
    common: Common = Common(),
) -> None:
    """Serve the review page until Ctrl-C."""
    from captilt.web.server import serve as run

    run(Desk.open(common), host=host, port=port, prepare=prepare)


def list_(*, common: Common = Common()) -> None:
    """Advice and decisions, newest first."""
    from captilt.review import tables
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    made = tables.of_decisions(desk.ledger.decisions()[::-1])
    if common.json:
        print_json({"rows": made.as_rows()["rows"]})
        return
    face = console()
    advice = _advice(desk, must=False)
    face.print(_standing(advice) if advice else "No advice is recorded yet. Run `captilt run`.")
    if made.rows:
        face.print(_decisions(made.as_rows()["rows"][:SHOWN]))


def show(
    *,
    holdings: Annotated[str | None, Parameter(help="A holdings CSV: shows the trade for that book too.")] = None,
    common: Common = Common(),
) -> None:
    """The advice that can be decided now, with the code that a decision must name."""
    from captilt.review.decisions import advice_json
    from captilt.terminal.console import console, print_json
    from captilt.terminal.run import run_screen

    desk = Desk.open(common)
    advice = _advice(desk)
    worked = _worked_out(desk, advice, holdings) if holdings else None
    if common.json:
        print_json({**advice_json(advice), **({"rebalance": _plain(worked)} if worked else {})})
        return
    face = console()
    face.print(run_screen(advice.run, face.width))
    if worked:
        face.print(_orders(worked))
        for row in worked.holdings.bad:
            face.print(f"line {row.line} was not used: {row.reason}", markup=False)
    face.print(_standing(advice))


def accept(code: str, *, who: Who = "", note: Note = "", common: Common = Common()) -> None:
    """Accept the advice named by CODE (`captilt review show` prints it)."""
    _answer("accept", code, who, note, common)


def modify(
    code: str,
    *,
    weight: Annotated[float, Parameter(help="Weight of small caps to hold instead, in percent.")],
    who: Who = "",
    note: Note = "",
    common: Common = Common(),
) -> None:
    """Accept the advice named by CODE with another weight."""
    _answer("modify", code, who, note, common, weight=weight / 100)


def reject(code: str, *, who: Who = "", note: Note = "", common: Common = Common()) -> None:
    """Reject the advice named by CODE: the weight held stays."""
    _answer("reject", code, who, note, common)


def defer(code: str, *, who: Who = "", note: Note = "", common: Common = Common()) -> None:
    """Decide later on the advice named by CODE."""
    _answer("defer", code, who, note, common)


def _answer(verdict: "Verdict", code: str, who: str, note: str, common: Common, *, weight: float | None = None) -> None:
    import getpass

    from captilt.review.decisions import Answer, decide
    from captilt.terminal.console import console, print_json

    entry = decide(Desk.open(common), Answer(verdict, code, who or getpass.getuser(), note, weight))
    if common.json:
        print_json({"seq": entry.seq, **entry.payload})
        return
    said = entry.payload
    done = {"accept": "Accepted", "modify": "Modified", "reject": "Rejected", "defer": "Deferred"}[verdict]
    console().print(
        f"{done} by {said['who']}: hold {100 * said['target_weight']:.1f} % (entry {entry.seq}).", markup=False
    )


def _advice(desk: Desk, *, must: bool = True) -> "Advice | Any":
    from captilt.review.decisions import current
    from signals.errors import UsageError

    advice = current(desk.ledger, desk.clock(), desk.settings.review.valid_days)
    if advice is None and must:
        raise UsageError("no advice is recorded yet.", remedy="Run `captilt run` first.")
    return advice


def _standing(advice: "Advice") -> str:
    last = f"last answer: {advice.decisions[-1].payload['verdict']}" if advice.decisions else "nobody has answered"
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


def _worked_out(desk: Desk, advice: "Advice", file: str) -> Any:
    from pathlib import Path

    from captilt.review.orders import holdings_of, work_out
    from signals.errors import InputError

    try:
        raw = Path(file).read_bytes()
    except OSError as fault:
        raise InputError(
            f"{file} cannot be read: {fault.strerror}.", remedy="Name a CSV file with --holdings."
        ) from None
    return work_out(advice.run, holdings_of(desk, advice.run, raw), desk.settings)


def _plain(worked: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        **asdict(worked.result),
        "positions": [asdict(p) for p in worked.holdings.positions],
        "bad": [asdict(b) for b in worked.holdings.bad],
    }


def _orders(worked: Any) -> "Table":
    from rich.table import Table

    table = Table(
        box=None, pad_edge=False, title_justify="left", title=f"Orders for a book of {worked.result.total:,.0f}"
    )
    for column in ("order", "money", "shares", "lots", "cost"):
        table.add_column(column, justify="left" if column == "order" else "right")
    for trade in worked.result.trades:
        lots = "-" if trade.shares is None else f"{trade.round_lots} + {trade.odd_shares}"
        shares = "-" if trade.shares is None else f"{trade.shares:,}"
        table.add_row(f"{trade.side} {trade.symbol}", f"{trade.money:,.0f}", shares, lots, f"{trade.cost:,.0f}")
    return table
