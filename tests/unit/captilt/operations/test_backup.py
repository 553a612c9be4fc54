"""A backup is verified or it is none, and coming back never loses what is newer without being told."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from allocator.ledger.ledger import Ledger
from captilt.operations import backup
from signals.errors import CheckFailed, UsageError
from signals.fact import Fact
from signals.store.shipped_decisions import open_store

NOW = dt.datetime(2024, 1, 2, 23, 15, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "home"
    place.mkdir()
    write(place, 1)
    store = open_store(place / "facts.db")
    store.append([Fact("test:X", dt.date(2024, 1, 1), NOW, 1.0)], source="test")
    store.close()
    return place


def write(home: Path, days: int) -> None:
    ledger = Ledger.open(home / "ledger.db")
    for _ in range(days):
        done = len(ledger.entries())
        ledger.append("run", dt.date(2024, 1, 2) + dt.timedelta(days=done), {"n": done}, at=NOW + done * HOUR)
    ledger.close()


def runs(home: Path) -> int:
    return len(Ledger.open(home / "ledger.db").entries())


def test_a_copy_comes_back_as_it_was(home: Path, tmp_path: Path) -> None:
    copy = backup.take(home, tmp_path / "copies", now=NOW)
    shutil.rmtree(home)
    home.mkdir()

    backup.restore(home, copy.folder, now=NOW)

    assert runs(home) == 1
    assert Ledger.open(home / "ledger.db").verify(copy.head) is None
    assert open_store(home / "facts.db").as_of(NOW)["test:X"].tolist() == [1.0]
    write(home, 1)
    assert runs(home) == 2


def test_a_newer_sound_book_is_not_overwritten_unless_forced(home: Path, tmp_path: Path) -> None:
    copy = backup.take(home, tmp_path / "copies", now=NOW)
    write(home, 2)

    with pytest.raises(UsageError, match="2 entries that the backup"):
        backup.restore(home, copy.folder, now=NOW)
    assert runs(home) == 3
    backup.restore(home, copy.folder, now=NOW, force=True)

    assert runs(home) == 1
    aside = next(home.glob("replaced-*"))
    assert (aside / "ledger.db").exists()


def test_a_damaged_book_may_be_replaced(home: Path, tmp_path: Path) -> None:
    copy = backup.take(home, tmp_path / "copies", now=NOW)
    write(home, 1)
    (home / "ledger.db").write_bytes(b"rubbish" * 1000)

    backup.restore(home, copy.folder, now=NOW)

    assert runs(home) == 1


def test_a_damaged_state_gives_no_backup(home: Path, tmp_path: Path) -> None:
    whole = (home / "ledger.db").read_bytes()
    (home / "ledger.db").write_bytes(whole.replace(b'{"n":0}', b'{"n":7}'))

    with pytest.raises(CheckFailed, match="entry 1"):
        backup.take(home, tmp_path / "copies", now=NOW)

    assert backup.copies(tmp_path / "copies") == []


@pytest.mark.parametrize("name", ["ledger.db", "facts.db"])
def test_a_copy_that_changed_is_refused(home: Path, tmp_path: Path, name: str) -> None:
    copy = backup.take(home, tmp_path / "copies", now=NOW)
    content = bytearray((copy.folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy.folder / name).write_bytes(content)

    with pytest.raises(CheckFailed, match=r"not the file that was copied: its checksum differs\. Nothing was changed"):
        backup.restore(home, copy.folder, now=NOW)

    assert runs(home) == 1


def test_an_unfinished_copy_is_no_backup(home: Path, tmp_path: Path) -> None:
    copy = backup.take(home, tmp_path / "copies", now=NOW)
    (copy.folder / backup.NOTE).unlink()

    assert backup.copies(tmp_path / "copies") == []
    with pytest.raises(UsageError, match="not a finished backup; nothing was changed"):
        backup.restore(home, copy.folder, now=NOW)


def test_only_the_newest_copies_are_kept(home: Path, tmp_path: Path) -> None:
    for hours in range(4):
        backup.take(home, tmp_path / "copies", now=NOW + hours * HOUR)

    backup.prune(tmp_path / "copies", keep=2)

    assert [copy.taken_at for copy in backup.copies(tmp_path / "copies")] == [
        "2024-01-03T01:15:00+00:00",
        "2024-01-03T02:15:00+00:00",
    ]


def test_an_open_desk_follows_a_restore(home: Path, tmp_path: Path) -> None:
    resident = Ledger.open(home / "ledger.db")
    copy = backup.take(home, tmp_path / "copies", now=NOW)
    resident.append("alert", dt.date(2024, 1, 2), {}, at=NOW)

    backup.restore(home, copy.folder, now=NOW, force=True)
    resident.append("alert", dt.date(2024, 1, 2), {"after": True}, at=NOW)

    assert [entry.payload for entry in Ledger.open(home / "ledger.db").entries("alert")] == [{"after": True}]
    assert Ledger.open(home / "ledger.db").verify() is None


@pytest.mark.parametrize("step", range(5))
def test_a_restore_that_is_killed_never_leaves_a_new_book(
    home: Path, tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backup.take(home, tmp_path / "copies", now=NOW)
    write(home, 2)
    calls = iter(range(100))
    rename = Path.rename

    def dies(self: Path, target: Path) -> Path:
        if next(calls) == step:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", dies)
    with pytest.raises(KeyboardInterrupt):
        backup.restore(home, copy.folder, now=NOW, force=True)
    monkeypatch.undo()

    try:
        left = runs(home)
    except CheckFailed:
        left = None
    backup.restore(home, copy.folder, now=NOW + HOUR, force=True)
    assert left in (None, 1, 3)
    assert runs(home) == 1


def test_the_note_names_every_file(home: Path, tmp_path: Path) -> None:
    copy = backup.take(home, tmp_path / "copies", now=NOW)

    note = json.loads((copy.folder / backup.NOTE).read_text())

    assert set(note["files"]) == {"ledger.db", "facts.db"}
    assert note["entries"] == 1
