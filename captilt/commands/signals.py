"""`captilt signals`: every signal with its health, or one with its evidence."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from captilt.context import Common, Desk

if TYPE_CHECKING:
    from signals.asof import AsOf
    from signals.signal import Signal


def signals(
    name: Annotated[str | None, Parameter(help="One signal, such as credit_level.")] = None,
    *,
    common: Common = Common(),
) -> None:
    """Print what every signal says; with NAME, one of them with its argument, past, inputs and evidence."""
    from captilt.contract.signals import board, close_up
    from captilt.terminal import console as screen
    from captilt.terminal.signals import close_face, table_face

    desk = Desk.open(common)
    signal = _named(name) if name else None
    moment = desk.moment(common)
    view = desk.store.as_of(moment)
    points = _contributions(desk, view)
    if signal is None:
        payload = board(view, points)
    else:
        payload = {**close_up(view, signal, points), "evidence": _evidence(desk, view, signal)}
    if common.json:
        screen.print_json(payload)
        return
    console = screen.console()
    face = close_face if signal else table_face
    for part in face(payload, console.width):
        console.print(part, soft_wrap=signal is None)


def _named(name: str) -> "Signal":
    """The signal called `name`; raises with the nearest names otherwise."""
    from difflib import get_close_matches

    from signals.catalog import BY_NAME
    from signals.errors import UsageError

    if name in BY_NAME:
        return BY_NAME[name]
    near = get_close_matches(name, BY_NAME, n=3, cutoff=0.4)
    remedy = f"Did you mean {', '.join(near)}?" if near else "`captilt signals` lists them all."
    raise UsageError(f"there is no signal called {name!r}.", remedy=remedy)


def _contributions(desk: Desk, view: "AsOf") -> dict[str, float]:
    """Points by signal of the run recorded for that day, else of a study of it; empty where no advice is possible."""
    from signals.calendars import day_of
    from signals.errors import NoAdvice

    entry = desk.ledger.run_of(day_of(view.moment))
    try:
        payload = _study(desk, view) if entry is None else entry.payload
    except NoAdvice:
        return {}
    return {each["name"]: each["contribution_points"] for each in payload.get("signals", ())}


def _study(desk: Desk, view: "AsOf") -> dict[str, Any]:
    from captilt.run.daily import study

    return study(desk, view.moment)


def _evidence(desk: Desk, view: "AsOf", signal: "Signal") -> dict[str, Any] | None:
    """The signal's worth on the data held; None where nothing of the markets is held."""
    from allocator.backtest.signal_evidence import row, signal_evidence
    from captilt.terminal import console as screen

    if not desk.store.holds_market_data():
        return None
    settings = desk.settings
    with screen.progress("Testing the signal") as advance:
        found = signal_evidence(view, (signal.name,), settings.judgement, settings.regime, step=advance)
    return dict(row(found[0]))
