"""`captilt fomc`: the FOMC's decisions as every source has them, and one entered by a person."""

import datetime as dt
import getpass
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from captilt import formats
from captilt.context import Common, Desk

if TYPE_CHECKING:
    from signals.asof import AsOf
    from signals.sources.entered import EnteredDecision

LISTED = 8  # decision days shown: a year of scheduled meetings
SOURCES = ("shipped", "board", "entered", "fred")


def decisions(*, common: Common = Common()) -> None:
    """The last decisions, what each source says of them, and what is not known yet."""
    from captilt.terminal.console import console, print_json, styled
    from signals.derived.policy_rate import decision_doubts

    desk = Desk.open(common)
    moment = desk.cut_of(common.as_of) if common.as_of else desk.clock()
    view = desk.store.as_of(moment)
    rows, doubts = _rows(view), decision_doubts(view)
    if common.json:
        missing = [{"date": doubt.day, "code": doubt.code, "reason": doubt.reason} for doubt in doubts]
        print_json({"as_of": moment, "rows": rows, "doubts": missing})
        return
    screen = console()
    screen.print(_table(rows))
    for doubt in doubts:
        screen.print(styled("[bold yellow]{}{}.[/]", doubt.reason[0].upper(), doubt.reason[1:]), soft_wrap=True)
    if any(doubt.code == "late" for doubt in doubts):
        screen.print("Fetch it with `captilt data fetch board:FOMC`, or enter it: `captilt fomc add DATE LOW HIGH`.")


def add(
    day: Annotated[dt.date, Parameter(name="DATE", help="Day of the decision, YYYY-MM-DD.")],
    low: Annotated[float, Parameter(name="LOW", help="Lower bound of the target range, percent.")],
    high: Annotated[float, Parameter(name="HIGH", help="Upper bound of the target range, percent.")],
    *,
    announced: Annotated[str, Parameter(help="New York time of an unscheduled announcement, HH:MM.")] = "",
    who: Annotated[str, Parameter(help="Who enters it; the user of this machine where left out.")] = "",
    common: Common = Common(),
) -> None:
    """Enter a decision that the sources do not tell yet; kept with who entered it and when."""
    from captilt.operations.run_lock import only_one
    from captilt.terminal.console import console, print_json
    from signals.errors import UsageError
    from signals.sources.entered import enter_decision
    from signals.sources.fomc_statement import TargetRange

    try:
        target = TargetRange(low, high)
        clock_time = dt.time.fromisoformat(announced) if announced else None
    except ValueError as fault:
        raise UsageError(
            f"{fault}.", remedy="Give both bounds in percent, like `captilt fomc add 2026-12-09 3.75 4.00`."
        ) from None
    desk = Desk.open(common)
    person = who or getpass.getuser()
    with only_one(desk.home, doing="an entry of a decision", server=desk.settings.store.url, now=desk.clock()):
        entered = enter_decision(desk.store, day, target, person=person, now=desk.clock(), announced=clock_time)
    if common.json:
        print_json(
            {
                "date": entered.day,
                "low_percent": entered.low,
                "high_percent": entered.high,
                "known_at": entered.known_at,
                "by": person,
                "new": entered.new,
            }
        )
        return
    console().print(_sentence(entered, person), soft_wrap=True)


def _sentence(entered: "EnteredDecision", person: str) -> str:
    target = f"{entered.low:.2f} to {entered.high:.2f} percent"
    if not entered.new:
        return f"The decision of {formats.day(entered.day)} stands as {target} already; nothing was changed."
    step = round(100 * (entered.high - entered.before)) if entered.before is not None else 0
    move = f"{step:+d} bp" if step else "unchanged"
    return (
        f"Entered by {person}: target of {formats.day(entered.day)} {target} ({move.replace('-', chr(0x2212))}). "
        "`captilt run` uses it, and replaces a run of this session that did not have it."
    )


def _rows(view: "AsOf") -> list[dict[str, Any]]:
    import numpy as np

    from signals.derived.policy_rate import DECISION, ENTERED, STATEMENT, UPPER, target_path

    shipped, board, entered, fred = (view.latest(name) for name in (DECISION, STATEMENT, ENTERED, UPPER))
    days, target = target_path(view)
    every = np.unique(np.concatenate([shipped.period, board.period, entered.period, days]))[-LISTED:]
    rows = []
    for day in every:
        after = np.searchsorted(fred.period, day, side="right")
        row: dict[str, Any] = {"date": day.astype(dt.date)}
        for name, part in zip(SOURCES, (shipped, board, entered), strict=False):
            number = np.searchsorted(part.period, day)
            there = number < part.period.size and part.period[number] == day
            row[name] = float(part.value[number]) if there else None
        row["fred"] = float(fred.value[after]) if after < fred.period.size else None
        in_force = np.searchsorted(days, day, side="right") - 1
        row["target_percent"] = float(target[in_force]) if in_force >= 0 else None
        rows.append(row)
    return rows


def _table(rows: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("decision")
    for title in ("upper bound %", "shipped table", "Board's statement", "entered", "FRED, day after"):
        table.add_column(title, justify="right")
    for row in rows:
        cells = (row["target_percent"], *(row[name] for name in SOURCES))
        table.add_row(formats.day(row["date"]), *("" if cell is None else f"{cell:.2f}" for cell in cells))
    return table
