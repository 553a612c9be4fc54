"""The snapshot serves what the database holds, or nothing."""

import datetime as dt
import os
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from signals.asof import History
from signals.fact import Fact
from signals.store.rows import Rows
from signals.store.shipped_decisions import open_store
from signals.store.snapshot import LEFT_BEHIND, Head, Snapshot, renew
from signals.store.store import Store

AT = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
LATER = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)


def _history(size: int, seed: int) -> History:
    rng = np.random.default_rng(seed)
    period = np.datetime64("2000-01-01", "D") + np.arange(size)
    value = np.where(rng.random(size) < 0.05, np.nan, rng.normal(size=size))
    return History(period, (period + 1).astype("datetime64[us]"), value)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    store = open_store(tmp_path / "facts.db")
    store.write({f"fred:{name}": _history(50, seed) for seed, name in enumerate("ABC")}, source="test", at=AT)
    store.as_of(LATER)
    store.close()
    return tmp_path / "facts.db"


def _bytes(store: Store, name: str) -> bytes:
    history = store.history(name)
    return history.period.tobytes() + history.known_at.tobytes() + history.value.tobytes()


def _blind(place: Path) -> None:
    """Take the facts out of the database, so that whatever is still served comes from the snapshot."""
    with sqlite3.connect(place) as plain:
        plain.execute("DELETE FROM fact WHERE series IN (SELECT id FROM series WHERE name LIKE 'fred:%')")


def test_the_snapshot_alone_answers_where_the_heads_agree(place):
    store = open_store(place)
    expected = _bytes(store, "fred:B")
    _blind(place)

    store = open_store(place)
    store.as_of(LATER)

    assert _bytes(store, "fred:B") == expected


@pytest.mark.parametrize("offset", [0, 12, 40, -1, -9, -40])
def test_a_damaged_snapshot_is_not_believed(place, offset):
    expected = {name: _bytes(open_store(place), name) for name in ("fred:A", "fred:B", "fred:C")}
    columns = place.with_suffix(".columns")
    content = bytearray(columns.read_bytes())
    content[offset] ^= 0x41
    columns.write_bytes(content)

    store = open_store(place)
    store.as_of(LATER)

    assert {name: _bytes(store, name) for name in expected} == expected
    open_store(place).as_of(LATER)
    assert not _damaged(columns)


def _damaged(columns: Path) -> bool:
    snapshot = Snapshot.open(columns)
    return not snapshot.names() or any(snapshot.rows(name, snapshot.head(name)) is None for name in snapshot.names())


@pytest.mark.parametrize("mask", [0x01, 0x14, 0x80, 0xFF])
def test_any_byte_that_changed_gives_the_same_rows_or_none(tmp_path, mask):
    path, days = tmp_path / "facts.columns", np.arange(4)
    rows = {name: Rows(days, days + 1, days * 1.5, days + seed) for seed, name in enumerate(("a:A", "b:B", "c:C"))}
    heads = {name: Head(part.size, part.checksum()) for name, part in rows.items()}
    written = renew(path, heads, rows.__getitem__).content
    whole = path.read_bytes()

    for offset in range(len(whole)):
        content = bytearray(whole)
        content[offset] ^= mask
        path.write_bytes(content)
        snapshot = Snapshot.open(path)
        served = {name: snapshot.rows(name, head) for name, head in heads.items()}

        assert all(part is None or part.checksum() == heads[name].checksum for name, part in served.items())
        assert None in served.values() or (snapshot.content, set(snapshot.names())) == (written, set(heads))


@pytest.mark.parametrize(
    "index",
    [
        b"[1]",
        b"{}",
        b"7",
        b'[["fred:A", 50, 1]]',
        b'[["fred:A", 50.0, 1, 9]]',
        b'[["fred:A", 50, 1, 9.5]]',
        b'[["fred:A", 50, 1, -9]]',
        b'[["fred:A", -50, 1, 9]]',
        b'[["fred:A", true, 1, 9]]',
        b"[[[], 50, 1, 9]]",
    ],
)
def test_an_index_that_nobody_wrote_serves_nothing(tmp_path, index):
    body = index.ljust(80)
    (tmp_path / "x").write_bytes(b"CAPTILT2" + len(body).to_bytes(8, "little") + body + bytes(800))

    snapshot = Snapshot.open(tmp_path / "x")

    assert snapshot.names() == ()
    assert snapshot.rows("fred:A", Head(50, 1)) is None


@pytest.mark.parametrize("kept", [0, 7, 100, 1000])
def test_a_cut_snapshot_is_not_believed(place, kept):
    expected = _bytes(open_store(place), "fred:C")
    columns = place.with_suffix(".columns")
    columns.write_bytes(columns.read_bytes()[:kept])

    store = open_store(place)
    store.as_of(LATER)

    assert _bytes(store, "fred:C") == expected


