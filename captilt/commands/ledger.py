"""`captilt ledger verify` and `supersede`, `replay`, `backup` and `restore`."""

import contextlib
import datetime as dt
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from captilt.context import Common, Desk
from captilt.formats import counted
from signals.errors import CheckFailed, UsageError

SHOWN = 20  # differences on one screen


def verify(
    *,
    head: str | None = None,
    write_head: Annotated[bool, Parameter(negative="")] = False,
    common: Common = Common(),
) -> int:
    """Check the ledger: every entry, the chain, the archived inputs of every run, the heads and the file.

    Parameters
    ----------
    head
        The head printed in an alert, a log line or a ping (eight digits or more): it must stand in this ledger.
    write_head
        Write the lost ledger.head anew where all else is well; needs a HEAD as a witness.
    """
    from captilt.operations.backup import witnesses
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    if write_head and head is None:
        raise UsageError("--write-head needs a witness.", remedy="Give --head with the head of your newest alert.")
    known = witnesses(desk.backup_folder, home=desk.home)
    fault = desk.ledger.verify(head, witnesses=known, ignore_head_file=write_head)
    if fault is None and write_head:
        desk.ledger.write_head_file()
    last = desk.ledger.head() if fault is None else None
    if common.json:
        print_json(
            {
                "ok": fault is None,
                "first_bad": fault.row if fault else None,
                "reason": fault.reason if fault else None,
                "entries": last.seq if last else 0,
                "head": last.hash if last else None,
            }
        )
        return 5 if fault else 0
    if fault:
        raise CheckFailed(
            f"{desk.ledger.path} is not as it was written: {fault}.",
            remedy="Bring back the last good backup of the server (`pg_restore`)."
            if desk.settings.store.url
            else "Compare with `captilt backup --list`, and bring back the last good copy with `captilt restore`.",
            code="ledger_damaged",
        )
    if last is None:
        console().print("The ledger is empty.")
        return 0
    agree = f" So it is in {counted(len(known), 'backup')}." if known else ""
    console().print(f"The ledger is whole: {last.seq} entries, head {last.hash}.{agree}")
    return 0


def supersede(
    first: dt.date | None = None,
    last: dt.date | None = None,
    *,
    reason: str,
    ahead: Annotated[bool, Parameter(negative="")] = False,
    common: Common = Common(),
) -> int:
    """Free recorded sessions for another run: their entries stay in the ledger and are no longer current.

    Parameters
    ----------
    first, last
        Sessions from FIRST to LAST; LAST may be left out for one.
    reason
        For the people who look at these days later.
    ahead
        Every session recorded by a clock that was ahead of the present one.
    """
    from captilt.operations.run_lock import only_one
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    if ahead == (first is not None):
        raise UsageError(
            "name the sessions, or give --ahead.", remedy="`captilt ledger supersede 2026-11-20 --reason ...`"
        )
    now = desk.clock()
    with (
        only_one(desk.home, doing="superseding", server=desk.settings.store.url, now=now),
        desk.ledger.transaction() as book,
    ):
        recorded = sorted(book.run_days())
        if ahead:
            days = [day for day in recorded if (run := book.run_of(day)) and run.recorded_at > now]
        else:
            days = [day for day in recorded if first is not None and first <= day <= (last or first)]
        if not days:
            raise UsageError("no recorded session fits.", remedy="`captilt review list` names the recorded ones.")
        entries = [book.supersede(day, reason, at=now) for day in days]
    if common.json:
        print_json({"rows": [{"day": entry.day, "entry": entry.seq, "run": entry.payload["run"]} for entry in entries]})
        return 0
    span = str(days[0]) if len(days) == 1 else f"{len(days)} sessions, {days[0]} to {days[-1]},"
    console().print(f"Superseded: {span} and free to be run again. Nothing was deleted.")
    return 0


