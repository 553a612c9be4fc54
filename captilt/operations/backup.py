"""Verified copies of all state, and the way back.

1. A copy is taken through SQLite's own backup, so it is whole even while others write; it is opened,
   verified and hashed before its folder gets its name. A folder without a finished note is no backup.
2. `restore` copies the backup beside the state and verifies that copy, chain and archive included, before
   anything is replaced; it refuses to put an older ledger over a newer sound one unless forced, puts what it
   replaces aside, and `undo` puts that back.
3. The ledger's ``.head`` file is replaced first: a restore that is killed leaves a state that either is
   the old one or refuses to start, never a silently new ledger.
4. Every note keeps the head that the ledger had then: witnesses against a ledger that was cut or written anew.
"""

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from allocator.ledger.ledger import Ledger
from allocator.ledger.ledger_file import Witness
from captilt.logger import log
from signals.errors import CaptiltError, CheckFailed, StorageError, UsageError
from signals.store.shipped_decisions import open_store

FACTS, LEDGER, HEAD = "facts.db", "ledger.db", "ledger.head"
NOTE = "backup.json"
UNFINISHED = ".unfinished"
ANOTHER = "Name another copy: `captilt backup --list` shows which are verified."
BROUGHT = "brought.head"  # beside what a restore put aside: the head of what it brought
REPLACED = "replaced-"  # folders in the state folder with what a restore put aside


@dataclass(frozen=True, slots=True)
class Copy:
    """A verified copy.

    Attributes
    ----------
    folder : Path
    taken_at : str
        ISO instant, UTC.
    entries : int
        Of the ledger.
    head : str
        Hash of the ledger's last entry, empty for an empty ledger.
    files : mapping of str to str
        SHA-256 by file name.
    """

    folder: Path
    taken_at: str
    entries: int
    head: str
    files: dict[str, str]


def take(home: Path, out: Path, *, now: dt.datetime) -> Copy:
    """Copy the state of `home` into a new folder under `out`, and verify the copy.

    Raises
    ------
    CheckFailed
        Where the state itself is damaged: a damaged copy is never given the name of a backup.
    StorageError
        Where `out` cannot be written.
    """
    taken = now.astimezone(dt.UTC)
    folder = out / f"{taken:%Y%m%dT%H%M%S}Z"
    present = [name for name in (FACTS, LEDGER) if (home / name).exists()]
    if not present:
        raise UsageError(f"{home} holds no state.", remedy="Name the right --home.")
    if folder.exists():
        raise UsageError(f"{folder} exists already.", remedy="Wait a second, or name another folder.")
    try:
        return _taken(home, folder, present, taken)
    except OSError as fault:
        raise StorageError(
            f"{out} cannot take a backup: {fault.strerror or fault}. Nothing was copied.",
            remedy="Free some space, mend the permissions, or name another folder.",
        ) from None


