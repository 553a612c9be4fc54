"""Copy a ledger from SQLite to PostgreSQL or back: the same entries, hashes and archive, verified before it lands."""

import sqlalchemy as sa

from allocator.ledger.checks import archive_fault, entries_fault
from allocator.ledger.ledger import Ledger
from signals.errors import CheckFailed, UsageError

COLUMNS = {"entry": "seq, kind, day, recorded_at, payload, previous, hash", "block": "name, seal, content"}
PART = 500  # rows that are sent together


def copy_ledger(source: Ledger, target: Ledger) -> int:
    """Copy every entry and archived block; how many entries.

    Raises
    ------
    UsageError
        Where the target has entries already.
    CheckFailed
        Where the source does not verify, was written meanwhile, or the copy does not verify. Nothing is copied.
    """
    refuse_unfit(source, target)
    with target.transaction() as book:
        return copy_entries(source, book.connection)


def refuse_unfit(source: Ledger, target: Ledger) -> None:
    """Raise where the source is not as it was written, or the target is not empty."""
    if fault := source.verify():
        raise CheckFailed(f"{source.path} is not as it was written: {fault}. Nothing was copied.")
    if target.head() is not None:
        raise UsageError(f"{target.path} has entries already; nothing was copied.", remedy="Name an empty one.")


def copy_entries(source: Ledger, target: sa.Connection) -> int:
    """Copy every entry and archived block into an open transaction, and verify them there; how many entries."""
    with source.reading() as book:
        last = book.head()
        for table, columns in COLUMNS.items():
            order = columns.split(",")[0]
            rows = book.connection.execute(sa.text(f"SELECT {columns} FROM {table} ORDER BY {order}"))  # noqa: S608
            marks = ", ".join(f":{name.strip()}" for name in columns.split(","))
            statement = sa.text(f"INSERT INTO {table} ({columns}) VALUES ({marks})")  # noqa: S608 - constants
            for part in rows.mappings().partitions(PART):
                target.execute(statement, [dict(row) for row in part])
    if source.head() != last:
        raise CheckFailed(
            f"{source.path} was written while it was copied. Nothing was copied.",
            remedy="Stop the desk and the review page, and copy again.",
        )
    copied = target.exec_driver_sql("SELECT hash FROM entry ORDER BY seq DESC LIMIT 1").scalar()
    fault = entries_fault(target) or archive_fault(target)
    if fault or copied != (last and last.hash):
        raise CheckFailed(f"the copy does not verify: {fault or 'its head is another'}. Nothing was copied.")
    return last.seq if last else 0
