"""SQLite for one machine, PostgreSQL for a team: the same few operations on either.

A place is the path of an SQLite file, or the URL of a PostgreSQL database.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from signals.store import postgres, sqlite
from signals.store.sqlite import DamagedStore

Place = Path | str
_INSERT = "INSERT INTO fact (series, period, known_at, value, batch) VALUES (?, ?, ?, ?, ?)"
_SELECT = "SELECT period, known_at, coalesce(value, ?), batch FROM fact WHERE series = ? ORDER BY period, known_at"


def connect(place: Place, schema: str) -> Engine:
    """An engine on `place`; `schema` names the part of a PostgreSQL database that holds the tables."""
    return postgres.connect(place, schema) if isinstance(place, str) else sqlite.connect(place)


def reading(engine: Engine, place: Place) -> AbstractContextManager[Connection]:
    """A connection that sees one consistent state."""
    return postgres.reading(engine, place) if isinstance(place, str) else sqlite.reading(engine, place)


def writing(engine: Engine, place: Place) -> AbstractContextManager[Connection]:
    """One write transaction: all of it is stored, or none."""
    return postgres.writing(engine, place) if isinstance(place, str) else sqlite.writing(engine, place)


def damaged(place: Place, reason: str) -> DamagedStore:
    """The error that names the place and the way back."""
    return postgres.damaged(place, reason) if isinstance(place, str) else sqlite.damaged(place, reason)


def is_server(connection: Connection) -> bool:
    """True on PostgreSQL."""
    return connection.dialect.name == "postgresql"


def select_facts(connection: Connection, series: int, withdrawn: float) -> list[tuple[int, int, float, int]]:
    """Every row of a series in order, with `withdrawn` for an empty value."""
    statement = _SELECT.replace("?", postgres.MARK) if is_server(connection) else _SELECT
    found: Any = connection.exec_driver_sql(statement, (withdrawn, series)).cursor
    return found.fetchall()


def insert_facts(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Append rows (series, period, known_at, value, batch)."""
    if is_server(connection):
        postgres.insert_facts(connection, rows)
    else:
        connection.exec_driver_sql(_INSERT, list(rows))


def integrity(connection: Connection) -> str:
    """What the engine's own check says: ``ok``, or the first fault. A server checks its pages itself."""
    return "ok" if is_server(connection) else str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar())
