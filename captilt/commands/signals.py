"""`captilt signals`: every signal with its health, or one with its evidence."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from captilt.context import Common, Desk
from captilt.run.packaged_sample import reading_desk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from allocator.settings import Judgement
    from captilt.contract.signals import SignalEvidence
    from signals.asof import AsOf
    from signals.signal import Signal


def check(file: Path, *, common: Common = Common()) -> int:
    """Try the signals of FILE (.py or .toml) against the contract: no look-ahead, declared inputs, gaps for no data.

    Exit code 5 where one breaks it.

    Parameters
    ----------
    file
        Of the user's own; it is loaded, so its code runs.
    """
    from captilt.config.extensions import contract_faults, in_file
    from captilt.terminal import console as screen
    from signals.errors import CheckFailed
    from signals.signal import Signal

    signals_of_file = [item for item in in_file(file) if isinstance(item, Signal)]
    rows = [
        {"name": one.name, "inputs": list(one.inputs), "origin": one.origin, "faults": list(contract_faults(one))}
        for one in signals_of_file
    ]
    code = CheckFailed.exit_code if any(row["faults"] for row in rows) else 0
    if common.json:
        screen.print_json({"rows": rows})
        return code
    for row in rows:
        state = "keeps the contract" if not row["faults"] else "breaks the contract:"
        screen.console().print(f"{row['name']} (reads {', '.join(row['inputs'])}) {state}", soft_wrap=True)
        for fault in row["faults"]:
            screen.console().print(f"  {fault}", soft_wrap=True)
    if not rows:
        screen.console().print(f"{file} names no signal; its sources and channels load.", soft_wrap=True)
    return code


def signals(
    name: Annotated[str | None, Parameter(help="One signal, such as credit_level.")] = None,
    *,
    xlsx: Annotated[Path | None, Parameter(help="Write every signal into this Excel workbook.")] = None,
    common: Common = Common(),
) -> None:
    """Print what every signal says; with NAME, one of them with its argument, past, inputs and evidence."""
    from captilt.contract.signals import signal_answer, signals_answer
    from captilt.terminal import console as screen
    from captilt.terminal.signals import signal_screen, signals_screen

    desk = reading_desk(common)
    signal = _named(name, desk.settings.judgement) if name else None
    moment = desk.moment(common)
    view = desk.store.as_of(moment)
    points = _contributions(desk, view)
    console = screen.console()
    if signal is None:
        answer = signals_answer(view, points, desk.settings.judgement.catalogue)
        if xlsx is not None:
            from captilt.review.answer_workbooks import signals_workbook, write_file

            write_file(xlsx, signals_workbook(answer))
        parts = signals_screen(answer, console.width)
    else:
        answer = signal_answer(view, signal, points, _evidence(desk, view, signal))
        parts = signal_screen(answer, console.width)
    if common.json:
        screen.print_json(answer)
        return
    for part in parts:
        console.print(part, soft_wrap=not isinstance(part, str))
    if note := _edgar_note(desk, desk.settings.judgement.catalogue if signal is None else (signal,)):
        console.print(note)


def _edgar_note(desk: Desk, signals: "Iterable[Signal]") -> str:
    """What goes without counts of filings while nobody has told the SEC who asks; empty where somebody has."""
    edgar = desk.settings.sources.edgar
    readers = [one.name for one in signals if any(name.startswith("edgar:") for name in one.inputs)]
    if not readers or edgar.is_asked:
        return ""
    return (
        f"EDGAR is off, so no filings are counted for {', '.join(readers)}. "
        "`captilt config init` asks for the name and e-mail that the SEC wants."
    )


def _named(name: str, judgement: "Judgement") -> "Signal":
    """The signal called `name`; raises with the nearest names otherwise."""
    from difflib import get_close_matches

    from signals.errors import UsageError

    with suppress(KeyError):
        return judgement.signal(name)
    near = get_close_matches(name, [signal.name for signal in judgement.catalogue], n=3, cutoff=0.4)
    remedy = f"Did you mean {', '.join(near)}?" if near else "`captilt signals` lists them all."
    raise UsageError(f"there is no signal called {name!r}.", remedy=remedy)


def _contributions(desk: Desk, view: "AsOf") -> dict[str, float]:
    """Points by signal of the run recorded for that day, else of a study of it; empty where no advice is possible."""
    from captilt.contract.run import read_run
    from captilt.run.evaluate import contributions
    from signals.calendars import day_of

    entry = desk.ledger.run_of(day_of(view.moment))
    if entry is None:
        return contributions(desk, view)
    return {row.name: row.contribution_points for row in read_run(entry.payload).signals}


def _evidence(desk: Desk, view: "AsOf", signal: "Signal") -> "SignalEvidence | None":
    """The signal's worth on the data held; None where no market data are stored."""
    from allocator.backtest.signal_evidence import signal_evidence
    from captilt.contract.signals import signal_evidence_record
    from captilt.terminal import console as screen

    if not desk.store.holds_market_data():
        return None
    settings = desk.settings
    with screen.progress("Testing the signal") as advance:
        tested = signal_evidence(view, (signal.name,), settings.judgement, settings.regime, step=advance)
    return signal_evidence_record(tested[0])
