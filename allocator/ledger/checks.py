"""Checks of a ledger from outside: its chain of hashes, the heads that others keep, and its archive."""

import datetime as dt
import re
import zlib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from allocator.ledger import hash_chain
from allocator.ledger.input_archive import LIST

SHORTEST_HEAD = 8  # digits of a head that a person may type
_BLOCK_NAME = re.compile(rb'"([0-9a-f]{64})"')
PARAMETERS = 500  # of one statement; SQLite took at most 999 for long
_ASKED, _NOTE = b'{"asked":', b'"note":'  # the first and the last key of a manifest; names stand between them
_SERIES = b'"series":'  # the last key of an earlier version's; names stand behind it


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


def witness_fault(connection: sa.Connection, witnesses: Iterable[Witness]) -> Fault | None:
    """A head that was kept elsewhere and does not stand in the ledger."""
    for witness in witnesses:
        if len(witness.head) < SHORTEST_HEAD:
            return Fault(None, f"{witness.source} gives fewer than {SHORTEST_HEAD} digits of a head")
        row = connection.execute(
            sa.text("SELECT seq FROM entry WHERE substr(hash, 1, :n) = :head"),
            {"n": len(witness.head), "head": witness.head},
        ).first()
        if row is None or witness.seq not in (None, row.seq):
            return Fault(witness.seq, f"the head {witness.head[:12]} of {witness.source} is not in this ledger")
    return None


def entries_fault(connection: sa.Connection) -> Fault | None:
    """The first entry that is not what was written, or not where it was written."""
    # As bytes, and by number: text that is no longer UTF-8 must be named, not raise.
    names = ("kind", "day", "recorded_at", "payload", "previous", "hash")
    columns = ", ".join(_bytes(connection, name) for name in names)
    previous, number, stamp = hash_chain.GENESIS, 0, b""
    try:
        for seq, kind, day, recorded_at, payload, before, link in connection.exec_driver_sql(
            f"SELECT seq, {columns} FROM {_whole(connection, 'entry')} ORDER BY seq"  # noqa: S608 - constants
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


def archive_fault(connection: sa.Connection) -> Fault | None:
    """A block that is damaged, or one of a run's inputs that is not there."""
    manifests = {
        str(name).encode(): int(seq)
        for seq, name in connection.exec_driver_sql(
            f"SELECT seq, {_inputs(connection)} FROM entry WHERE kind = 'run'"  # noqa: S608 - a constant
        )
        if name
    }
    present: set[bytes] = set()
    before: set[bytes] = set()
    wanted: dict[bytes, int] = {}
    lists: dict[bytes, list[bytes]] = {}
    for name, seal, packed in connection.exec_driver_sql(
        f"SELECT {_bytes(connection, 'name')}, {_bytes(connection, 'seal')}, content FROM {_whole(connection, 'block')}"  # noqa: S608
    ):
        content = _unpacked(name, seal, packed)
        if content is None:
            return _damaged_block(name)
        present.add(name)
        if name in manifests:
            # Most series of two days have the same blocks: only what differs from the manifest before is read.
            parts = set(_names_part(content).split(b"]"))
            for block in _BLOCK_NAME.findall(b" ".join(parts - before)):
                wanted[block] = min(manifests[name], wanted.get(block, manifests[name]))
            before = parts
        elif content.startswith(LIST):
            lists[name] = _BLOCK_NAME.findall(content)
    for name, blocks in lists.items():
        if (first := wanted.get(name)) is not None:
            for block in blocks:
                wanted[block] = min(first, wanted.get(block, first))
    return _missing_fault(manifests | wanted, present, manifests)


def inputs_fault(connection: sa.Connection, day: dt.date) -> Fault | None:
    """A manifest or block of the runs of one trading day that is damaged or not there."""
    runs = sa.text(f"SELECT seq, {_inputs(connection)} FROM entry WHERE kind = 'run' AND day = :day")  # noqa: S608 - a constant
    manifests = {
        str(name).encode(): int(seq) for seq, name in connection.execute(runs, {"day": day.isoformat()}) if name
    }
    wanted = manifests
    while wanted:
        present: set[bytes] = set()
        inner: dict[bytes, int] = {}  # manifests name lists, and lists name blocks
        for name, seal, packed in _blocks_named(connection, list(wanted)):
            content = _unpacked(name, seal, packed)
            if content is None:
                return _damaged_block(name)
            present.add(name)
            part = _names_part(content) if name in manifests else content if content.startswith(LIST) else b""
            inner |= dict.fromkeys(_BLOCK_NAME.findall(part), wanted[name])
        if fault := _missing_fault(wanted, present, manifests):
            return fault
        wanted = inner
    return None


def _names_part(manifest: bytes) -> bytes:
    """The part of a manifest in which its blocks are named: a note of settings may hold digests of other things."""
    if manifest.startswith(_ASKED):
        return manifest[: manifest.find(_NOTE)]
    return manifest[max(manifest.find(_SERIES), 0) :]


def _blocks_named(connection: sa.Connection, names: list[bytes]) -> Iterator[Any]:
    """Name, seal and content of blocks, so many at a time as a statement may have parameters."""
    statement = sa.text(
        f"SELECT {_bytes(connection, 'name')}, {_bytes(connection, 'seal')}, content FROM block WHERE name IN :names"  # noqa: S608
    ).bindparams(sa.bindparam("names", expanding=True))
    for start in range(0, len(names), PARAMETERS):
        some = [name.decode("ascii", "replace") for name in names[start : start + PARAMETERS]]
        yield from connection.execute(statement, {"names": some})


def _damaged_block(name: bytes) -> Fault:
    return Fault(None, f"archived block {name[:12].decode('ascii', 'replace')} is damaged")


def _missing_fault(wanted: Mapping[bytes, int], present: Container[bytes], manifests: Container[bytes]) -> Fault | None:
    """The first run with an archived input that is not there."""
    missing = [(seq, name) for name, seq in wanted.items() if name not in present]
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


def _bytes(connection: sa.Connection, column: str) -> str:
    """A text column as bytes, whatever is in it."""
    return f"convert_to({column}, 'UTF8')" if connection.dialect.name == "postgresql" else f"CAST({column} AS BLOB)"


def _whole(connection: sa.Connection, table: str) -> str:
    """A table, read itself and not through an index that may be damaged in another way."""
    return table if connection.dialect.name == "postgresql" else f"{table} NOT INDEXED"


def _inputs(connection: sa.Connection) -> str:
    if connection.dialect.name == "postgresql":
        # A server refuses to read JSON with a zero character anywhere in it; escaped backslashes first, they pair up.
        return r"replace(replace(payload, '\\', ''), '\u0000', '')::json ->> 'inputs'"
    return "json_extract(payload, '$.inputs')"
