"""The book of entries and the archive of inputs, both append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KINDS = ("run", "advice", "alert", "attempt", "decision", "outcome", "failure")


def upgrade() -> None:
    """Make the two tables and the triggers that refuse to change them."""
    op.create_table(
        "entry",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False, unique=True),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
        sa.CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
    )
    op.create_index("entry_by_kind", "entry", ["kind", "day", "seq"])
    op.create_index(
        "one_a_day", "entry", ["kind", "day"], unique=True, sqlite_where=sa.text("kind IN ('run', 'advice')")
    )
    op.create_table(
        "block",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("seal", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    for table in ("entry", "block"):
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END"
            )
    # INSERT OR REPLACE deletes without asking the triggers above, so it is refused where it begins.
    taken = {
        "entry": "NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry) "
        "OR EXISTS (SELECT 1 FROM entry WHERE hash = NEW.hash OR previous = NEW.previous) "
        "OR (NEW.kind IN ('run', 'advice') AND EXISTS (SELECT 1 FROM entry WHERE kind = NEW.kind AND day = NEW.day))",
        "block": "EXISTS (SELECT 1 FROM block WHERE name = NEW.name)",
    }
    for table, condition in taken.items():
        op.execute(
            f"CREATE TRIGGER {table}_refuses_replacement BEFORE INSERT ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END"
        )


def downgrade() -> None:
    """There is no way back: the book keeps everything."""
    raise NotImplementedError("the book is append-only")
