"""The snapshot serves what the database holds, or nothing."""

import datetime as dt
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from signals.asof import History
from signals.store.shipped_decisions import open_store
from signals.store.snapshot import Snapshot
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
