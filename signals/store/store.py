"""The store of facts: append-only, two dates on every number, one door for reading.

1. A batch is stored whole or not at all. The same fact again changes nothing.
2. The same series, period and known-at with *another* value contradicts what is held: what is held
   stays, the contradiction is kept beside it and reported.
3. `as_of` hands out views of one `Edition`: the facts as they stand at that moment, in which a view remains though
   this store or another process writes meanwhile. A series is read once, checked against its checksum and kept as
   one contiguous `History`. It comes from the snapshot beside the database (`signals.store.snapshot`) where that
   holds the same rows, else from the database.

The checksum of a series is the sum of one hash per row, so it grows with every append, does not depend
on the order of arrival, and betrays any changed, lost or added row when the series is next read.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Connection, Engine, Table, func, insert, select, text, update

from signals.asof import AsOf, History
from signals.errors import InputError
from signals.fact import Fact
from signals.new_york import instant
from signals.series.dictionary import Series, describe, from_row
from signals.series.fetch_notes import NOTE
from signals.store.database import (
    Location,
    connect,
    damaged,
    insert_facts,
    integrity,
    is_server,
    reading,
    select_facts_of,
    writing,
)
from signals.store.edition import Edition
from signals.store.migrate import bring_up
from signals.store.rows import NO_ROWS, SAME, WITHDRAWN, Rows, from_tuples, signed, to_tuples
from signals.store.schema import batch as batches
from signals.store.schema import contradiction, definition, quarantine
from signals.store.schema import series as series_table
from signals.store.snapshot import Head, Snapshot, content_of, renew

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

SCHEMA = "captilt_facts"  # of the tables on a server
PART_ROWS = 50_000  # that are read in one go: some ten megabytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not stored, and why.

    Attributes
    ----------
    series, origin, content : str
        Which series, where it stood (file and line, or provider and period), what it said.
    rule, reason : str
        Identifier of the rule it broke, and one sentence.
    """

    series: str
    origin: str
    content: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A value that disagrees with the one held for the same period and moment.

    Attributes
    ----------
    series : str
    period : datetime.date
    known_at : datetime.datetime
    stored, offered : float
        Both kept; `stored` is the one in force.
    """

    series: str
    period: dt.date
    known_at: dt.datetime
    stored: float
    offered: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one batch did.

    Attributes
    ----------
    batch : int
        Its number; 0 where nothing was new and nothing was written.
    stored, repeated : int
        Facts that are new, and facts that were held already.
    contradictions : tuple of Contradiction
    refused : int
        Rows newly put in quarantine.
    """

    batch: int
    stored: int
    repeated: int
    contradictions: tuple[Contradiction, ...]
    refused: int


