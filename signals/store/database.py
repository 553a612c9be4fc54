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

Location = Path | str
TRIGGERS = 3 * 4  # of the tables of facts on a server that refuse changes
_INSERT = "INSERT INTO fact (series, period, known_at, value, batch) VALUES (?, ?, ?, ?, ?)"
_SELECT = "SELECT period, known_at, coalesce(value, ?), batch FROM fact WHERE series = ? ORDER BY period, known_at"


def connect(location: Location, schema: str) -> Engine:
    """An engine on `location`; `schema` names the part of a PostgreSQL database that holds the tables."""
    return postgres.connect(location, schema) if isinstance(location, str) else sqlite.connect(location)


def reading(engine: Engine, location: Location) -> AbstractContextManager[Connection]:
    """A connection that sees one consistent state."""
    return postgres.reading(engine, location) if isinstance(location, str) else sqlite.reading(engine, location)


def writing(engine: Engine, location: Location) -> AbstractContextManager[Connection]:
    """One write transaction: all of it is stored, or none."""
    return postgres.writing(engine, location) if isinstance(location, str) else sqlite.writing(engine, location)


def damaged(location: Location, reason: str) -> DamagedStore:
    """The error that names the place and the way back."""
    return postgres.damaged(location, reason) if isinstance(location, str) else sqlite.damaged(location, reason)


def is_server(connection: Connection) -> bool:
    """True on PostgreSQL."""
    return connection.dialect.name == "postgresql"


def select_facts(connection: Connection, series: int, withdrawn: float) -> list[tuple[int, int, float, int]]:
    """Every row of a series in order, with `withdrawn` for an empty value."""
    statement = _SELECT.replace("?", postgres.MARK) if is_server(connection) else _SELECT
    result: Any = connection.exec_driver_sql(statement, (withdrawn, series)).cursor
    return result.fetchall()


def select_facts_of(
    connection: Connection, series: Sequence[int], withdrawn: float
) -> dict[int, list[tuple[int, int, float, int]]]:
    """What `select_facts` gives, by series; a server is asked once for all of them."""
    if not is_server(connection):
        return {key: select_facts(connection, key, withdrawn) for key in series}
    result: Any = connection.exec_driver_sql(postgres.SELECT_MANY, (withdrawn, list(series))).cursor
    rows: dict[int, list[tuple[int, int, float, int]]] = {key: [] for key in series}
    for key, *row in result:
        rows[key].append(tuple(row))
    return rows


def insert_facts(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Append rows (series, period, known_at, value, batch)."""
    if is_server(connection):
        postgres.insert_facts(connection, rows)
    else:
        connection.exec_driver_sql(_INSERT, list(rows))


def integrity(connection: Connection) -> str:
    """What the engine's own check says: ``ok``, or the first fault.

    A server checks its pages itself, and is asked whether it still refuses changes.
    """
    if is_server(connection):
        return postgres.triggers_fault(connection, TRIGGERS) or "ok"
    return str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar())