def replay(day: dt.date, *, common: Common = Common()) -> int:
    """Compute a recorded day again from its archived inputs and compare it with the ledger."""
    from captilt.run.replay import replay as computed
    from captilt.terminal.console import console, print_json, progress

    desk = Desk.open(common)
    with progress(f"computing {day} again"):
        result = computed(desk, day)
    versions = [{"name": name, "recorded": old, "now": new} for name, old, new in result.versions]
    if common.json:
        rows = [{"field": name, "recorded": old, "now": new} for name, old, new in result.differences]
        print_json(
            {
                "day": day,
                "identical": result.identical,
                "holds": result.holds,
                "reworded": result.reworded,
                "method": result.method,
                "versions": versions,
                "rows": rows,
            }
        )
        return 0 if result.holds else 5
    others = ", ".join(f"{version['name']} {version['recorded']} -> {version['now']}" for version in versions)
    if not result.holds:
        for name, old, new in result.differences[:SHOWN]:
            console().print(f"{name}: recorded {old}, now {new}", markup=False)
        cause = f"Versions differ: {others}." if others else "The versions are the recorded ones."
        changed = counted(len(result.differences), "field")
        raise CheckFailed(
            f"{day} does not come out as recorded: {changed} changed by more than 1e-9.",
            remedy=cause,
            code="replay_differs",
        )
    how = "byte for byte" if result.identical else "every number within 1e-9"
    if others:
        how += f", under other versions ({others})"
    if result.reworded:
        how += f"; {counted(result.reworded, 'sentence')} worded differently now (--json lists them)"
    if result.method != result.in_force:
        how += f"; it was recorded under method {result.method} and computed again along that method's own path"
    console().print(f"{day} comes out as recorded, {how}.")
    return 0


def backup(
    *,
    out: Path | None = None,
    list_: Annotated[bool, Parameter(name="--list", negative="", help="Name the copies that exist.")] = False,
    common: Common = Common(),
) -> int:
    """Copy all state into a new folder, and verify the copy.

    Parameters
    ----------
    out
        Folder of the copies; default: the setting [backup] folder, else HOME/backups.
    """
    from captilt.operations import backup as copying
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    desk.demand_files()
    folder = out or desk.backup_folder
    copies = copying.copies(folder) if list_ else [copying.take(desk.home, folder, now=desk.clock())]
    rows = [
        {"folder": str(c.folder), "taken_at": c.taken_at, "entries": c.entries, "head": c.head or None} for c in copies
    ]
    if common.json:
        print_json({"rows": rows})
        return 0
    for copy in copies:
        console().print(
            f"{copy.folder}  {copy.entries} entries, head {copy.head[:12] or 'none'}, verified",
            markup=False,
            soft_wrap=True,
        )
    if not copies:
        console().print(f"There is no copy in {folder}.", markup=False, soft_wrap=True)
    return 0


def restore(
    folder: Path | None = None,
    *,
    force: Annotated[bool, Parameter(negative="", help="Replace a newer ledger as well.")] = False,
    undo: Annotated[bool, Parameter(negative="", help="Put back what the last restore replaced.")] = False,
    common: Common = Common(),
) -> int:
    """Bring a verified copy back; what it replaces is put aside.

    Parameters
    ----------
    folder
        One copy; default: the newest.
    """
    from captilt.operations import backup as copying
    from captilt.operations.run_lock import delivery, only_one
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    desk.demand_files()
    now = desk.clock()
    with contextlib.ExitStack() as locks:
        locks.enter_context(only_one(desk.home, doing="a restore", server=desk.settings.store.url, now=now))
        for kind in desk.settings.alerts.kinds:
            locks.enter_context(
                only_one(
                    desk.home, doing="a restore", server=desk.settings.store.url, now=now, name=delivery(kind.name)
                )
            )
        if undo:
            back = copying.undo(desk.home, now=now)
            if common.json:
                print_json({"folder": str(back)})
            else:
                console().print("What the last restore replaced is back.")
            return 0
        if folder is None:
            available = copying.copies(desk.backup_folder)
            if not available:
                raise UsageError(f"there is no copy in {desk.backup_folder}.", remedy="Name the folder of one.")
            folder = available[-1].folder
        copy = copying.restore(desk.home, folder, now=now, force=force)
    if common.json:
        print_json(
            {"folder": str(folder), "taken_at": copy.taken_at, "entries": copy.entries, "head": copy.head or None}
        )
        return 0
    console().print(
        f"The state of {copy.taken_at} is back: {copy.entries} entries, head {copy.head[:12] or 'none'}. "
        "`captilt restore --undo` takes it back."
    )
    return 0
