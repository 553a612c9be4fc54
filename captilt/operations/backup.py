"""Verified copies of all state, and the way back.

1. A copy is taken through SQLite's own backup, so it is whole even while others write; it is opened,
   verified and hashed before its folder gets its name. A folder without a finished note is no backup.
2. `restore` verifies again, refuses to put an older book over a newer sound one unless forced, and puts
   what it replaces aside.
3. The book's ``.head`` file is replaced first: a restore that is killed leaves a state that either is
   the old one or refuses to start, never a silently new book.
"""

import datetime as dt
import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from allocator.ledger.ledger import Ledger
from signals.errors import CaptiltError, CheckFailed, UsageError
from signals.store.store import Store

if TYPE_CHECKING:
    from captilt.context import Desk

FACTS, BOOK, HEAD = "facts.db", "ledger.db", "ledger.head"
NOTE = "backup.json"
UNFINISHED = ".unfinished"


@dataclass(frozen=True, slots=True)
class Copy:
    """A verified copy.

    Attributes
    ----------
    folder : Path
    taken_at : str
        ISO instant, UTC.
    entries : int
        Of the book.
    head : str
        Hash of the book's last entry, empty for an empty book.
    """

    folder: Path
    taken_at: str
    entries: int
    head: str


def place(desk: "Desk") -> Path:
    """The folder of the copies: the setting, else one in the state folder."""
    named = desk.settings.backup.folder
    return Path(named).expanduser() if named else desk.home / "backups"


def take(home: Path, out: Path, *, now: dt.datetime) -> Copy:
    """Copy the state of `home` into a new folder under `out`, and verify the copy.

    Raises
    ------
    CheckFailed
        Where the state itself is damaged: a damaged copy is never given the name of a backup.
    """
    taken = now.astimezone(dt.UTC)
    folder = out / f"{taken:%Y%m%dT%H%M%S}Z"
    if folder.exists():
        raise UsageError(f"{folder} exists already.", remedy="Wait a second, or name another folder.")
    draft = folder.with_name(folder.name + UNFINISHED)
    for left in out.glob(f"*{UNFINISHED}"):  # of a copy that was killed
        shutil.rmtree(left, ignore_errors=True)
    draft.mkdir(parents=True)
    present = [name for name in (FACTS, BOOK) if (home / name).exists()]
    if not present:
        shutil.rmtree(draft)
        raise UsageError(f"{home} holds no state.", remedy="Name the right --home.")
    for name in present:
        copy_database(home / name, draft / name)
    entries, head = _check(draft)
    sums = {name: _sum(draft / name) for name in present}
    note = {"taken_at": taken.isoformat(timespec="seconds"), "entries": entries, "head": head, "files": sums}
    (draft / NOTE).write_text(json.dumps(note, indent=2), encoding="utf-8")
    for file in draft.iterdir():
        _sync(file)
    draft.rename(folder)
    _sync(out)
    return Copy(folder, note["taken_at"], entries, head)


def copies(out: Path) -> list[Copy]:
    """Finished copies under `out`, oldest first."""
    found = sorted(out.glob(f"*/{NOTE}")) if out.is_dir() else []
    return [_described(note) for note in found if not note.parent.name.endswith(UNFINISHED)]


def prune(out: Path, *, keep: int) -> None:
    """Remove all but the newest `keep` copies; 0 keeps all."""
    for copy in copies(out)[: -keep or None] if keep else ():
        shutil.rmtree(copy.folder)


def verify(folder: Path) -> Copy:
    """Check every file of a copy against its note, and the book against its chain."""
    if not (folder / NOTE).is_file():
        raise UsageError(f"{folder} is no finished backup.", remedy="`captilt backup --list` names them.")
    copy = _described(folder / NOTE)
    for name, expected in json.loads((folder / NOTE).read_text(encoding="utf-8"))["files"].items():
        if not (folder / name).is_file() or _sum(folder / name) != expected:
            raise CheckFailed(
                f"{folder / name} is not what was copied.", remedy="Use an older backup.", code="backup_damaged"
            )
    return copy


def restore(home: Path, folder: Path, *, now: dt.datetime, force: bool = False) -> Copy:
    """Bring the copy in `folder` back into `home`; the caller holds the run lock.

    Raises
    ------
    UsageError
        Where the book in `home` is sound and has entries that the copy has not, unless `force`.
    """
    copy = verify(folder)
    newer = _entries_beyond(home, copy)
    if newer and not force:
        raise UsageError(
            f"the book in {home} is sound and holds {newer} entries "
            f"that the backup of {copy.taken_at} has not; nothing was changed.",
            remedy="Keep it, or give --force (what is replaced is put aside).",
            code="newer_state",
        )
    aside = home / f"replaced-{now.astimezone(dt.UTC):%Y%m%dT%H%M%S}Z"
    aside.mkdir(parents=True)
    drafts = {name: _draft(folder / name, home) for name in (FACTS, BOOK) if (folder / name).exists()}
    _replace_head(home, aside, copy)
    for name, draft in drafts.items():
        for part in (home / f"{name}-wal", home / f"{name}-shm", home / name):
            if part.exists():
                part.rename(aside / part.name)
        draft.rename(home / name)
    _sync(home)
    _check(home)
    return copy


def copy_database(source: Path, target: Path) -> None:
    """One consistent copy of an SQLite database, whoever is writing to it."""
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    except sqlite3.DatabaseError as fault:
        raise CheckFailed(
            f"{source} could not be copied: {fault}.", remedy="Use an older backup: `captilt restore`.", code="damaged"
        ) from None


def _check(folder: Path) -> tuple[int, str]:
    """Open and verify everything in `folder`; the number of entries and the head."""
    if (folder / FACTS).exists():
        store = Store.open(folder / FACTS)
        store.verify()
        store.close()
    if not (folder / BOOK).exists():
        return 0, ""
    ledger = Ledger.open(folder / BOOK)
    fault, last = ledger.verify(), ledger.head()
    ledger.close()
    if fault:
        raise CheckFailed(
            f"{folder / BOOK} is damaged: {fault}.", remedy="Use an older backup: `captilt restore`.", code="damaged"
        )
    return (last.seq, last.hash) if last else (0, "")


def _entries_beyond(home: Path, copy: Copy) -> int:
    """Entries that the sound book in `home` has and the copy has not; 0 for a damaged or missing one."""
    if not (home / BOOK).exists():
        return 0
    try:
        ledger = Ledger.open(home / BOOK)
        last = ledger.head() if ledger.verify() is None else None
        ledger.close()
    except CaptiltError:
        return 0
    if last is None:
        return 0
    return last.seq - copy.entries if last.seq != copy.entries or last.hash == copy.head else last.seq


def _replace_head(home: Path, aside: Path, copy: Copy) -> None:
    if (home / HEAD).exists():
        shutil.copy2(home / HEAD, aside / HEAD)
    if not copy.entries:
        (home / HEAD).unlink(missing_ok=True)
        return
    draft = home / f"{HEAD}{UNFINISHED}"
    draft.write_text(json.dumps({"seq": copy.entries, "hash": copy.head}), encoding="ascii")
    _sync(draft)
    draft.replace(home / HEAD)


def _draft(file: Path, home: Path) -> Path:
    draft = home / f"{file.name}{UNFINISHED}"
    shutil.copyfile(file, draft)
    _sync(draft)
    return draft


def _described(note: Path) -> Copy:
    said = json.loads(note.read_text(encoding="utf-8"))
    return Copy(note.parent, said["taken_at"], said["entries"], said["head"])


def _sum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
