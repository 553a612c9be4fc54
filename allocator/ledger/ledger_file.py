"""The ledger's database file: opening, migrating, transactions, and every check that it is whole."""

import datetime as dt
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from allocator.ledger import hash_chain
from allocator.ledger.checks import Fault, Witness, archive_fault, entries_fault, inputs_fault, witness_fault
from allocator.ledger.head_file import HeadFile
from allocator.ledger.migrations import NEWEST, SHAPE, STEPS, upgrade
from signals.errors import CheckFailed, StorageError
from signals.store.sqlite import WAIT_SECONDS, connect, damaged, reading, writing


class LedgerFile:
    """One SQLite file in WAL mode with full synchronisation; a file that cannot be written is only read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read_only = path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
        self._head = HeadFile(path.with_suffix(".head"))
        self._engine = connect(path, read_only=self.read_only)
        self._sound = False
        self._inode = 0

    @classmethod
    def open(cls, path: Path) -> "LedgerFile":
        """Open `path`, making or migrating it where needed."""
        file = cls(path)
        if not path.exists() and file._head.names_entries():
            raise CheckFailed(
                f"{path} is missing, though {file._head.path.name} says that entries were written.",
                remedy="Bring it back with `captilt restore`; for a new ledger remove the .head file as well.",
                code="ledger_missing",
            )
        version = file._version()
        if version != NEWEST and not (file.read_only and version in STEPS):
            file._migrate()
        file._begin_head()
        return file

    def reopened(self) -> "LedgerFile":
        """The same file with connections of its own."""
        return LedgerFile.open(self.path)

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
        if self.read_only:
            raise StorageError(
                f"{self.path} can only be read. Nothing was written.", remedy="Mend the permissions of its folder."
            )
        self._follow()
        self._sound_or_refuse()
        with writing(self._engine, self.path) as connection:
            yield connection

    def write_head(self, seq: int, head: str) -> None:
        """Name the last entry in the file beside the database."""
        self._head.write(seq, head)

    def verify(
        self, witnesses: Iterable[Witness] = (), *, ignore_head_file: bool = False, inputs_of: dt.date | None = None
    ) -> Fault | None:
        """The first fault of entries, heads, archive and file, in this order; None where all is well."""
        head = self._head.content()
        try:
            with self._engine.connect() as connection, connection.begin():
                return (
                    entries_fault(connection)
                    or witness_fault(connection, witnesses)
                    or (None if ignore_head_file else self._head.fault(connection, head))
                    or (inputs_fault(connection, inputs_of) if inputs_of else archive_fault(connection))
                    or (None if inputs_of else _page_fault(connection))
                    or _shape_fault(connection)
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

    def _begin_head(self) -> None:
        """Give an empty ledger its head file, so that a missing one is a fault from the first entry on."""
        if self._head.path.exists() or self.read_only:
            return
        with self.reading() as connection:
            empty = not connection.exec_driver_sql("SELECT count(*) FROM entry").scalar()
        if empty:
            self.write_head(0, hash_chain.GENESIS)

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
        from filelock import FileLock

        # A lock of its own, because SQLite's switch to WAL ignores the busy timeout.
        with FileLock(self.path.with_suffix(".migration.lock"), mode=0o600):
            version = self._version()
            if version == NEWEST:
                return
            if version is not None and version not in STEPS:
                raise _unknown(self.path, version)
            if version is not None:
                self._sound_before_migration()
            with closing(sqlite3.connect(self.path, timeout=WAIT_SECONDS)) as plain:
                plain.execute("PRAGMA journal_mode = WAL")
            with writing(self._engine, self.path) as connection:
                upgrade(connection)

    def _sound_before_migration(self) -> None:
        head = self._head.content()
        with self.reading() as connection:
            if fault := entries_fault(connection) or self._head.fault(connection, head):
                raise damaged(self.path, str(fault))


def _page_fault(connection: sa.Connection) -> Fault | None:
    result = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    return None if result == "ok" else Fault(None, f"the database file is damaged ({result})")


def _shape_fault(connection: sa.Connection) -> Fault | None:
    if connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() != NEWEST:
        return None  # an older file that can only be read
    return None if shape(connection) == SHAPE else Fault(None, "its tables or triggers were changed")


def _unknown(path: Path, version: str) -> CheckFailed:
    if version.isdigit() and version > NEWEST:
        return CheckFailed(
            f"{path} has the shape {version}; this version knows {NEWEST}. Nothing was written.",
            remedy="Use the newer captilt that wrote it.",
            code="ledger_newer",
        )
    return damaged(path, f"its version reads {version!r}")


def shape(connection: sa.Connection) -> str:
    """SHA-256 over the statements that made the tables, indexes and triggers of the ledger."""
    statements = connection.exec_driver_sql(
        "SELECT type, name, CAST(coalesce(sql, '') AS BLOB) FROM sqlite_master "
        "WHERE tbl_name IN ('entry', 'block') ORDER BY name"
    )
    return hash_chain.digest(repr([tuple(row) for row in statements]).encode())