def _taken(home: Path, folder: Path, present: list[str], taken: dt.datetime) -> Copy:
    draft = folder.with_name(folder.name + UNFINISHED)
    for abandoned in folder.parent.glob(f"*{UNFINISHED}"):  # of a copy that was killed
        shutil.rmtree(abandoned, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    if LEDGER in present and (home / HEAD).exists():
        shutil.copyfile(home / HEAD, draft / HEAD)  # before the ledger, which may grow meanwhile
    for name in present:
        copy_database(home / name, draft / name)
    entries, head = _check(draft)
    if entries:
        _write_head(draft, entries, head)
    sums = {name: _sum(draft / name) for name in present}
    note = {"taken_at": taken.isoformat(timespec="seconds"), "entries": entries, "head": head, "files": sums}
    (draft / NOTE).write_text(json.dumps(note, indent=2), encoding="utf-8")
    for file in draft.iterdir():
        file.chmod(0o600)
        _sync(file)
    draft.rename(folder)
    _sync(folder.parent)
    return Copy(folder, note["taken_at"], entries, head, sums)


def copies(out: Path) -> list[Copy]:
    """Finished copies under `out`, oldest first; a folder whose note cannot be read is left out, with a word."""
    notes = sorted(out.glob(f"*/{NOTE}")) if out.is_dir() else []
    readable = []
    for note in notes:
        if note.parent.name.endswith(UNFINISHED):
            continue
        try:
            readable.append(_described(note))
        except CheckFailed as fault:
            log.warning("backup left out", folder=note.parent.name, reason=fault.message)
    return readable


def unreadable(out: Path) -> list[Path]:
    """Folders under `out` whose note cannot be read."""
    known = {copy.folder for copy in copies(out)}
    notes = out.glob(f"*/{NOTE}") if out.is_dir() else ()
    return sorted(
        note.parent for note in notes if note.parent not in known and not note.parent.name.endswith(UNFINISHED)
    )


def witnesses(out: Path, *, home: Path) -> list[Witness]:
    """The heads that the notes of the copies under `out` keep, but those that a restore gave up."""
    given_up = _heads_given_up(home)
    return [
        Witness(copy.entries, copy.head, f"the backup of {copy.taken_at}")
        for copy in copies(out)
        if copy.head and copy.head not in given_up
    ]


def _heads_given_up(home: Path) -> set[str]:
    """Hashes of the entries that a restore put aside because the copy that it brought ended before them."""
    heads: set[str] = set()
    for file in home.glob(f"{REPLACED}*/{BROUGHT}"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, sqlite3.DatabaseError):
            end = int(json.loads(file.read_text(encoding="ascii"))["seq"])
            with closing(_read_only(file.parent / LEDGER)) as ledger:
                heads.update(head for (head,) in ledger.execute("SELECT hash FROM entry WHERE seq > ?", (end,)))
    return heads


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)


def prune(out: Path, *, keep: int) -> None:
    """Remove all but the newest `keep` copies; 0 keeps all."""
    for copy in copies(out)[: -keep or None] if keep else ():
        shutil.rmtree(copy.folder)


def verify(folder: Path) -> Copy:
    """Check every file of a copy against its note."""
    if not (folder / NOTE).is_file():
        raise UsageError(
            f"{folder} is not a finished backup; nothing was changed.", remedy="`captilt backup --list` names them."
        )
    copy = _described(folder / NOTE)
    for name, expected in copy.files.items():
        if not (folder / name).is_file() or _sum(folder / name) != expected:
            raise CheckFailed(
                f"{folder / name} is not the file that was copied: its checksum differs. Nothing was changed.",
                remedy=ANOTHER,
                code="backup_damaged",
            )
    return copy


def restore(home: Path, folder: Path, *, now: dt.datetime, force: bool = False) -> Copy:
    """Bring the copy in `folder` back into `home`; the caller holds the run lock.

    Raises
    ------
    UsageError
        Where the ledger in `home` is sound and has entries that the copy has not, unless `force`.
    CheckFailed
        Where the copy is damaged in any way; nothing was changed then.
    """
    copy = verify(folder)
    draft = home / f"restore{UNFINISHED}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    try:
        for name in copy.files:
            shutil.copyfile(folder / name, draft / name)
            (draft / name).chmod(0o600)
            _sync(draft / name)
        _write_head(draft, copy.entries, copy.head)
        if _check(draft) != (copy.entries, copy.head):
            raise CheckFailed(
                f"{folder} does not hold the ledger that its {NOTE} names; nothing was changed.",
                remedy=ANOTHER,
                code="backup_damaged",
            )
        if (newer := _entries_beyond(home, draft, copy)) and not force:
            raise UsageError(
                f"the ledger in {home} is sound and holds {newer} entries "
                f"that the backup of {copy.taken_at} has not; nothing was changed.",
                remedy="Keep it, or give --force (what is replaced is put aside).",
                code="newer_state",
            )
        _put_in_place(home, draft, now)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return copy


def undo(home: Path, *, now: dt.datetime) -> Path:
    """Put back what the last restore replaced; what it brought is put aside in turn.

    Returns
    -------
    Path
        The folder that the state came from.
    """
    aside = sorted(
        folder for folder in home.glob(f"{REPLACED}*") if {file.name for file in folder.iterdir()} - {BROUGHT}
    )
    if not aside:
        raise UsageError(
            f"no restore is there to be undone in {home}; nothing was changed.",
            remedy="`captilt backup --list` names the copies that can be brought back.",
        )
    draft = home / f"restore{UNFINISHED}"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(aside[-1], draft)
    try:
        _put_in_place(home, draft, now)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(aside[-1])
    return aside[-1]


