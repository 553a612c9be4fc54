"""Copy a ledger from SQLite to PostgreSQL or back: the same entries, hashes and archive, verified on both sides."""

import sqlalchemy as sa

from allocator.ledger.ledger import Ledger
from signals.errors import CheckFailed, UsageError

_ENTRY = "seq, kind, day, recorded_at, payload, previous, hash"
_BLOCK = "name, seal, content"


def copy_ledger(source: Ledger, target: Ledger) -> int:
    """Copy every entry and archived block; how many entries.

    Raises
    ------
    UsageError
        Where the target has entries already.
    CheckFailed
        Where the source does not verify, or the copy does not end with the same head.
    """
    if fault := source.verify():
        raise CheckFailed(f"{source.path} is not as it was written: {fault}. Nothing was copied.")
    if target.head() is not None:
        raise UsageError(f"{target.path} has entries already; nothing was copied.", remedy="Name an empty one.")
    with source.reading() as old, target.transaction() as new:
        for table, columns in (("entry", _ENTRY), ("block", _BLOCK)):
            order = "seq" if table == "entry" else "name"
            rows = old.connection.execute(sa.text(f"SELECT {columns} FROM {table} ORDER BY {order}"))  # noqa: S608
            marks = ", ".join(f":{name.strip()}" for name in columns.split(","))
            statement = sa.text(f"INSERT INTO {table} ({columns}) VALUES ({marks})")  # noqa: S608 - constants
            for part in rows.mappings().partitions(500):
                new.connection.execute(statement, [dict(row) for row in part])
    last, copied = source.head(), target.head()
    if (last and last.hash) != (copied and copied.hash):
        raise CheckFailed(
            f"{source.path} was written while it was copied, so {target.path} does not end as it does.",
            remedy="Stop the desk and the review page, remove the copy and copy again.",
        )
    if fault := target.verify():
        raise CheckFailed(f"the copy in {target.path} does not verify: {fault}.", remedy="Remove it and copy again.")
    return last.seq if last else 0
