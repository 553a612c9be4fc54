"""Opening a PostgreSQL database for a team: the same promises as one SQLite file, kept by a server.

A commit survives a power cut (the server's `synchronous_commit`), readers see one state and never wait, and writers
queue on an advisory lock taken at the start of their transaction. Facts and ledger each live in a schema of one
database. Passwords are libpq's affair (PGPASSWORD, PGPASSFILE, a service file): none stands in the URL.
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from signals.errors import Busy, StorageError
from signals.store.sqlite import WAIT_SECONDS, DamagedStore

CONNECT_SECONDS = 10  # the driver waits 130 by itself, for each of several connections
# libpq: a server whose machine is gone is noticed within a minute, not after two hours.
_PATIENCE = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 50_000,  # milliseconds
}
# The server likewise: a host without power keeps its locks no longer than a minute.
_SERVER_PATIENCE = " -ctcp_keepalives_idle=20 -ctcp_keepalives_interval=10 -ctcp_keepalives_count=3"
# What a number, a date or a letter looks like is not left to the settings of a database or a user.
_SPELLING = " -cextra_float_digits=1 -cdatestyle=ISO -ctimezone=UTC -cstandard_conforming_strings=on"
TRUSTED_SECONDS = 1.0  # a connection that was idle for longer is asked whether it still stands: a round trip
MARK = "%s"  # how the driver marks a parameter
SELECT_MANY = (
    "SELECT series, period, known_at, coalesce(value, %s), batch FROM fact "
    "WHERE series = ANY(%s) ORDER BY series, period, known_at"
)
OLDEST_SERVER, ENCODING = 14, "UTF8"
# SQLSTATE, or the start of it
LOST = ("08", "57P")  # connection lost, server shutting down
LOCKED, REFUSED, READ_ONLY, FULL = "55P03", "42501", "25006", "53100"
DAMAGED = ("XX", "22", "3F", "42")  # broken pages, bytes that are no text, tables that are not as they were made
_QUEUE = "SELECT pg_advisory_xact_lock(hashtext(current_schema()))"  # writers of a schema, one at a time
# An idle session must not be ended while it holds the lock, whatever the server does with other idle ones.
_TRY_LOCK = (
    "SELECT pg_try_advisory_lock(hashtext(:name)) FROM (SELECT set_config('idle_session_timeout', '0', false)) AS s"
)
# A user without special rights reads the name that another user's session gave itself, and not when it began.
_HOLDER = """
SELECT a.application_name
       || coalesce(to_char(a.backend_start AT TIME ZONE 'UTC', '" since "YYYY-MM-DD HH24:MI:SS" UTC"'), '')
FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND CAST(l.objid AS bigint) = (CAST(hashtext(:name) AS bigint) & 4294967295)
""".replace(":MI:SS", r"\:MI\:SS")
WRITER, READER = "captilt_writer", "captilt_reader"  # roles, made with the tables
_REMEDIES = {
    REFUSED: f"Give the user the role {WRITER}, then run again; the first start needs the owner of the database.",
    READ_ONLY: "A standby only reads: name the primary under [store] url; else see default_transaction_read_only.",
    FULL: "Free some space on the server, then run again.",
}


def connect(url: str, schema: str) -> Engine:
    """An engine on the `schema` of the database at `url`; the first connection makes the schema if it may."""
    engine = create_engine(
        url,
        use_native_hstore=False,  # a question less
        connect_args=_patience(url)
        | {
            "options": f"-csearch_path={schema} -clock_timeout={int(WAIT_SECONDS * 1000)}{_SERVER_PATIENCE}{_SPELLING}",
            "client_encoding": "UTF8",
        },
    )

    @event.listens_for(engine, "first_connect", insert=True)
    def prepare(raw: Any, _record: Any) -> None:
        _refuse_unfit(raw, url)
        with raw.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,))
            if cursor.fetchone() is None:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (schema,))  # hosts may start at once
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        raw.commit()

    @event.listens_for(engine, "checkin")
    def tidy(raw: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()
        if raw is not None and not raw.closed:
            raw.read_only = None  # after reading it would write though the server's default is to read only

    @event.listens_for(engine, "checkout")
    def ask_again(raw: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("idle_since", math.inf) < TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(raw)
        except engine.dialect.loaded_dbapi.Error:
            raise DisconnectionError from None

    return engine


def _refuse_unfit(raw: Any, url: str) -> None:
    """Raise where the server is too old, or where its database cannot hold every letter."""
    version, encoding = raw.info.server_version // 10_000, raw.info.parameter_status("server_encoding")
    if version < OLDEST_SERVER:
        raw.close()
        raise StorageError(
            f"{shown(url)} is PostgreSQL {version}; this version needs {OLDEST_SERVER} or later. Nothing was written.",
            remedy="Update the server, or name another under [store] url.",
        )
    if encoding != ENCODING:
        raw.close()
        raise StorageError(
            f"{shown(url)} has the encoding {encoding}; {ENCODING} is needed. Nothing was written.",
            remedy=f"Make another: CREATE DATABASE name ENCODING '{ENCODING}' TEMPLATE template0.",
        )


def _patience(url: str) -> dict[str, Any]:
    """How long to wait for a server that says nothing, where the URL does not say so itself."""
    return {name: value for name, value in _PATIENCE.items() if name not in make_url(url).query}


@contextmanager
def reading(engine: Engine, location: str) -> Iterator[Connection]:
    """A connection that sees one state from its first question on."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with translated(location), engine.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def writing(engine: Engine, location: str) -> Iterator[Connection]:
    """One write transaction, one writer at a time: all of it is stored, or none."""
    with translated(location), engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(_QUEUE)
        yield connection


