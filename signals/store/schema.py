"""The tables of the store of facts: what SQLAlchemy and Alembic both read.

Periods are whole days and instants whole microseconds since 1970 (UTC), so that a million facts are
numbers from the disk to the array; the view `readable` shows them as dates to other programs.
"""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Integer, MetaData, Table, Text, UniqueConstraint

metadata = MetaData()

batch = Table(
    "batch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recorded_at", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("note", Text, nullable=False),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("rows", Integer, nullable=False),
    Column("checksum", BigInteger, nullable=False),  # sum of the row hashes, modulo 2**64, as a signed number
)

fact = Table(
    "fact",
    metadata,
    Column("series", Integer, ForeignKey("series.id"), primary_key=True, autoincrement=False),
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("known_at", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Float),  # empty: the period's earlier value is withdrawn
    Column("batch", Integer, ForeignKey("batch.id"), nullable=False),
    sqlite_with_rowid=False,
)

definition = Table(
    "definition",
    metadata,
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),  # the manifest row of an imported series, as JSON
    Column("batch", Integer, ForeignKey("batch.id"), nullable=False),
)

contradiction = Table(
    "contradiction",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("series", Text, nullable=False),
    Column("period", Integer, nullable=False),
    Column("known_at", BigInteger, nullable=False),
    Column("held", Float),
    Column("offered", Float),
    Column("batch", Integer, ForeignKey("batch.id"), nullable=False),
    UniqueConstraint("series", "period", "known_at", "offered", name="one_contradiction"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("series", Text, nullable=False),
    Column("place", Text, nullable=False),  # file and line, or provider and period
    Column("content", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("batch", Integer, ForeignKey("batch.id"), nullable=False),
    UniqueConstraint("series", "place", "content", "rule", name="one_refusal"),
)
