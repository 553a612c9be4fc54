"""Facts and ledger from the files of a state folder to a PostgreSQL server, or back: all of both lands, or nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from allocator.ledger import ledger_server
from allocator.ledger.ledger import Ledger
from allocator.ledger.transfer import copy_entries, copy_ledger, refuse_unfit
from signals.errors import UsageError
from signals.store.postgres import enter_schema
from signals.store.transfer import copy_facts

FILES = ("ledger.head", "ledger.db", "facts.db")  # in this order: without the facts no command trusts the ledger
Progress = Callable[[int, int], None]


def to_server(home: Path, url: str, *, progress: Progress) -> tuple[int, int]:
    """Copy into an empty database, in one transaction of the server; how many facts and entries."""
    with_head = _scratch(home)
    on_disk, on_server = Ledger.open(home / "ledger.db"), Ledger.open(url, head=with_head / "ledger.head")
    entries = 0

    def copy_entries_too(target: Connection) -> None:
        nonlocal entries
        progress(1, 2)
        enter_schema(target, ledger_server.SCHEMA)
        refuse_unfit(on_disk, on_server)
        entries = copy_entries(on_disk, target)

    try:
        refuse_unfit(on_disk, on_server)
        facts = copy_facts(home / "facts.db", url, before_commit=copy_entries_too)
    finally:
        on_disk.close()
        on_server.close()
        shutil.rmtree(with_head)
    return facts, entries


def to_files(url: str, home: Path, *, progress: Progress) -> tuple[int, int]:
    """Copy into a state folder without facts and ledger; how many facts and entries.

    Raises
    ------
    UsageError
        Where the folder has one of the files.
    """
    if present := [name for name in FILES if (home / name).exists()]:
        raise UsageError(f"{home} has {present[0]} already; nothing was copied.", remedy="Name an empty --home.")
    draft = _scratch(home)
    facts = copy_facts(url, draft / "facts.db")
    progress(1, 2)
    on_server, on_disk = Ledger.open(url, head=draft / "server.head"), Ledger.open(draft / "ledger.db")
    try:
        entries = copy_ledger(on_server, on_disk)
    finally:
        on_server.close()
        on_disk.close()
    for name in FILES:
        (draft / name).replace(home / name)
    shutil.rmtree(draft)
    return facts, entries


def _scratch(home: Path) -> Path:
    """An empty folder in the state folder; what a migration that was killed left in it is removed."""
    folder = home / "migration"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder
