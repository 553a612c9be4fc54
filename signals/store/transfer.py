"""Copy a store of facts from SQLite to PostgreSQL or back, row by row under the same numbers, and verify the copy."""

from collections.abc import Callable

from sqlalchemy import Connection, func, insert, select, text

from signals.errors import UsageError
from signals.store.database import Location, connect, damaged, insert_facts, is_server, reading, select_facts, writing
from signals.store.migrate import bring_up
from signals.store.rows import WITHDRAWN, from_tuples, to_tuples
from signals.store.schema import batch, contradiction, definition, quarantine, series
from signals.store.store import SCHEMA

NUMBERED = (series, contradiction, quarantine)  # tables that number their own rows


def copy_facts(
    source: Location, target: Location, *, before_commit: Callable[[Connection], object] | None = None
) -> int:
    """Copy every batch, fact, definition, contradiction and refusal; how many facts.

    Every series is checked against its checksum on the way in and on the way out, and all of it lands or nothing.

    Parameters
    ----------
    source, target : pathlib.Path or str
    before_commit : callable, optional
        Gets the open transaction on the target: what it writes lands with the facts, and where it raises nothing does.

    Raises
    ------
    UsageError
        Where the target holds facts already.
    DamagedStore
        Where rows do not match their checksum.
    """
    old, new = connect(source, SCHEMA), connect(target, SCHEMA)
    try:
        bring_up(old, source)
        bring_up(new, target)
        with reading(old, source) as rows, writing(new, target) as copy:
            if copy.scalar(select(func.count()).select_from(batch)):
                raise UsageError("the target holds facts already; nothing was copied.", remedy="Name an empty one.")
            for table in (batch, series, definition, contradiction, quarantine):
                records = [dict(row) for row in rows.execute(select(table)).mappings()]
                if records:
                    copy.execute(insert(table), records)
            total = sum(_copy_series(rows, copy, head, (source, target)) for head in rows.execute(select(series)))
            if is_server(copy):
                _continue_numbers(copy)
            if before_commit is not None:
                before_commit(copy)
        return total
    finally:
        old.dispose()
        new.dispose()


def _copy_series(source: Connection, target: Connection, head: object, places: tuple[Location, Location]) -> int:
    key, name, size, checksum = head  # type: ignore[misc]
    rows = from_tuples(select_facts(source, key, WITHDRAWN))
    if rows.size != size or rows.checksum() != checksum:
        raise damaged(places[0], f"the rows of {name} do not match their checksum")
    insert_facts(target, to_tuples(key, rows))
    arrived = from_tuples(select_facts(target, key, WITHDRAWN))
    if arrived.size != size or arrived.checksum() != checksum:
        raise damaged(places[1], f"the rows of {name} changed on the way")
    return size


def _continue_numbers(connection: Connection) -> None:
    """Let the server number new rows after the copied ones."""
    for table in NUMBERED:
        name = table.name
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "  # noqa: S608 - a constant
                f"coalesce((SELECT max(id) FROM {name}), 0) + 1, false)"
            )
        )
