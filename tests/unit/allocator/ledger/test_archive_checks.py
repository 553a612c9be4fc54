"""Every block behind a run is missed by the checks, whether its manifest names it or one of its lists does."""

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from allocator.ledger.hash_chain import canonical, digest
from allocator.ledger.input_archive import LIST, blocks_by_series, pack, unpack
from allocator.ledger.ledger import Ledger
from signals.asof import AsOf, History

DAY = dt.date(2020, 6, 30)
MOMENT = dt.datetime(2020, 6, 30, 22, tzinfo=dt.UTC)
DAYS = np.arange("2018-01-01", "2020-06-30", dtype="datetime64[D]")
FACTS = {"a:X": History.of(DAYS, DAYS.astype("datetime64[us]"), np.arange(DAYS.size)), "a:Y": History.of([], [], [])}
OTHER = "e" * 64  # a digest of something else in the note of settings; nothing in the archive bears that name


@pytest.fixture
def archive(tmp_path: Path) -> tuple[Path, dict[str, bytes]]:
    manifest, blocks = pack(AsOf(MOMENT, FACTS), FACTS, note={"specification": OTHER})
    contents = blocks | {digest(manifest): manifest}
    ledger = Ledger.open(tmp_path / "ledger.db")
    with ledger.transaction() as book:
        for content in contents.values():
            book.keep(content)
        book.append("run", DAY, {"inputs": digest(manifest)}, at=MOMENT)
    ledger.close()
    return tmp_path / "ledger.db", contents


def test_a_manifest_is_small_and_the_lists_of_past_years_stay(archive) -> None:
    _, contents = archive
    later = MOMENT + dt.timedelta(hours=20)

    manifest, blocks = pack(AsOf(later, FACTS), FACTS)

    assert len(manifest) < 1500
    assert sum(content.startswith(LIST) for content in blocks.values()) == 8  # 2018, 2019, and six months
    assert set(blocks) <= set(contents)


def test_a_whole_archive_has_no_fault(archive) -> None:
    path, _ = archive
    ledger = Ledger.open(path)

    assert ledger.verify() is None
    assert ledger.verify(inputs_of=DAY) is None


def test_each_missing_block_is_found(archive) -> None:
    path, contents = archive
    for name in contents:
        copy = path.with_name(f"{name[:8]}.db")
        copy.write_bytes(path.read_bytes())
        copy.with_suffix(".head").write_bytes(path.with_suffix(".head").read_bytes())
        with closing(sqlite3.connect(copy, isolation_level=None)) as raw:
            triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for trigger, _ in triggers:
                raw.execute(f"DROP TRIGGER {trigger}")
            raw.execute("DELETE FROM block WHERE name = ?", (name,))
            for _, statement in triggers:
                raw.execute(statement)
        ledger = Ledger.open(copy)
        for fault in (ledger.verify(), ledger.verify(inputs_of=DAY)):
            assert fault is not None, contents[name][:40]
            assert fault.row == 1
            assert name[:12] in fault.reason
        ledger.close()


def test_a_manifest_of_an_earlier_version_is_read() -> None:
    manifest, blocks = pack(AsOf(MOMENT, FACTS), FACTS)
    series = blocks_by_series(manifest, blocks.__getitem__)
    earlier = canonical({"moment": MOMENT.isoformat(), "note": {}, "series": series}).encode()

    again = unpack(earlier, blocks.__getitem__)

    assert again.fingerprint(FACTS) == AsOf(MOMENT, FACTS).fingerprint(FACTS)
