"""The book of entries and the archive of inputs, both append-only.

Written as plain SQL, because the text that SQLite keeps of it is checked by `captilt ledger verify`.
"""

from alembic import op

revision = "0001"
down_revision = None

TABLES = (
    """CREATE TABLE entry (
    seq INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('run', 'advice', 'alert', 'attempt', 'decision', 'outcome', 'failure')),
    day TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    payload TEXT NOT NULL,
    previous TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE
)""",
    "CREATE INDEX entry_by_kind ON entry (kind, day, seq)",
    "CREATE UNIQUE INDEX one_a_day ON entry (kind, day) WHERE kind IN ('run', 'advice')",
    "CREATE TABLE block (name TEXT NOT NULL PRIMARY KEY, seal TEXT NOT NULL, content BLOB NOT NULL)",
)
# INSERT OR REPLACE deletes without asking the triggers on deletion, so it is refused where it begins.
TAKEN = {
    "entry": "NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry) "
    "OR EXISTS (SELECT 1 FROM entry WHERE hash = NEW.hash OR previous = NEW.previous) "
    "OR (NEW.kind IN ('run', 'advice') AND EXISTS (SELECT 1 FROM entry WHERE kind = NEW.kind AND day = NEW.day))",
    "block": "EXISTS (SELECT 1 FROM block WHERE name = NEW.name)",
}
REFUSE = "BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END"


def upgrade() -> None:
    """Make the two tables and the triggers that refuse to change them."""
    for statement in TABLES:
        op.execute(statement)
    for table, condition in TAKEN.items():
        op.execute(f"CREATE TRIGGER {table}_refuses_update BEFORE UPDATE ON {table} {REFUSE}")
        op.execute(f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table} {REFUSE}")
        op.execute(f"CREATE TRIGGER {table}_refuses_replacement BEFORE INSERT ON {table} WHEN {condition} {REFUSE}")


def downgrade() -> None:
    """There is no way back: the book keeps everything."""
    raise NotImplementedError("the book is append-only")
