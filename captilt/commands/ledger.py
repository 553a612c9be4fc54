"""`captilt ledger verify`, `replay`, `backup` and `restore`."""

import datetime as dt
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from captilt.context import Common, Desk
from signals.errors import CheckFailed, UsageError

SHOWN = 20  # differences on one screen


def verify(*, head: str | None = None, common: Common = Common()) -> int:
    """Check the book: every entry, the chain, the archived inputs and the file.

    Parameters
    ----------
    head
        The head printed in an alert (eight digits or more): it must stand in this book.
    """
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    fault, last = desk.ledger.verify(head), None
    if fault is None:
        last = desk.ledger.head()
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
            remedy="Compare with `captilt backup --list`, and bring back the last good copy with `captilt restore`.",
            code="ledger_damaged",
        )
    console().print(f"The book is whole: {last.seq} entries, head {last.hash}." if last else "The book is empty.")
    return 0


def replay(day: dt.date, *, common: Common = Common()) -> int:
    """Compute a recorded day again from its archived inputs and compare it with the book."""
    from captilt.run.replay import replay as computed
    from captilt.terminal.console import console, print_json, progress

    desk = Desk.open(common)
    with progress(f"computing {day} again"):
        found = computed(desk, day)
    versions = [{"name": name, "recorded": old, "now": new} for name, old, new in found.versions]
    if common.json:
        rows = [{"field": place, "recorded": old, "now": new} for place, old, new in found.differences]
        print_json(
            {
                "day": day,
                "identical": found.identical,
                "holds": found.holds,
                "method": found.method,
                "versions": versions,
                "rows": rows,
            }
        )
        return 0 if found.holds else 5
    for place, old, new in found.differences[:SHOWN]:
        console().print(f"{place}: recorded {old}, now {new}", markup=False)
    others = ", ".join(f"{each['name']} {each['recorded']} -> {each['now']}" for each in versions)
    if not found.holds:
        cause = f"Versions differ: {others}." if others else "The versions are the recorded ones."
        raise CheckFailed(
            f"{day} does not come out as recorded: {len(found.differences)} fields differ by more than 1e-9.",
            remedy=cause,
            code="replay_differs",
        )
    how = "byte for byte" if found.identical else "every number within 1e-9"
    if others:
        how += f", under other versions ({others})"
    if found.method != found.in_force:
        how += f"; it was recorded under method {found.method} and computed again along that method's own path"
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
    place = out or copying.place(desk)
    found = copying.copies(place) if list_ else [copying.take(desk.home, place, now=desk.clock())]
    rows = [
        {"folder": str(c.folder), "taken_at": c.taken_at, "entries": c.entries, "head": c.head or None} for c in found
    ]
    if common.json:
        print_json({"rows": rows})
        return 0
    for copy in found:
        console().print(
            f"{copy.folder}  {copy.entries} entries, head {copy.head[:12] or 'none'}, verified", soft_wrap=True
        )
    if not found:
        console().print(f"No copy stands in {place}.", soft_wrap=True)
    return 0


def restore(
    folder: Path | None = None,
    *,
    force: Annotated[bool, Parameter(negative="", help="Replace a newer book as well.")] = False,
    common: Common = Common(),
) -> int:
    """Bring a verified copy back; what it replaces is put aside.

    Parameters
    ----------
    folder
        One copy; default: the newest.
    """
    from captilt.operations import backup as copying
    from captilt.operations.run_lock import DELIVERY, only_one
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    now = desk.clock()
    if folder is None:
        found = copying.copies(copying.place(desk))
        if not found:
            raise UsageError(f"no copy stands in {copying.place(desk)}.", remedy="Name the folder of one.")
        folder = found[-1].folder
    with (
        only_one(desk.home, doing="a restore", now=now),
        only_one(desk.home, doing="a restore", now=now, name=DELIVERY),
    ):
        copy = copying.restore(desk.home, folder, now=now, force=force)
    if common.json:
        print_json(
            {"folder": str(folder), "taken_at": copy.taken_at, "entries": copy.entries, "head": copy.head or None}
        )
        return 0
    console().print(f"The state of {copy.taken_at} is back: {copy.entries} entries, head {copy.head[:12] or 'none'}.")
    return 0
