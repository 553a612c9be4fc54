"""What a store promises, on SQLite and on PostgreSQL alike."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from signals.asof import History
from signals.errors import StorageError
from signals.fact import Fact
from signals.store.postgres import READER, WRITER
from signals.store.shipped_decisions import open_store
from signals.store.sqlite import DamagedStore
from signals.store.store import Refusal, Store
from tests.support.postgres import Server

JAN, FEB = dt.date(2020, 1, 1), dt.date(2020, 2, 1)
T1, T2, T3 = (dt.datetime(2020, 3, day, 12, tzinfo=dt.UTC) for day in (1, 2, 3))


@pytest.fixture(params=["sqlite", "postgresql"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the same store, each time with connections of its own."""
    opened: list[Store] = []
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    place = tmp_path / "facts.db" if server is None else server.create_fresh()

    def open_it() -> Store:
        opened.append(open_store(place, columns=tmp_path / f"facts-{len(opened)}.columns"))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def store(reopen: Callable[[], Store]) -> Store:
    return reopen()


def test_a_fact_is_seen_from_its_own_moment_on(store):
    store.append([Fact("fred:X", JAN, T2, 1.0)])

    assert "fred:X" not in store.as_of(T1)
    assert store.as_of(T2)["fred:X"].tolist() == [1.0]


def test_a_revision_is_another_row(store):
    store.append([Fact("fred:X", JAN, T1, 1.0), Fact("fred:X", JAN, T2, 1.5)])

    assert store.as_of(T1)["fred:X"].tolist() == [1.0]
    assert store.as_of(T2)["fred:X"].tolist() == [1.5]


def test_the_same_fact_again_changes_nothing(store):
    first = store.append([Fact("fred:X", JAN, T1, 1.0)])
    again = store.append([Fact("fred:X", JAN, T1, 1.0)])

    assert (first.stored, again.stored, again.repeated, again.batch) == (1, 0, 1, 0)


def test_a_contradiction_is_kept_and_reported_and_never_in_force(store):
    store.append([Fact("fred:X", JAN, T1, 1.0)])
    receipt = store.append([Fact("fred:X", JAN, T1, 2.0)])

    (clash,) = receipt.contradictions
    assert (clash.stored, clash.offered) == (1.0, 2.0)
    assert store.as_of(T3)["fred:X"].tolist() == [1.0]
    assert len(store.query("SELECT * FROM contradiction")) == 1
    store.append([Fact("fred:X", JAN, T1, 2.0)])
    assert len(store.query("SELECT * FROM contradiction")) == 1


def test_a_withdrawn_value_is_gone_from_then_on(store):
    store.append([Fact("fred:X", JAN, T1, 1.0), Fact("fred:X", JAN, T2, float("nan"))])

    assert store.as_of(T1)["fred:X"].tolist() == [1.0]
    assert store.as_of(T2)["fred:X"].empty


def test_a_batch_is_stored_whole_or_not_at_all(store):
    bad = {
        "fred:GOOD": History.of([JAN], ["2020-03-01"], [1.0]),
        "fred:BAD": History.of([JAN], ["2020-03-01"], [np.inf]),
    }

    before = store.names()

    with pytest.raises(Exception, match="infinite"):
        store.write(bad, source="test", at=T1)

    assert store.names() == before
    assert store.query("SELECT count(*) FROM batch") == [(1,)]


def test_a_new_store_knows_the_decisions_of_the_fed(store):
    target = store.as_of(dt.datetime(2008, 12, 16, 20, tzinfo=dt.UTC))["fomc:target"]

    assert (target.index[0].date(), target.iloc[0]) == (dt.date(1982, 9, 27), 10.25)
    assert (target.index[-1].date(), target.iloc[-1]) == (dt.date(2008, 12, 16), 0.25)


def test_what_one_process_writes_another_sees(store, reopen):
    other = reopen()
    assert "fred:X" not in store.as_of(T3)
    other.append([Fact("fred:X", JAN, T1, 1.0)])

    assert "fred:X" in store.as_of(T3)
    other.close()


def test_every_refused_row_is_kept_once(store):
    row = Refusal("fred:X", "x.csv:3", "=1+1", "cell.number", "not a number")

    assert store.write({}, source="test", at=T1, refused=[row]).refused == 1
    assert store.write({}, source="test", at=T2, refused=[row]).refused == 0


def test_a_manifest_row_read_again_takes_the_place_of_the_older(store):
    for unit in ("percent", "index"):
        store.write({}, source="test", at=T1, definitions=[{"series": "fred:X", "unit": unit}])

    assert store.definitions()["fred:X"]["unit"] == "index"


