"""Opening an SQLite book so that nothing acknowledged is lost and nobody waits for long.

Write-ahead log (others read while one writes), full synchronisation (a commit survives a power cut),
and one write transaction at a time, taken at its start so that two writers queue instead of failing.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from signals.errors import Busy, CheckFailed, StorageError

WAIT_SECONDS = 30.0  # for another writer; a daily batch takes well under one second
CACHE_KIB = 65536  # page cache: the whole index of the real data fits
FULL_DISK = ("disk is full", "disk I/O error", "readonly database", "unable to open")


class DamagedStore(CheckFailed):
    """The file is not the database that was written."""

    code = "damaged_store"


def connect(path: Path, *, read_only: bool = False) -> Engine:
    """An engine on the SQLite file at `path`, made with its folder if absent; `read_only` changes nothing there."""
    if read_only:
        return _read_only_engine(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": WAIT_SECONDS, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions begin below, not at the driver's whim
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"cache_size=-{CACHE_KIB}"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def _read_only_engine(path: Path) -> Engine:
    # Without a log beside it the file is all there is; SQLite then needs no files of its own in the folder.
    log = path.with_name(f"{path.name}-wal")
    alone = "" if log.exists() and log.stat().st_size else "&immutable=1"
    address = f"sqlite:///file:{quote(str(path))}?mode=ro{alone}&uri=true"
    return create_engine(address, connect_args={"timeout": WAIT_SECONDS, "check_same_thread": False})


@contextmanager
def reading(engine: Engine, path: Path) -> Iterator[Connection]:
    """A connection that sees one consistent state; faults are told in the product's words."""
    with _translated(path), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine, path: Path) -> Iterator[Connection]:
    """One write transaction: all of it is stored, or none."""
    with (
        _translated(path),
        engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError, UnicodeDecodeError) as fault:  # names in a damaged file
        reason = str(getattr(fault, "orig", fault))
        if "locked" in reason:
            raise Busy(
                f"{path.name} has been written by another run for more than {WAIT_SECONDS:.0f} s. Nothing was stored.",
                remedy="Wait for it, or end it, and run again.",
            ) from None
        if any(words in reason for words in FULL_DISK):
            raise StorageError(
                f"{path} cannot be written: {reason}. What was stored before is untouched.",
                remedy="Free some space or mend the permission, then run again.",
            ) from None
        if isinstance(fault, OperationalError) and "no such" not in reason and "malformed" not in reason:
            raise
        raise damaged(path, reason) from None


def damaged(path: Path, reason: str) -> DamagedStore:
    """The error that names the file and the way back."""
    return DamagedStore(
        f"{path} is damaged: {reason}. Nothing was written to it.",
        remedy="Bring back the last verified backup with `captilt restore`.",
    )
