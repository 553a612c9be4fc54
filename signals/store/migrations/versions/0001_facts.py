"""The first tables: batches, series, facts, definitions, contradictions and the quarantine."""

import sqlalchemy as sa
from alembic import op

from signals.store.postgres import grant_roles, refuse_changes

revision = "0001"
down_revision = None

READABLE = {
    "sqlite": """
CREATE VIEW readable AS
SELECT series.name AS series, date(fact.period * 86400, 'unixepoch') AS period,
       datetime(fact.known_at / 1000000, 'unixepoch') AS known_at_utc, fact.value AS value, fact.batch AS batch
FROM fact JOIN series ON series.id = fact.series
""",
    "postgresql": """
CREATE VIEW readable AS
SELECT series.name AS series, date '1970-01-01' + fact.period AS period,
       to_timestamp(fact.known_at / 1000000.0) AT TIME ZONE 'UTC' AS known_at_utc, fact.value AS value,
       fact.batch AS batch
FROM fact JOIN series ON series.id = fact.series
""",
}
# On a server other programs reach the tables too: only what follows may ever change, whoever asks.
APPEND_ONLY = ("fact", "batch", "contradiction", "quarantine")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("checksum", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "fact",
        sa.Column("series", sa.Integer, sa.ForeignKey("series.id"), primary_key=True, autoincrement=False),
        sa.Column("period", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("known_at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Float),
        sa.Column("batch", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "definition",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("batch", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
    )
    op.create_table(
        "contradiction",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("period", sa.Integer, nullable=False),
        sa.Column("known_at", sa.BigInteger, nullable=False),
        sa.Column("held", sa.Float),
        sa.Column("offered", sa.Float),
        sa.Column("batch", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
        sa.UniqueConstraint("series", "period", "known_at", "offered", name="one_contradiction"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("batch", sa.Integer, sa.ForeignKey("batch.id"), nullable=False),
        sa.UniqueConstraint("series", "place", "content", "rule", name="one_refusal"),
    )
    engine = op.get_bind().dialect.name
    op.execute(READABLE[engine])
    if engine == "postgresql":
        for statement in (*refuse_changes(APPEND_ONLY), *grant_roles(changeable=("series", "definition"))):
            op.execute(statement)