def enter_schema(connection: Connection, schema: str) -> None:
    """Go on in another schema of the database within the same write transaction."""
    connection.exec_driver_sql(f"SET LOCAL search_path = {schema}")
    connection.exec_driver_sql(_QUEUE)


@contextmanager
def translated(location: str) -> Iterator[None]:
    """Errors of the server as errors of the product."""
    try:
        yield
    except PoolTimeout:
        raise Busy(
            f"{shown(location)}: every connection of this process is in use.", remedy="Try again in a moment."
        ) from None
    except DBAPIError as fault:
        code = str(getattr(fault.orig, "sqlstate", None) or "")
        reason = " ".join(str(fault.orig).split()).rstrip(".?")
        name = shown(location)
        if code == LOCKED:
            raise Busy(
                f"{name} has been written by another run for more than {WAIT_SECONDS:.0f} s. Nothing was stored.",
                remedy="Wait for it, or end it, and run again.",
            ) from None
        lost = isinstance(fault, OperationalError) and not code
        if lost or fault.connection_invalidated or code.startswith(LOST):
            raise StorageError(
                f"{name} cannot be reached or went away: {reason}. What was committed before is untouched.",
                remedy="Check the server and [store] url, then run again; a run that was recorded is not repeated.",
            ) from None
        if code in _REMEDIES:
            raise StorageError(
                f"{name} cannot be written: {reason}. What was stored before is untouched.", remedy=_REMEDIES[code]
            ) from None
        if code.startswith(DAMAGED):
            raise damaged(location, reason) from None
        raise StorageError(
            f"{name} ended the statement: {reason}. What was committed before is untouched.",
            remedy="Look at the time-outs and limits of the server, then run again.",
        ) from None


def lock_holder(url: str, name: str) -> str | None:
    """Who holds the lock of that name at this moment; None where it is free."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args=_patience(url))
    try:
        with translated(url), engine.connect() as connection:
            return connection.execute(text(_HOLDER), {"name": f"captilt {name}"}).scalar()
    finally:
        engine.dispose()


@contextmanager
def advisory_lock(url: str, name: str, *, holder: str) -> Iterator[str | None]:
    """Hold a lock on the server while the block lasts, or say who holds it.

    The lock belongs to a connection of its own, so it goes when the process or its machine goes.

    Parameters
    ----------
    holder : str
        What the others are told; at most 63 bytes are kept.

    Yields
    ------
    str or None
        None where the lock is ours, else the other holder's words.
    """
    identity = {"application_name": holder.encode("ascii", "replace")[:63].decode(), "options": _SERVER_PATIENCE}
    engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args=_patience(url) | identity)
    event.listen(engine, "first_connect", lambda raw, _record: _refuse_unfit(raw, url), insert=True)
    key = {"name": f"captilt {name}"}
    try:
        with translated(url), engine.connect() as connection:
            ours = connection.execute(text(_TRY_LOCK), key).scalar()
            other = None if ours else connection.execute(text(_HOLDER), key).scalar() or "a process that just ended"
            yield other
    finally:
        engine.dispose()


def insert_facts(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put rows into `fact` through COPY."""
    driver: Any = connection.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy("COPY fact (series, period, known_at, value, batch) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def shown(location: str) -> str:
    """The URL without a password."""
    return make_url(location).render_as_string(hide_password=True)


def damaged(location: str, reason: str) -> DamagedStore:
    """The error that names the database and the way back."""
    return DamagedStore(
        f"{shown(location)} is damaged: {reason}. Nothing was written to it.",
        remedy="Bring back the last backup of the server (`pg_restore`).",
    )


def refuse_changes(tables: Sequence[str]) -> tuple[str, ...]:
    """Statements after which the server refuses updates, deletions and truncation of `tables`, whoever asks."""
    function = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    triggers = (
        f"CREATE TRIGGER {table}_refuses_{change} BEFORE {change} ON {table} {scope} EXECUTE FUNCTION refuse_change()"
        for table in tables
        for change, scope in (
            ("update", "FOR EACH ROW"),
            ("delete", "FOR EACH ROW"),
            ("truncate", "FOR EACH STATEMENT"),
        )
    )
    return (function, *triggers)


def triggers_fault(connection: Connection, expected: int) -> str:
    """What is wrong with the triggers of a schema: one is switched off or gone, or does nothing any more; or empty."""
    refusing = connection.scalar(
        text(
            "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE n.nspname = current_schema() AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') "
            "AND p.prosrc LIKE '%append-only%'"
        )
    )
    return "" if refusing == expected else "its triggers were changed"


def grant_roles(changeable: Sequence[str] = ()) -> tuple[str, ...]:
    """Statements that make the two roles where they are missing, and say what each may do in this schema.

    The writer appends and reads; it updates rows of `changeable` tables and deletes nothing. The reader reads.
    """
    roles = (
        f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        for role in (WRITER, READER)
    )
    usage = (
        f"DO $$ BEGIN EXECUTE format('GRANT {right} %I TO {role}', current_schema()); END $$"
        for right, role in (
            ("USAGE ON SCHEMA", f"{WRITER}, {READER}"),
            ("SELECT ON ALL TABLES IN SCHEMA", f"{WRITER}, {READER}"),
            ("INSERT ON ALL TABLES IN SCHEMA", WRITER),
            ("USAGE ON ALL SEQUENCES IN SCHEMA", WRITER),
        )
    )
    return (*roles, *usage, *(f"GRANT UPDATE ON {table} TO {WRITER}" for table in changeable))
