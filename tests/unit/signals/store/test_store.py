"""The store keeps two dates on every number and changes nothing it holds."""

import datetime as dt
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from signals.fact import Fact
from signals.store.migrate import HEAD, configured
from signals.store.shipped_decisions import open_store
from signals.store.sqlite import DamagedStore

JAN, FEB = dt.date(2020, 1, 1), dt.date(2020, 2, 1)
T1, T2, T3 = (dt.datetime(2020, 3, day, 12, tzinfo=dt.UTC) for day in (1, 2, 3))


@pytest.fixture
def fresh(tmp_path: Path):
    opened = open_store(tmp_path / "facts.db")
    yield opened
    opened.close()


def test_a_decision_is_known_when_it_was_announced(fresh):
    def known(day: str) -> str:
        history = fresh.history("fomc:target")
        return str(history.known_at[history.period == np.datetime64(day)][0])[:16]

    assert known("1982-10-01") == "1982-10-04T18:00"  # a Friday before 1994: the next business day
    assert known("2001-01-03") == "2001-01-03T18:13"  # between meetings, 13:13 in New York
    assert known("2020-03-15") == "2020-03-15T21:00"  # a Sunday at five
    assert known("2022-06-15") == "2022-06-15T18:00"


def test_a_writer_does_not_stop_a_reader(fresh):
    fresh.append([Fact("fred:X", JAN, T1, 1.0)])
    writer = sqlite3.connect(fresh.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO batch VALUES (99, 0, '', '')")

    assert "fred:X" in fresh.as_of(T3)
    writer.execute("ROLLBACK")
    writer.close()


def test_any_program_can_read_dates(fresh):
    fresh.append([Fact("fred:X", JAN, T1, 1.0)])
    with sqlite3.connect(fresh.path) as plain:
        row = plain.execute(
            "SELECT series, period, known_at_utc, value FROM readable WHERE series = 'fred:X'"
        ).fetchone()
    plain.close()

    assert row == ("fred:X", "2020-01-01", "2020-03-01 12:00:00", 1.0)


def test_the_book_is_write_ahead_and_fully_synchronised(fresh):
    assert fresh.query("PRAGMA journal_mode") == [("wal",)]
    assert fresh.query("PRAGMA synchronous") == [(2,)]


@pytest.mark.parametrize("change", ["value = value + 1", "known_at = known_at + 1", "batch = 1"])
def test_a_changed_row_is_betrayed_when_it_is_read(fresh, change):
    fresh.append([Fact("fred:X", JAN, T1, 1.0), Fact("fred:X", FEB, T2, 2.0)])
    with sqlite3.connect(fresh.path) as plain:
        plain.execute(
            f"UPDATE fact SET {change} WHERE period = 18293 AND series = (SELECT id FROM series WHERE name = 'fred:X')"
        )
    plain.close()

    with pytest.raises(DamagedStore, match="captilt restore"):
        fresh.as_of(T3)["fred:X"]


def test_a_lost_row_is_betrayed_and_nothing_is_written_over_it(fresh):
    fresh.append([Fact("fred:X", JAN, T1, 1.0), Fact("fred:X", FEB, T2, 2.0)])
    with sqlite3.connect(fresh.path) as plain:
        plain.execute(
            "DELETE FROM fact WHERE series = (SELECT id FROM series WHERE name = 'fred:X') AND period = 18262"
        )
    plain.close()

    with pytest.raises(DamagedStore):
        fresh.append([Fact("fred:X", FEB, T3, 3.0)])
    with pytest.raises(DamagedStore):
        fresh.verify()


@pytest.mark.parametrize("junk", [b"not a database at all" * 100, b"SQLite format 3\0" + bytes(4080)])
def test_a_file_that_is_no_store_is_named_with_the_way_back(tmp_path, junk):
    place = tmp_path / "facts.db"
    place.write_bytes(junk)

    with pytest.raises(DamagedStore, match=r"facts\.db.*captilt restore"):
        open_store(place)
    assert place.read_bytes() == junk


def test_flipped_bytes_are_found_or_harmless(fresh, tmp_path):
    facts = [Fact("fred:X", JAN + dt.timedelta(days=n), T1 + dt.timedelta(days=n), n / 7) for n in range(400)]
    fresh.append(facts)
    fresh.close()
    clean = fresh.path.read_bytes()  # closed, so the log is folded in
    truth = open_store(fresh.path).history("fred:X")
    chance = np.random.default_rng(5)
    found = 0
    for place in chance.integers(0, len(clean), 60):
        flipped = bytearray(clean)
        flipped[place] ^= 1 << int(chance.integers(8))
        target = tmp_path / "flip.db"
        target.write_bytes(bytes(flipped))
        for rest in tmp_path.glob("flip.db-*"):
            rest.unlink()
        try:
            broken = open_store(target)
            try:
                broken.verify()
                held = broken.history("fred:X")
                assert np.array_equal(held.value, truth.value)
                assert np.array_equal(held.known_at, truth.known_at)
            finally:
                broken.close()
        except DamagedStore:
            found += 1
    assert found > 10


def test_the_tables_are_those_that_the_changes_make(fresh):
    from alembic import command
    from alembic.script import ScriptDirectory

    with fresh.engine().connect() as connection:
        config = configured(connection)
        assert ScriptDirectory.from_config(config).get_current_head() == HEAD
        command.check(config)


def test_a_store_of_a_later_version_is_refused(fresh):
    with sqlite3.connect(fresh.path) as plain:
        plain.execute("UPDATE alembic_version SET version_num = '9999'")
    plain.close()

    with pytest.raises(DamagedStore, match="9999"):
        open_store(fresh.path)


def test_a_full_disk_leaves_what_was_there(tmp_path):
    import resource

    opened = open_store(tmp_path / "facts.db")
    opened.append([Fact("fred:X", JAN, T1, 1.0)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal

    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        many = [Fact("fred:Y", JAN + dt.timedelta(days=n), T1, float(n)) for n in range(20_000)]
        with pytest.raises(Exception, match="untouched"):
            opened.append(many)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)

    assert opened.as_of(T3)["fred:X"].tolist() == [1.0]
    assert "fred:Y" not in opened.names()
    assert opened.append([Fact("fred:Y", JAN, T1, 1.0)]).stored == 1
    opened.close()