def _put_in_place(home: Path, draft: Path, now: dt.datetime) -> None:
    """Exchange the state of `home` with the files of `draft`, the head first."""
    aside = home / f"{REPLACED}{now.astimezone(dt.UTC):%Y%m%dT%H%M%S%f}Z"
    aside.mkdir(mode=0o700)
    if (home / HEAD).exists():
        shutil.copy2(home / HEAD, aside / HEAD)
    if (draft / HEAD).exists():
        shutil.copyfile(draft / HEAD, aside / BROUGHT)
        (draft / HEAD).replace(home / HEAD)
    for name in (FACTS, LEDGER):
        arriving = [part for part in _parts(draft, name) if part.exists()]
        if not arriving:
            continue
        for part in _parts(home, name):
            if part.exists():
                part.rename(aside / part.name)
        for part in arriving:
            part.rename(home / part.name)
    _sync(home)


def _parts(folder: Path, name: str) -> tuple[Path, ...]:
    """A database with its log files, the log first: a database without it would lose what was committed."""
    return folder / f"{name}-wal", folder / f"{name}-shm", folder / name


def copy_database(source: Path, target: Path) -> None:
    """One consistent copy of an SQLite database, whoever is writing to it."""
    try:
        with (
            closing(_read_only(source)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    except sqlite3.DatabaseError as fault:
        raise CheckFailed(
            f"{source} could not be copied: {fault}. Nothing was changed.",
            remedy="Bring back an older backup with `captilt restore`.",
            code="damaged",
        ) from None


def _check(folder: Path) -> tuple[int, str]:
    """Open and verify everything in `folder`; the number of entries and the head."""
    if (folder / FACTS).exists():
        store = open_store(folder / FACTS)
        store.verify()
        store.close()
    if not (folder / LEDGER).exists():
        return 0, ""
    ledger = Ledger.open(folder / LEDGER)
    fault, last = ledger.verify(), ledger.head()
    ledger.close()
    if fault:
        raise CheckFailed(
            f"{folder / LEDGER} is damaged: {fault}. Nothing was changed.",
            remedy="Bring back an older backup with `captilt restore`.",
            code="damaged",
        )
    return (last.seq, last.hash) if last else (0, "")


def _entries_beyond(home: Path, draft: Path, copy: Copy) -> int:
    """Entries that the sound ledger in `home` has and the copy in `draft` has not; 0 for a damaged or missing one."""
    if not (home / LEDGER).exists():
        return 0
    try:
        ledger = Ledger.open(home / LEDGER)
        last = ledger.head() if ledger.verify() is None else None
        ledger.close()
    except CaptiltError:
        return 0
    if last is None:
        return 0
    if last.seq > copy.entries:
        return last.seq - copy.entries
    with closing(_read_only(draft / LEDGER)) as ledger:
        same = ledger.execute("SELECT 1 FROM entry WHERE seq = ? AND hash = ?", (last.seq, last.hash)).fetchone()
    return 0 if same else last.seq


def _write_head(folder: Path, entries: int, head: str) -> None:
    draft = folder / f"{HEAD}{UNFINISHED}"
    draft.write_text(json.dumps({"seq": entries, "hash": head}), encoding="ascii")
    draft.chmod(0o600)
    _sync(draft)
    draft.replace(folder / HEAD)


def _described(note: Path) -> Copy:
    try:
        content: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
        files = {str(name): str(digest) for name, digest in content["files"].items()}
        copy = Copy(note.parent, str(content["taken_at"]), int(content["entries"]), str(content["head"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise CheckFailed(
            f"{note} cannot be read: {fault}. Nothing was changed.", remedy=ANOTHER, code="backup_damaged"
        ) from None
    if not set(copy.files) <= {FACTS, LEDGER}:
        raise CheckFailed(
            f"{note} names files that no backup has. Nothing was changed.", remedy=ANOTHER, code="backup_damaged"
        )
    return copy


def _sum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