class Store:
    """An open store.

    Parameters
    ----------
    path : pathlib.Path or str
        The SQLite file, or the URL of a PostgreSQL database.
    engine : sqlalchemy.Engine
    columns : pathlib.Path
        The snapshot's file.
    """

    def __init__(self, path: Location, engine: Engine, columns: Path) -> None:
        self.path = path
        self._engine = engine
        self.columns = columns
        self.tables: MutableMapping[str, bytes] | None = None  # where views keep their tables (`signals.growing`)
        self._edition: Edition | None = None  # the newest that was read
        self._written: set[str] = set()  # since then
        self._loaded: dict[str, History] = {}  # from the database, before the first edition or since the newest
        self._definitions: dict[str, Series] | None = None

    @classmethod
    def open(cls, path: Location, *, columns: Path | None = None) -> "Store":
        """Open the store at `path`; make it and migrate it where needed.

        Parameters
        ----------
        path : pathlib.Path or str
            An SQLite file, or the URL of a PostgreSQL database.
        columns : pathlib.Path, optional
            Where the snapshot is kept; beside an SQLite file by default.
        """
        if columns is None:
            if isinstance(path, str):
                raise ValueError("a store on a server needs a file for its snapshot")
            columns = path.with_suffix(".columns")
        engine = connect(path, SCHEMA)
        try:
            bring_up(engine, path)
        except BaseException:
            engine.dispose()
            raise
        return cls(path, engine, columns)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def as_of(self, moment: dt.datetime) -> AsOf:
        """The world at `moment`: the only way in for anything that computes."""
        edition = self._newest()
        view = AsOf(moment, edition.history, _memory=edition.memory)
        return view if self.tables is None else view.kept_in(self.tables)

    def history(self, name: str) -> History:
        """Every version of a series ever stored, whatever the moment: for `as_of`, export and hindsight only."""
        if self._edition is not None and name not in self._written:
            return self._edition.history(name)
        if name not in self._loaded:
            with reading(self._engine, self.path) as connection:
                self._loaded[name] = self._selected(connection, name).history()
        return self._loaded[name]

    def content(self) -> str:
        """SHA-256 of the facts that the newest view reads: equal facts, equal content (`Snapshot.content`)."""
        return content_of((self._edition or self._newest()).heads)

    def append(
        self, facts: Iterable[Fact], *, source: str = "", note: str = "", at: dt.datetime | None = None
    ) -> Receipt:
        """Store facts one by one given; `at` is when they arrived (default: the newest known-at among them)."""
        listed = sorted(facts)
        if not listed:
            return Receipt(0, 0, 0, (), 0)
        columns = {name: _columns(tuple(group)) for name, group in groupby(listed, key=lambda fact: fact.series)}
        return self.write(columns, source=source, note=note, at=at or max(fact.known_at for fact in listed))

    def write(
        self,
        facts: Mapping[str, History],
        *,
        source: str,
        at: dt.datetime,
        note: str = "",
        definitions: Sequence[Mapping[str, str]] = (),
        refused: Sequence[Refusal] = (),
    ) -> Receipt:
        """Store a batch of histories in one transaction.

        Parameters
        ----------
        facts : mapping of str to History
            New facts by series.
        source, note : str
            Where they came from.
        at : datetime.datetime
            Aware; when they arrived here.
        definitions : sequence of mappings
            Manifest rows of the series, kept for export and for series this version does not know.
        refused : sequence of Refusal
            Rows that broke a contract, for the quarantine.
        """
        with writing(self._engine, self.path) as connection:
            number = 1 + (connection.scalar(select(func.max(batches.c.id))) or 0)
            connection.execute(insert(batches).values(id=number, recorded_at=_micros(at), source=source, note=note))
            parts = [self._put(connection, name, history, number) for name, history in facts.items()]
            clashes = tuple(clash for _, _, clashes_of_part in parts for clash in clashes_of_part)
            disputed = _keep_contradictions(connection, clashes, number)
            quarantined = _keep_refusals(connection, refused, number)
            _keep_definitions(connection, definitions, number)
            receipt = Receipt(number, sum(p[0] for p in parts), sum(p[1] for p in parts), clashes, quarantined)
            if not (receipt.stored or quarantined or disputed or definitions):
                _take_back(connection)
                receipt = replace(receipt, batch=0)
        for name in facts:
            self._loaded.pop(name, None)
            self._written.add(name)
        if definitions:
            self._definitions = None
        return receipt

    def describe(self, name: str) -> Series:
        """What is known about a series, imported manifests included."""
        if self._definitions is None:
            self._definitions = {key: from_row(row) for key, row in self.definitions().items()}
        return describe(name, self._definitions)

    def definitions(self) -> dict[str, dict[str, str]]:
        """The manifest rows of imported series, as they were read."""
        with reading(self._engine, self.path) as connection:
            bodies = connection.execute(select(definition.c.body)).scalars().all()
        return {row["series"]: row for row in map(json.loads, bodies)}

    def names(self) -> tuple[str, ...]:
        """Every series held, in order."""
        with reading(self._engine, self.path) as connection:
            names = connection.execute(select(series_table.c.name)).scalars()
            return tuple(sorted(names))  # a server would sort in the order of some language

    def holds_market_data(self) -> bool:
        """True where anything but the shipped decisions and the notes on fetches is held."""
        return any(not name.startswith(("fomc:", NOTE)) for name in self.names())

    def verify(self) -> None:
        """Read and check everything; raises `DamagedStore` naming the first fault."""
        with reading(self._engine, self.path) as connection:
            state = integrity(connection)
            lost = connection.exec_driver_sql(
                "SELECT count(*) FROM fact WHERE series NOT IN (SELECT id FROM series)"
            ).scalar()
        if state != "ok" or lost:
            raise damaged(self.path, state if state != "ok" else f"{lost} facts of unnamed series")
        for name in self.names():
            with reading(self._engine, self.path) as connection:
                self._selected(connection, name)

    def engine(self) -> Engine:
        """The engine, for checks of the tables and copies; nothing is written through it."""
        return self._engine

    def query(self, words: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a question about the state of the store; for reports, never for what a decision reads."""
        with reading(self._engine, self.path) as connection:
            return [tuple(row) for row in connection.execute(text(words), values)]

    def _newest(self) -> Edition:
        """The facts as they stand now."""
        with reading(self._engine, self.path) as connection:
            batch = connection.scalar(select(func.max(batches.c.id))) or 0
            if self._edition is not None and self._edition.batch == batch:
                return self._edition
            found = connection.execute(select(series_table)).all()
            heads = {name: Head(rows, checksum) for _, name, rows, checksum in found}
            snapshot = self._renewed(connection, heads, {name: key for key, name, *_ in found})
        self._written.clear()
        self._loaded.clear()
        self._definitions = None
        self._edition = Edition(batch, heads, snapshot, self._of_edition)
        return self._edition

    def _renewed(self, connection: Connection, heads: Mapping[str, Head], keys: Mapping[str, int]) -> Snapshot:
        """The snapshot on disk, brought to the heads of the database where it holds anything else."""
        snapshot = Snapshot.open(self.columns)
        behind = sorted(name for name, head in heads.items() if snapshot.head(name) != head)
        if not behind and len(snapshot.names()) == len(heads):
            return snapshot
        fresh = self._read_many(connection, heads, {name: keys[name] for name in behind})
        moved_on = frozenset(behind)

        def load(name: str) -> Rows:
            if name in moved_on:
                return next(fresh)  # `renew` asks in order of name
            rows = snapshot.rows(name, heads[name])
            return self._selected(connection, name) if rows is None else rows

        return renew(self.columns, heads, load)

    def _read_many(self, connection: Connection, heads: Mapping[str, Head], keys: Mapping[str, int]) -> Iterator[Rows]:
        """The rows of series from the database, checked, in the order of `keys`, read in parts of many series."""
        for part in _parts_of_rows(keys, heads):
            rows_of = self._fetched(connection, [keys[name] for name in part])
            for name in part:
                yield self._checked(name, heads[name], rows_of.pop(keys[name]))

    def _of_edition(self, name: str, edition: Edition) -> Rows:
        """The rows of a series that an edition holds, from the database; later batches are left out."""
        if edition.snapshot.damaged:  # the next one to look makes it anew
            with suppress(OSError):
                self.columns.unlink(missing_ok=True)
        with reading(self._engine, self.path) as connection:
            rows = self._selected(connection, name)
        if rows.size == edition.heads[name].rows:
            return rows
        return self._checked(name, edition.heads[name], rows.until(edition.batch))

    def _selected(self, connection: Connection, name: str) -> Rows:
        """The rows of a series from the database, checked."""
        head = connection.execute(select(series_table).where(series_table.c.name == name)).first()
        if head is None:
            return NO_ROWS
        return self._checked(name, Head(head.rows, head.checksum), self._fetched(connection, [head.id])[head.id])

    def _checked(self, name: str, head: Head, rows: Rows) -> Rows:
        if rows.size != head.rows or rows.checksum() != head.checksum:
            raise damaged(self.path, f"the rows of {name} do not match their checksum")
        return rows

    def _fetched(self, connection: Connection, keys: Sequence[int]) -> dict[int, Rows]:
        """Rows by the number of their series; bytes that are no longer numbers are damage."""
        try:
            found = select_facts_of(connection, keys, WITHDRAWN)
            return {key: from_tuples(rows) for key, rows in found.items()}
        except (TypeError, ValueError, OverflowError) as fault:
            raise damaged(self.path, f"a row is not what was written ({fault})") from None

    def _put(
        self, connection: Connection, name: str, history: History, number: int
    ) -> tuple[int, int, list[Contradiction]]:
        offered = Rows(
            history.period.astype("int64"),
            history.known_at.astype("int64"),
            history.value.astype("float64") + 0.0,  # minus zero is zero, as a file keeps it
            np.full(history.period.size, number, dtype="int64"),
        )
        head = connection.execute(select(series_table).where(series_table.c.name == name)).first()
        if head is None:
            added = connection.execute(insert(series_table).values(name=name, rows=0, checksum=0))
            key = int(added.inserted_primary_key[0])  # type: ignore[index]
            stored, rows, checksum = NO_ROWS, 0, 0
        else:
            key, rows, checksum = head.id, head.rows, head.checksum
            stored = self._fetched(connection, [key])[key]
            if stored.checksum() != checksum:
                raise damaged(self.path, f"the rows of {name} do not match their checksum")
        fresh, repeated, clashes = _compare(name, stored, offered)
        if fresh.period.size:
            insert_facts(connection, to_tuples(key, fresh))
            total = signed(checksum + fresh.checksum())
            new = {"rows": rows + fresh.period.size, "checksum": total}
            connection.execute(update(series_table).where(series_table.c.id == key).values(new))
        return fresh.period.size, repeated, clashes


def _parts_of_rows(names: Iterable[str], heads: Mapping[str, Head]) -> Iterator[list[str]]:
    """The names in parts of some `PART_ROWS` rows each, in their order."""
    part: list[str] = []
    for name in names:
        part.append(name)
        if sum(heads[member].rows for member in part) >= PART_ROWS:
            yield part
            part = []
    if part:
        yield part


def _columns(facts: tuple[Fact, ...]) -> History:
    moments = [fact.known_at.astimezone(dt.UTC).replace(tzinfo=None) for fact in facts]
    return History(
        np.array([fact.period for fact in facts], dtype="datetime64[D]"),
        np.array(moments, dtype="datetime64[us]"),
        np.array([fact.value for fact in facts], dtype=np.float64),
    )


def _micros(moment: dt.datetime) -> int:
    if moment.tzinfo is None:
        raise InputError("a moment of arrival needs a time zone.")
    return int(instant(moment).astype("int64"))


def _compare(name: str, stored: Rows, offered: Rows) -> tuple[Rows, int, list[Contradiction]]:
    """Split what is offered into new rows, the number of repeats, and contradictions."""
    order = np.lexsort((offered.known_at, offered.period))
    period, known_at, value, number = (
        column[order] for column in (offered.period, offered.known_at, offered.value, offered.batch)
    )
    if np.isinf(value).any():
        raise InputError(f"{name}: an infinite value cannot be stored. Nothing of the batch was.")
    before_period = np.concatenate((stored.period, period))
    before_known = np.concatenate((stored.known_at, known_at))
    before_value = np.concatenate((stored.value, value))
    order_of_all = np.lexsort((np.arange(before_period.size), before_known, before_period))
    starts = np.ones(order_of_all.size, dtype=bool)
    starts[1:] = (before_period[order_of_all][1:] != before_period[order_of_all][:-1]) | (
        before_known[order_of_all][1:] != before_known[order_of_all][:-1]
    )
    first = order_of_all[np.maximum.accumulate(np.where(starts, np.arange(order_of_all.size), 0))]
    repeats = order_of_all[~starts]
    origin = first[~starts]
    both = np.isnan(before_value[repeats]) & np.isnan(before_value[origin])
    same = both | np.isclose(before_value[repeats], before_value[origin], rtol=SAME, atol=0.0)
    clashes = [
        Contradiction(
            name,
            dt.date(1970, 1, 1) + dt.timedelta(days=int(before_period[late])),
            dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=int(before_known[late])),
            float(before_value[early]),
            float(before_value[late]),
        )
        for late, early in zip(repeats[~same], origin[~same], strict=True)
    ]
    fresh = np.sort(order_of_all[starts])
    fresh = fresh[fresh >= stored.period.size] - stored.period.size
    return Rows(period[fresh], known_at[fresh], value[fresh], number[fresh]), int(same.sum()), clashes


def _insert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An insert that knows about conflicts, which each engine writes in its own way."""
    if is_server(connection):
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def _take_back(connection: Connection) -> None:
    """End the transaction without a trace."""
    transaction = connection.get_transaction()
    if transaction is not None:
        transaction.rollback()


def _keep_contradictions(connection: Connection, clashes: Sequence[Contradiction], number: int) -> int:
    rows = [
        {
            "series": clash.series,
            "period": int(np.datetime64(clash.period, "D").astype("int64")),
            "known_at": _micros(clash.known_at),
            "held": None if np.isnan(clash.stored) else clash.stored,
            "offered": None if np.isnan(clash.offered) else clash.offered,
            "batch": number,
        }
        for clash in clashes
    ]
    return _put_new(connection, contradiction, rows)


def _keep_refusals(connection: Connection, refused: Sequence[Refusal], number: int) -> int:
    rows = [
        {
            "series": refusal.series,
            "place": refusal.origin,
            "content": refusal.content.replace("\0", "\ufffd"),  # a server holds no text with it
            "rule": refusal.rule,
            "reason": refusal.reason,
            "batch": number,
        }
        for refusal in refused
    ]
    return _put_new(connection, quarantine, rows)


def _put_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    """Insert the rows that are not there yet; how many were new."""
    if not rows:
        return 0
    before = connection.scalar(select(func.count()).select_from(table)) or 0
    connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)
    return (connection.scalar(select(func.count()).select_from(table)) or 0) - before


def _keep_definitions(connection: Connection, definitions: Sequence[Mapping[str, str]], number: int) -> None:
    rows = [
        {"name": row["series"], "body": json.dumps(dict(row), sort_keys=True), "batch": number} for row in definitions
    ]
    if rows:
        new = _insert(connection, definition)
        values = {"body": new.excluded.body, "batch": new.excluded.batch}
        connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=values), rows)
