"""The ledger's database file: opening, migrating, transactions, and every check that it is whole."""

import fcntl
import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from allocator.ledger import hash_chain
from allocator.ledger.migrations import NEWEST, SHAPE, STEPS, upgrade
from signals.errors import CheckFailed
from signals.store.sqlite import WAIT_SECONDS, connect, damaged, reading, writing

SHORTEST_HEAD = 8  # digits of a head that a person may type


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the book.

    Attributes
    ----------
    row : int or None
        The first bad entry; None where the fault lies outside the entries.
    reason : str
    """

    row: int | None
    reason: str

    def __str__(self) -> str:
        return self.reason if self.row is None else f"entry {self.row}: {self.reason}"


class LedgerFile:
    """One SQLite file in WAL mode with full synchronisation."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._head_file = path.with_suffix(".head")
        self._engine = connect(path)
        self._sound = False
        self._inode = 0

    @classmethod
    def open(cls, path: Path) -> "LedgerFile":
        """Open `path`, making or migrating it where needed."""
        file = cls(path)
        if not path.exists() and file._head_file.exists():
            raise CheckFailed(
                f"{path} is missing, though {file._head_file.name} says that entries were written.",
                remedy="Bring it back with `captilt restore`; for a new book remove the .head file as well.",
                code="ledger_missing",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        if file._version() != NEWEST:
            file._migrate()
        return file

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A snapshot; nobody waits for it and it waits for nobody."""
        self._follow()
        with reading(self._engine, self.path) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """The one writer; commits at the end, rolls back when the block raises."""
        self._follow()
        self._sound_or_refuse()
        with writing(self._engine, self.path) as connection:
            yield connection

    def witness(self, seq: int, head: str) -> None:
        """Name the last entry in the file beside the database; a full disk may leave it a little behind."""
        beside = self._head_file.with_suffix(f".head.{os.getpid()}.{threading.get_ident()}")
        try:
            with beside.open("w", encoding="ascii") as file:
                json.dump({"seq": seq, "hash": head}, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._head_file)
        except OSError:
            beside.unlink(missing_ok=True)

    def verify(self, head: str | None = None) -> Fault | None:
        """The first fault of entries, head, archive and file, in this order; None where all is well."""
        try:
            with self._engine.connect() as connection, connection.begin():
                return (
                    _entries_fault(connection)
                    or self._head_fault(connection, head)
                    or _archive_fault(connection)
                    or _file_fault(connection)
                )
        except (DBAPIError, UnicodeDecodeError) as fault:
            return Fault(None, f"{self.path.name} cannot be read as a database: {getattr(fault, 'orig', fault)}")

    def _follow(self) -> None:
        # A restore puts another file in this place; connections to the old one must not be used again.
        try:
            inode = self.path.stat().st_ino
        except FileNotFoundError:
            inode = 0
        if inode != self._inode:
            self._engine.dispose()
            self._inode, self._sound = inode, False

    def _sound_or_refuse(self) -> None:
        if self._sound:
            return
        if fault := self.verify():
            raise damaged(self.path, str(fault))
        self._sound = True

    def _head_fault(self, connection: sa.Connection, outside: str | None) -> Fault | None:
        if outside is not None and (len(outside) < SHORTEST_HEAD or not _in_chain(connection, outside)):
            return Fault(None, f"the head {outside} printed in an alert does not stand in this book")
        try:
            beside = json.loads(self._head_file.read_text(encoding="ascii"))
            seq, expected = int(beside["seq"]), str(beside["hash"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, OSError):
            return Fault(None, f"{self._head_file.name} beside the book cannot be read")
        row = connection.execute(sa.text("SELECT hash FROM entry WHERE seq = :seq"), {"seq": seq}).first()
        if row is None:
            return Fault(seq, f"it was written once ({self._head_file.name}) and is missing: the file is an older copy")
        return None if row.hash == expected else Fault(seq, f"its hash is not the one in {self._head_file.name}")

    def _version(self) -> str | None:
        if not self.path.exists():
            return None
        with self.reading() as connection:
            tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
            if "alembic_version" not in tables:
                if tables:
                    raise damaged(self.path, "it has tables but no version")
                return None
            return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()

    def _migrate(self) -> None:
        # The folder is locked rather than the file, because the switch to WAL ignores the busy timeout.
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            found = self._version()
            if found == NEWEST:
                return
            if found is not None and found not in STEPS:
                raise _unknown(self.path, found)
            with closing(sqlite3.connect(self.path, timeout=WAIT_SECONDS)) as plain:
                plain.execute("PRAGMA journal_mode = WAL")
            with writing(self._engine, self.path) as connection:
                upgrade(connection)
        finally:
            os.close(folder)


def _in_chain(connection: sa.Connection, head: str) -> bool:
    found = connection.execute(
        sa.text("SELECT 1 FROM entry WHERE substr(hash, 1, :n) = :head"), {"n": len(head), "head": head}
    )
    return found.first() is not None


def _entries_fault(connection: sa.Connection) -> Fault | None:
    # As bytes, and by number: text that is no longer UTF-8 must be named, not raise.
    stored = "SELECT seq, typeof(seq), " + ", ".join(
        f"CAST({column} AS BLOB)" for column in ("kind", "day", "recorded_at", "payload", "previous", "hash")
    )
    previous, number, stamp = hash_chain.GENESIS, 0, b""
    try:
        for seq, _type, kind, day, recorded_at, payload, before, link in connection.exec_driver_sql(
            f"{stored} FROM entry NOT INDEXED ORDER BY seq"
        ):
            number += 1
            if seq != number:
                return Fault(number, f"it is missing; the next one is {seq}")
            if before != previous.encode():
                return Fault(number, "it does not follow from the entry before")
            fields = (str(seq).encode(), kind, day, recorded_at, payload)
            if link != hash_chain.link(previous, fields).encode():
                return Fault(number, "its content does not match its hash")
            if recorded_at < stamp:
                return Fault(number, "it was recorded before the entry before it")
            previous, stamp = link.decode(), recorded_at
    except (DBAPIError, UnicodeDecodeError, TypeError) as fault:
        return Fault(number + 1, f"it cannot be read: {getattr(fault, 'orig', fault)}")
    return None


def _archive_fault(connection: sa.Connection) -> Fault | None:
    for name, seal, packed in connection.exec_driver_sql(
        "SELECT CAST(name AS BLOB), CAST(seal AS BLOB), content FROM block NOT INDEXED"
    ):
        try:
            whole = (
                hash_chain.digest(packed).encode() == seal
                and hash_chain.digest(zlib.decompress(packed)).encode() == name
            )
        except (zlib.error, TypeError):
            whole = False
        if not whole:
            return Fault(None, f"archived block {name[:12].decode('ascii', 'replace')} is damaged")
    return None


def _file_fault(connection: sa.Connection) -> Fault | None:
    said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    if said != "ok":
        return Fault(None, f"the database file is damaged ({said})")
    return None if shape(connection) == SHAPE else Fault(None, "its tables or triggers were changed")


def _unknown(path: Path, found: str) -> CheckFailed:
    if found.isdigit() and found > NEWEST:
        return CheckFailed(
            f"{path} has the shape {found}; this version knows {NEWEST}. Nothing was written.",
            remedy="Use the newer captilt that wrote it.",
            code="ledger_newer",
        )
    return damaged(path, f"its version reads {found!r}")


def shape(connection: sa.Connection) -> str:
    """SHA-256 over the statements that made the tables, indexes and triggers of the book."""
    made = connection.exec_driver_sql(
        "SELECT type, name, CAST(coalesce(sql, '') AS BLOB) FROM sqlite_master "
        "WHERE tbl_name IN ('entry', 'block') ORDER BY name"
    )
    return hash_chain.digest(repr([tuple(row) for row in made]).encode())