def test_two_ways_of_reading_give_the_same_bytes(store, reopen):
    rng = np.random.default_rng(7)
    period = np.arange("2000-01-01", "2000-12-31", dtype="datetime64[D]")
    known_at = (period + 2).astype("datetime64[us]")
    value = np.where(rng.random(period.size) < 0.1, np.nan, rng.normal(size=period.size))
    store.write({"fred:X": History(period, known_at, value)}, source="test", at=T1)

    from_database = reopen().history("fred:X")
    view = reopen().as_of(T3)  # this one makes the snapshot
    from_snapshot = view.history("fred:X")

    for column in ("period", "known_at", "value"):
        assert getattr(from_snapshot, column).tobytes() == getattr(from_database, column).tobytes()


def test_a_second_look_computes_nothing_again_until_something_is_written(store):
    store.append([Fact("fred:X", JAN, T1, 1.0)])
    first, second = (store.as_of(T2).remember("look", lambda look=look: look) for look in ("first", "second"))

    store.append([Fact("fred:X", FEB, T1, 2.0)])
    third = store.as_of(T2).remember("look", lambda: "third")

    assert (first, second, third) == ("first", "first", "third")


def test_a_store_that_was_verified_is_sound(store):
    store.append([Fact("fred:X", JAN, T1, 1.0)])

    store.verify()


@pytest.mark.parametrize("change", ["UPDATE fact SET value = 2", "DELETE FROM batch", "TRUNCATE fact CASCADE"])
def test_the_server_refuses_to_change_what_was_written(postgres: Server, tmp_path: Path, change: str) -> None:
    store = open_store(postgres.create_fresh(), columns=tmp_path / "facts.columns")

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), store.engine().begin() as owner:
        owner.exec_driver_sql(change)

    store.close()


def test_a_trigger_that_was_switched_off_is_found(postgres: Server, tmp_path: Path) -> None:
    store = open_store(postgres.create_fresh(), columns=tmp_path / "facts.columns")
    store.verify()
    with store.engine().begin() as owner:
        owner.exec_driver_sql("ALTER TABLE fact DISABLE TRIGGER fact_refuses_update")

    with pytest.raises(DamagedStore, match="triggers"):
        store.verify()

    store.close()


def test_a_writer_may_append_and_a_reader_may_read(postgres: Server, tmp_path: Path) -> None:
    owner = open_store(postgres.create_fresh(), columns=tmp_path / "owner.columns")
    database = str(owner.path).rsplit("/", 1)[1]
    people = {role: f"{database}_{role}" for role in (WRITER, READER)}
    with owner.engine().begin() as connection:
        for role, person in people.items():
            connection.exec_driver_sql(f"CREATE ROLE {person} LOGIN IN ROLE {role}")
    writer, reader = (
        open_store(postgres.url(database, people[role]), columns=tmp_path / f"{role}.columns") for role in people
    )

    writer.append([Fact("fred:X", JAN, T1, 1.0)])

    assert reader.as_of(T2)["fred:X"].tolist() == [1.0]
    with pytest.raises(StorageError, match="cannot be written"):
        reader.append([Fact("fred:X", FEB, T1, 1.0)])
    with pytest.raises(sa.exc.DBAPIError, match="must be owner"), writer.engine().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE fact DISABLE TRIGGER ALL")
    for store in (owner, writer, reader):
        store.close()


def test_a_server_that_was_killed_has_lost_nothing_and_serves_again(own_postgres: Server, tmp_path: Path) -> None:
    store = open_store(own_postgres.create_fresh(), columns=tmp_path / "facts.columns")
    store.append([Fact("fred:X", JAN, T1, 1.0)])
    own_postgres.kill()

    with pytest.raises(StorageError, match="cannot be reached"):
        store.append([Fact("fred:X", FEB, T1, 2.0)])
    own_postgres.start()
    store.append([Fact("fred:X", FEB, T1, 2.0)])

    assert store.as_of(T2)["fred:X"].tolist() == [1.0, 2.0]
    store.verify()
    store.close()


def test_a_host_that_is_new_to_the_facts_reads_many_series_at_once(postgres: Server, tmp_path: Path) -> None:
    owner = open_store(postgres.create_fresh(), columns=tmp_path / "owner.columns")
    owner.append([Fact(f"fred:X{n}", JAN, T1, float(n)) for n in range(30)])
    newcomer = open_store(str(owner.path), columns=tmp_path / "newcomer.columns")
    statements: list[str] = []
    sa.event.listen(newcomer.engine(), "before_cursor_execute", lambda *call: statements.append(call[2]))

    view = newcomer.as_of(T2)

    assert [view[f"fred:X{n}"].tolist() for n in range(30)] == [[float(n)] for n in range(30)]
    assert len(statements) < 10
    for store in (owner, newcomer):
        store.close()