def test_what_is_written_later_is_served(place):
    store = open_store(place)
    store.as_of(LATER)
    before = Snapshot.open(place.with_suffix(".columns")).content

    store.write({"fred:B": _history(60, 9)}, source="test", at=AT)
    view = store.as_of(LATER)

    assert view.history("fred:B").period.size == 60
    after = Snapshot.open(place.with_suffix(".columns"))
    assert after.content != before
    assert after.head("fred:B").rows == 60


def test_equal_facts_have_equal_content(place, tmp_path):
    other = open_store(tmp_path / "other.db")
    other.write({f"fred:{name}": _history(50, seed) for seed, name in enumerate("ABC")}, source="test", at=AT)
    other.as_of(LATER)

    contents = {Snapshot.open(path).content for path in tmp_path.glob("*.columns")}

    assert len(contents) == 1


def test_a_folder_that_refuses_costs_only_time(place):
    columns = place.with_suffix(".columns")
    columns.unlink()
    columns.mkdir()  # nothing can be renamed onto a folder

    store = open_store(place)

    assert store.as_of(LATER).history("fred:A").period.size == 50
    assert not list(place.parent.glob("facts.columns.*"))


def test_a_snapshot_that_holds_more_than_the_database_is_made_anew(place, tmp_path):
    older = tmp_path / "older.db"
    shutil.copy(place, older)
    store = open_store(place)
    store.write({"fred:D": _history(50, 4)}, source="test", at=AT)
    store.as_of(LATER)
    store.close()
    shutil.copy(older, place)  # a backup that was made before fred:D

    store = open_store(place)
    view = store.as_of(LATER)
    snapshot = Snapshot.open(place.with_suffix(".columns"))

    assert not view.history("fred:D").period.size
    assert (snapshot.history("fred:D"), snapshot.content) == (None, store.content())


def test_the_snapshot_of_another_database_is_not_believed(place, tmp_path):
    other = open_store(tmp_path / "other.db")
    other.write({f"fred:{name}": _history(50, seed + 7) for seed, name in enumerate("ABC")}, source="test", at=AT)
    other.as_of(LATER)
    expected = _bytes(open_store(place), "fred:A")
    (tmp_path / "other.columns").replace(place.with_suffix(".columns"))

    store = open_store(place)
    store.as_of(LATER)

    assert _bytes(store, "fred:A") == expected
    assert Snapshot.open(place.with_suffix(".columns")).content == store.content()


def test_the_content_is_that_of_the_database_where_the_snapshot_could_not_be_renewed(place):
    store = open_store(place)
    store.as_of(LATER)
    before = store.content()
    columns = place.with_suffix(".columns")
    columns.unlink()
    columns.mkdir()

    store.write({"fred:A": _history(60, 0)}, source="test", at=AT)
    store.as_of(LATER)

    assert store.content() not in (before, Snapshot.open(columns).content)


@pytest.mark.parametrize("served", [True, False])
def test_a_view_remains_in_the_facts_of_its_making(place, served):
    if not served:  # only the database can answer
        place.with_suffix(".columns").unlink()
        place.with_suffix(".columns").mkdir()
    store, other = open_store(place), open_store(place)
    view = store.as_of(LATER)
    first = view.history("fred:A").period.size

    other.write({name: _history(60, 9) for name in ("fred:A", "fred:B", "fred:E")}, source="test", at=AT)
    store.write({"fred:C": _history(60, 9)}, source="test", at=AT)
    newer = store.as_of(LATER)

    names = ("fred:A", "fred:B", "fred:C", "fred:E")
    assert [view.history(name).period.size for name in names] == [first, 50, 50, 0]
    assert [newer.history(name).period.size for name in names] == [60, 60, 60, 60]
    assert store.history("fred:C").period.size == 60
    other.append([Fact("fred:C", dt.date(2005, 1, 1), AT, 1.0)])
    store.as_of(LATER)
    assert store.history("fred:C").period.size == 61


def test_what_was_read_before_the_first_view_is_read_again(place):
    store = open_store(place)
    store.history("fred:A")

    open_store(place).append([Fact("fred:A", dt.date(2005, 1, 1), AT, 1.0)])

    assert store.as_of(LATER).history("fred:A").period.size == 51


def test_drafts_of_killed_processes_are_removed(place):
    old, new = (place.with_name(f"facts.columns.{name}") for name in ("killed", "writing"))
    for draft in (old, new):
        draft.write_bytes(b"half")
    made = place.stat().st_mtime
    os.utime(old, (made - LEFT_BEHIND - 1,) * 2)
    store = open_store(place)

    store.write({"fred:B": _history(60, 9)}, source="test", at=AT)
    store.as_of(LATER)

    assert (old.exists(), new.exists()) == (False, True)
