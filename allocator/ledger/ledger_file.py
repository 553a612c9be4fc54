"""The ledger's database file: opening, migrating, transactions, and every check that it is whole."""

import json
import os
import re
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy.exc import DBAPIError

from allocator.ledger import hash_chain
from allocator.ledger.migrations import NEWEST, SHAPE, STEPS, upgrade
from signals.errors import CheckFailed
from signals.store.sqlite import WAIT_SECONDS, StorageError, connect, damaged, reading, writing

SHORTEST_HEAD = 8  # digits of a head that a person may type
_BLOCK_NAME = re.compile(rb'"([0-9a-f]{64})"')
_SERIES = b'"series":'  # the last key of a manifest; the names of its blocks stand behind it


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the ledger.

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


@dataclass(frozen=True, slots=True)
class Witness:
    """A copy of the ledger's head that was taken at some time and is kept outside the database.

    Attributes
    ----------
    seq : int or None
        Number of the entry; None where only the hash is known.
    head : str
        Its hash, or the first eight digits or more.
    source : str
        Where the copy is kept, for the message.
    """

    seq: int | None
    head: str
    source: str


class LedgerFile:
    """One SQLite file in WAL mode with full synchronisation; a file that cannot be written is only read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read_only = path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
        self._head_file = path.with_suffix(".head")
        self._engine = connect(path, read_only=self.read_only)
        self._sound = False
        self._inode = 0

    @classmethod
    def open(cls, path: Path) -> "LedgerFile":
        """Open `path`, making or migrating it where needed."""
        file = cls(path)
        if not path.exists() and file._head_names_entries():
            raise CheckFailed(
                f"{path} is missing, though {file._head_file.name} says that entries were written.",
                remedy="Bring it back with `captilt restore`; for a new ledger remove the .head file as well.",
                code="ledger_missing",
            )
        version = file._version()
        if version != NEWEST and not (file.read_only and version in STEPS):
            file._migrate()
        file._begin_head()
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
        if self.read_only:
            raise StorageError(
                f"{self.path} can only be read. Nothing was written.", remedy="Mend the permissions of its folder."
            )
        self._follow()
        self._sound_or_refuse()
        with writing(self._engine, self.path) as connection:
            yield connection

    def write_head(self, seq: int, head: str) -> None:
        """Name the last entry in the file beside the database; a full disk may leave it a little behind."""
        draft = self._head_file.with_suffix(f".head.{os.getpid()}.{threading.get_ident()}")
        try:
            with draft.open("w", encoding="ascii") as file:
                json.dump({"seq": seq, "hash": head}, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._head_file)
        except OSError:
            draft.unlink(missing_ok=True)

    def verify(self, witnesses: Iterable[Witness] = (), *, ignore_head_file: bool = False) -> Fault | None:
        """The first fault of entries, heads, archive and file, in this order; None where all is well."""
        try:
            with self._engine.connect() as connection, connection.begin():
                return (
                    _entries_fault(connection)
                    or _witness_fault(connection, witnesses)
                    or (None if ignore_head_file else self._head_fault(connection))
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

    def _begin_head(self) -> None:
        """Give an empty ledger its head file, so that a missing one is a fault from the first entry on."""
        if self._head_file.exists() or self.read_only:
            return
        with self.reading() as connection:
            empty = not connection.exec_driver_sql("SELECT count(*) FROM entry").scalar()
        if empty:
            self.write_head(0, hash_chain.GENESIS)

    def _head_names_entries(self) -> bool:
        try:
            return bool(self._read_head()[0])
        except FileNotFoundError:
            return False
        except ValueError:
            return True

    def _read_head(self) -> tuple[int, str]:
        """Number and hash in the head file; ValueError where it is not one."""
        try:
            content = json.loads(self._head_file.read_text(encoding="ascii"))
            return int(content["seq"]), str(content["hash"])
        except FileNotFoundError:
            raise
        except (KeyError, TypeError, OSError) as fault:
            raise ValueError(str(fault)) from None

    def _head_fault(self, connection: sa.Connection) -> Fault | None:
        name = self._head_file.name
        try:
            seq, expected = self._read_head()
        except FileNotFoundError:
            entries = connection.exec_driver_sql("SELECT count(*) FROM entry").scalar()
            return Fault(None, f"{name} is missing beside {entries} entries") if entries else None
        except ValueError:
            return Fault(None, f"{name} beside the ledger cannot be read")
        if not seq:
            return None  # nothing was written yet when it was made
        row = connection.execute(sa.text("SELECT hash FROM entry WHERE seq = :seq"), {"seq": seq}).first()
        if row is None:
            return Fault(seq, f"it was written once ({name}) and is missing: the file is an older copy")
        return None if row.hash == expected else Fault(seq, f"its hash is not the one in {name}")

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
        with self.reading() as connection:
            if fault := _entries_fault(connection) or self._head_fault(connection):
                raise damaged(self.path, str(fault))


def _witness_fault(connection: sa.Connection, witnesses: Iterable[Witness]) -> Fault | None:
    for witness in witnesses:
        if len(witness.head) < SHORTEST_HEAD:
            return Fault(None, f"{witness.source} gives fewer than {SHORTEST_HEAD} digits of a head")
        row = connection.execute(
            sa.text("SELECT seq FROM entry WHERE substr(hash, 1, :n) = :head"),
            {"n": len(witness.head), "head": witness.head},
        ).first()
        if row is None or witness.seq not in (None, row.seq):
            return Fault(witness.seq, f"the head {witness.head[:12]} of {witness.source} does not stand in this ledger")
    return None


def _entries_fault(connection: sa.Connection) -> Fault | None:
    # As bytes, and by number: text that is no longer UTF-8 must be named, not raise.
    columns = ", ".join(
        f"CAST({column} AS BLOB)" for column in ("kind", "day", "recorded_at", "payload", "previous", "hash")
    )
    previous, number, stamp = hash_chain.GENESIS, 0, b""
    try:
        for seq, kind, day, recorded_at, payload, before, link in connection.exec_driver_sql(
            f"SELECT seq, {columns} FROM entry NOT INDEXED ORDER BY seq"  # noqa: S608 - constants
        ):
            number += 1
            if seq != number:
                return Fault(number, f"it is missing; the next one is {seq}")
            if before != previous.encode():
                return Fault(number, "it does not follow from the entry before")
            fields = (str(seq).encode(), kind, day, recorded_at, payload)
            if link != hash_chain.link(previous, fields).encode():
                return Fault(number, "its content does not match its hash")
            if recorded_at < stamp and kind != b"supersession":  # that one ends a clock that was ahead
                return Fault(number, "it was recorded before the entry before it")
            previous, stamp = link.decode(), recorded_at
    except (DBAPIError, UnicodeDecodeError, TypeError) as fault:
        return Fault(number + 1, f"it cannot be read: {getattr(fault, 'orig', fault)}")
    return None


def _archive_fault(connection: sa.Connection) -> Fault | None:
    """A block that is damaged, or one of a run's inputs that is not there."""
    manifests = {
        str(name).encode(): int(seq)
        for seq, name in connection.exec_driver_sql(
            "SELECT seq, json_extract(payload, '$.inputs') FROM entry WHERE kind = 'run'"
        )
        if name
    }
    present: set[bytes] = set()
    wanted: dict[bytes, int] = {}
    for name, seal, packed in connection.exec_driver_sql(
        "SELECT CAST(name AS BLOB), CAST(seal AS BLOB), content FROM block NOT INDEXED"
    ):
        content = _unpacked(name, seal, packed)
        if content is None:
            return Fault(None, f"archived block {name[:12].decode('ascii', 'replace')} is damaged")
        present.add(name)
        if name in manifests:
            for block in _BLOCK_NAME.findall(content, max(content.find(_SERIES), 0)):
                wanted.setdefault(block, manifests[name])
    missing = [(seq, name) for name, seq in (manifests | wanted).items() if name not in present]
    if not missing:
        return None
    seq, name = min(missing)
    what = "manifest" if name in manifests else "block"
    others = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
    return Fault(seq, f"its archived inputs are missing: {what} {name[:12].decode('ascii', 'replace')}{others}")


def _unpacked(name: bytes, seal: bytes, packed: bytes) -> bytes | None:
    """A block's content, None where it is not what was archived."""
    try:
        content = zlib.decompress(packed)
        whole = hash_chain.digest(packed).encode() == seal and hash_chain.digest(content).encode() == name
    except (zlib.error, TypeError):
        return None
    return content if whole else None


def _file_fault(connection: sa.Connection) -> Fault | None:
    result = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    if result != "ok":
        return Fault(None, f"the database file is damaged ({result})")
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
