"""A run or an advice can be superseded: a `supersession` of a day frees that day for another run.

Nothing is deleted: the older entries stay where they were. SQLite cannot change the check of a column, so the
table is made anew around the same rows, and its triggers and indexes after it.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

COLUMNS = "seq, kind, day, recorded_at, payload, previous, hash"
TABLE = """CREATE TABLE entry_next (
    seq INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN (
        'run', 'advice', 'alert', 'attempt', 'decision', 'outcome', 'failure', 'supersession'
    )),
    day TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    payload TEXT NOT NULL,
    previous TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE
)"""
# One run and one advice a day since the day's last supersession. INSERT OR REPLACE deletes without asking the
# triggers on deletion, so it is refused where it begins.
TAKEN = (
    "NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry) "
    "OR EXISTS (SELECT 1 FROM entry WHERE hash = NEW.hash OR previous = NEW.previous) "
    "OR (NEW.kind IN ('run', 'advice') AND EXISTS (SELECT 1 FROM entry WHERE kind = NEW.kind AND day = NEW.day "
    "AND seq > coalesce((SELECT max(seq) FROM entry WHERE kind = 'supersession' AND day = NEW.day), 0)))"
)
REFUSE = "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"


def upgrade() -> None:
    """Make the table anew with the new kind, and the rule of one run a day as a trigger."""
    for trigger in ("update", "delete", "replacement"):
        op.execute(f"DROP TRIGGER entry_refuses_{trigger}")
    op.execute("DROP INDEX one_a_day")
    op.execute("DROP INDEX entry_by_kind")
    op.execute(TABLE)
    op.execute(f"INSERT INTO entry_next ({COLUMNS}) SELECT {COLUMNS} FROM entry ORDER BY seq")  # noqa: S608 - constants
    op.execute("DROP TABLE entry")
    op.execute("ALTER TABLE entry_next RENAME TO entry")
    op.execute("CREATE INDEX entry_by_kind ON entry (kind, day, seq)")
    op.execute(f"CREATE TRIGGER entry_refuses_update BEFORE UPDATE ON entry {REFUSE}")
    op.execute(f"CREATE TRIGGER entry_refuses_delete BEFORE DELETE ON entry {REFUSE}")
    op.execute(f"CREATE TRIGGER entry_refuses_replacement BEFORE INSERT ON entry WHEN {TAKEN} {REFUSE}")


def downgrade() -> None:
    """There is no way back: the ledger keeps everything."""
    raise NotImplementedError("the ledger is append-only")
