"""What a ledger promises, on SQLite and on PostgreSQL alike."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from allocator.ledger.checks import Witness
from allocator.ledger.ledger import AlreadyRecorded, Ledger
from signals.errors import CheckFailed, StorageError, UsageError
from signals.store import postgres as postgres_store
from tests.support.postgres import Server

DAY, NEXT = dt.date(2024, 3, 1), dt.date(2024, 3, 4)
EVENING = dt.datetime(2024, 3, 1, 23, 0, tzinfo=dt.UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def open_ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Ledger]]:
    """Opens the same ledger, each time with connections of its own."""
    opened: list[Ledger] = []
    place = tmp_path / "ledger.db"
    if request.param == "postgresql":
        place = request.getfixturevalue("postgres").create_fresh()

    def open_it() -> Ledger:
        opened.append(Ledger.open(place, head=tmp_path / "ledger.head"))
        return opened[-1]

    yield open_it
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: Callable[[], Ledger]) -> Ledger:
    return open_ledger()


def test_entries_come_back_as_they_were_written(ledger, open_ledger):
    first = ledger.append("run", DAY, {"a": 1, "b": [None, "é%"]}, at=EVENING)
    second = ledger.append("alert", DAY, {}, at=EVENING)

    assert open_ledger().entries() == [first, second]
    assert second.previous == first.hash
    assert ledger.verify() is None


def test_a_day_has_one_run(ledger, open_ledger):
    ledger.append("run", DAY, {}, at=EVENING)

    with pytest.raises(AlreadyRecorded):
        open_ledger().append("run", DAY, {}, at=EVENING)

    assert len(ledger.entries()) == 1


def test_a_superseded_day_takes_another_run(ledger):
    ledger.append("run", DAY, {"first": True}, at=EVENING)
    with ledger.transaction() as book:
        book.supersede(DAY, "a price was wrong", at=EVENING)
    second = ledger.append("run", DAY, {"first": False}, at=EVENING)

    assert ledger.run_of(DAY) == second
    assert [entry.kind for entry in ledger.entries(superseded=True)] == ["run", "supersession", "run"]
    assert ledger.verify() is None


def test_a_day_without_a_run_cannot_be_superseded(ledger):
    ledger.append("run", DAY, {}, at=EVENING)

    with pytest.raises(UsageError, match=f"{NEXT} has no run"), ledger.transaction() as book:
        book.supersede(NEXT, "a slip of the keyboard", at=EVENING)

    assert [entry.kind for entry in ledger.entries(superseded=True)] == ["run"]
    assert ledger.run_of(DAY) is not None


def test_what_belongs_together_lands_together_or_not_at_all(ledger):
    with pytest.raises(RuntimeError), ledger.transaction() as book:  # noqa: PT012 - the block is the transaction
        book.keep(b"inputs")
        book.append("run", DAY, {}, at=EVENING)
        raise RuntimeError

    assert ledger.entries() == []


def test_the_archive_gives_back_what_it_was_given(ledger):
    with ledger.transaction() as book:
        name = book.keep(b"inputs" * 100)
        assert book.keep(b"inputs" * 100) == name

    assert ledger.block(name) == b"inputs" * 100


def test_questions_have_the_same_answers(ledger):
    ledger.append("run", DAY, {"n": 1}, at=EVENING)
    ledger.append("decision", DAY, {"verdict": "accept", "target_weight": 0.21}, at=EVENING)
    ledger.append("run", NEXT, {"n": 2}, at=EVENING + dt.timedelta(days=3))

    with ledger.reading() as book:
        assert [day for _, day, _ in book.times("run", last=5)] == [DAY, NEXT]
        assert [entry.payload["n"] for entry in book.entries("run", last=1)] == [2]
        assert [entry.seq for entry in book.entries(after=1, until=EVENING)] == [2]
    assert ledger.run_days() == {DAY, NEXT}
    assert ledger.held_weight(EVENING) == 0.21
    assert ledger.head().seq == 3


def test_a_head_from_elsewhere_is_looked_for(ledger):
    ledger.append("run", DAY, {}, at=EVENING)

    assert ledger.verify(ledger.head().hash[:10]) is None
    assert "is not in this ledger" in str(ledger.verify(witnesses=[Witness(1, "0" * 12, "an old mail")]))


def test_a_clock_set_back_is_refused(ledger):
    ledger.append("run", DAY, {}, at=EVENING)

    with pytest.raises(CheckFailed, match="clock"):
        ledger.append("alert", DAY, {}, at=EVENING - dt.timedelta(hours=1))


def test_a_colleagues_machine_has_no_head_file_and_verifies(server_ledger, tmp_path):
    server_ledger.append("run", DAY, {}, at=EVENING)
    for file in tmp_path.rglob("*.head"):
        file.unlink()

    assert server_ledger.verify() is None


@pytest.mark.parametrize(
    "change",
    ["UPDATE entry SET payload = '{}'", "DELETE FROM entry", "TRUNCATE entry", "DELETE FROM block"],
)
def test_the_server_refuses_to_change_what_was_written(server_ledger, change):
    server_ledger.append("run", DAY, {}, at=EVENING)
    with server_ledger.transaction() as book:
        book.keep(b"inputs")

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), server_ledger._file._engine.begin() as owner:
        owner.exec_driver_sql(change)


def test_an_owner_who_goes_around_the_triggers_is_found(server_ledger):
    server_ledger.append("run", DAY, {"points": 1}, at=EVENING)
    with server_ledger._file._engine.begin() as owner:
        owner.exec_driver_sql("ALTER TABLE entry DISABLE TRIGGER entry_refuses_update")
        owner.exec_driver_sql("UPDATE entry SET payload = '{\"points\":2}'")

    assert server_ledger.verify().row == 1


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE entry DISABLE TRIGGER entry_refuses_delete",
        "ALTER TABLE entry ENABLE REPLICA TRIGGER entry_follows",
        "DROP TRIGGER block_refuses_update ON block",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ],
)
def test_a_trigger_that_refuses_no_longer_is_found(server_ledger, change: str):
    with server_ledger._file._engine.begin() as owner:
        owner.exec_driver_sql(change)

    assert "triggers" in str(server_ledger.verify())


def test_the_inputs_of_a_day_are_one_message_however_many(ledger):
    statements: list[str] = []
    with ledger.transaction() as book:
        engine = book.connection.engine
        sa.event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        names = book.keep_all([b"%d" % n for n in range(300)])
        book.keep_all([b"1", b"2"])

    assert [line.split()[0] for line in statements] == ["SELECT", "INSERT", "SELECT"]  # the last one is for the head
    assert [ledger.block(name) for name in names[:2]] == [b"0", b"1"]


def test_connections_that_the_server_closed_are_made_anew(server_ledger, monkeypatch):
    monkeypatch.setattr(postgres_store, "TRUSTED_SECONDS", 0.0)
    server_ledger.append("alert", DAY, {}, at=EVENING)
    other = sa.create_engine(server_ledger._file._url)
    with other.begin() as owner:
        owner.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    other.dispose()

    assert len(server_ledger.entries()) == 1


def test_a_server_that_lost_the_ledger_is_not_begun_anew(postgres: Server, tmp_path: Path) -> None:
    head = tmp_path / "ledger.head"
    ledger = Ledger.open(postgres.create_fresh(), head=head)
    ledger.append("run", DAY, {}, at=EVENING)
    ledger.close()

    with pytest.raises(CheckFailed, match="has no ledger"):
        Ledger.open(postgres.create_fresh(), head=head)


def test_a_killed_server_keeps_every_acknowledged_entry(own_postgres: Server, tmp_path: Path) -> None:
    ledger = Ledger.open(own_postgres.create_fresh(), head=tmp_path / "ledger.head")
    written = [ledger.append("alert", DAY, {"n": n}, at=EVENING) for n in range(3)]
    own_postgres.kill()

    with pytest.raises(StorageError):
        ledger.append("alert", DAY, {"n": 3}, at=EVENING)
    own_postgres.start()

    assert ledger.entries() == written
    assert ledger.verify() is None
    ledger.close()


@pytest.fixture
def server_ledger(postgres: Server, tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger.open(postgres.create_fresh(), head=tmp_path / "ledger.head")
    yield ledger
    ledger.close()
