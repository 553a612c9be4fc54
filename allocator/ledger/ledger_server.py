"""The ledger on a PostgreSQL server: the same entries and checks, for several machines.

Writers queue on an advisory lock, so an entry always follows the last one; a program that does not ask for the lock
fails on the number of its entry. Tables refuse updates, deletions and truncation whoever asks, and the role that
captilt runs under can neither change nor drop them. The server checks its own pages.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from allocator.ledger.checks import Fault, Witness, archive_fault, entries_fault, inputs_fault, witness_fault
from allocator.ledger.head_file import HeadFile
from signals.errors import CheckFailed
from signals.store.postgres import (
    connect,
    damaged,
    grant_roles,
    reading,
    refuse_changes,
    shown,
    triggers_fault,
    writing,
)

SCHEMA = "captilt_ledger"
VERSION = "1"  # of the tables below
TABLES = (
    """CREATE TABLE entry (
    seq BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN (
        'run', 'advice', 'alert', 'attempt', 'decision', 'outcome', 'failure', 'supersession'
    )),
    day TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    payload TEXT NOT NULL,
    previous TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE
)""",
    "CREATE INDEX entry_by_kind ON entry (kind, day, seq)",
    "CREATE TABLE block (name TEXT NOT NULL PRIMARY KEY, seal TEXT NOT NULL, content BYTEA NOT NULL)",
    "CREATE TABLE version (number TEXT NOT NULL PRIMARY KEY)",
    f"INSERT INTO version VALUES ('{VERSION}')",  # noqa: S608 - a constant
    """CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entry) THEN
        RAISE EXCEPTION 'the ledger is append-only: entry % does not follow the last one', NEW.seq;
    END IF;
    IF NEW.kind IN ('run', 'advice') AND EXISTS (
        SELECT 1 FROM entry WHERE kind = NEW.kind AND day = NEW.day AND seq > coalesce(
            (SELECT max(seq) FROM entry WHERE kind = 'supersession' AND day = NEW.day), 0)
    ) THEN
        RAISE EXCEPTION 'the ledger is append-only: it has the % of % already', NEW.kind, NEW.day;
    END IF;
    RETURN NEW;
END $$""",
    "CREATE TRIGGER entry_follows BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION follow()",
    *refuse_changes(("entry", "block", "version")),
    *grant_roles(),
)
TRIGGERS = 1 + 3 * 3  # of `TABLES`


class LedgerServer:
    """The ledger in one schema of a PostgreSQL database.

    Parameters
    ----------
    url : str
    head : pathlib.Path
        The file on this machine that names the last entry which it wrote.
    """

    read_only = False  # the server's roles decide

    def __init__(self, url: str, head: Path) -> None:
        self.path = shown(url)
        self._url = url
        self._head = HeadFile(head)
        self._engine = connect(url, SCHEMA)
        self._sound = False

    @classmethod
    def open(cls, url: str, head: Path) -> "LedgerServer":
        """Open the ledger at `url`, making it where there is none.

        Raises
        ------
        CheckFailed
            Its tables are missing though this machine wrote entries, or they are of a later version.
        """
        server = cls(url, head)
        try:
            server._make_or_refuse()
        except BaseException:
            server.close()
            raise
        return server

    def reopened(self) -> "LedgerServer":
        """The same ledger with connections of its own."""
        return LedgerServer.open(self._url, self._head.path)

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One state for several questions."""
        with reading(self._engine, self._url) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """The one writer of all machines; commits at the end, rolls back when the block raises."""
        if not self._sound:
            if fault := self.verify():
                raise damaged(self._url, str(fault))
            self._sound = True
        with writing(self._engine, self._url) as connection:
            yield connection

    def write_head(self, seq: int, head: str) -> None:
        """Name the last entry in the file on this machine."""
        self._head.write(seq, head)

    def verify(
        self, witnesses: Iterable[Witness] = (), *, ignore_head_file: bool = False, inputs_of: dt.date | None = None
    ) -> Fault | None:
        """The first fault of entries, heads, archive and triggers, in this order; None where all is well."""
        head = self._head.content()
        try:
            with self.reading() as connection:
                return (
                    entries_fault(connection)
                    or witness_fault(connection, witnesses)
                    or (None if ignore_head_file or head is None else self._head.fault(connection, head))
                    or (inputs_fault(connection, inputs_of) if inputs_of else archive_fault(connection))
                    or (Fault(None, reason) if (reason := triggers_fault(connection, TRIGGERS)) else None)
                )
        except DBAPIError as fault:
            return Fault(None, f"{self.path} cannot be read: {fault.orig}")

    def _make_or_refuse(self) -> None:
        version = self._version()
        if version == VERSION:
            return
        if version is not None:
            raise CheckFailed(
                f"{self.path} has the shape {version}; this version knows {VERSION}. Nothing was written.",
                remedy="Use the newer captilt that wrote it.",
                code="ledger_newer",
            )
        if self._head.names_entries():
            raise CheckFailed(
                f"{self.path} has no ledger, though {self._head.path.name} says that entries were written.",
                remedy="Bring the database back from its backup; for a new ledger remove the .head file.",
                code="ledger_missing",
            )
        self._make()

    def _version(self) -> str | None:
        with self.reading() as connection:
            if not sa.inspect(connection).has_table("version"):
                return None
            return connection.execute(sa.text("SELECT number FROM version")).scalar()

    def _make(self) -> None:
        with writing(self._engine, self._url) as connection:  # the lock: two machines may start at once
            if sa.inspect(connection).has_table("version"):
                return
            for statement in TABLES:
                connection.execute(sa.text(statement.replace(":", "\\:")))
