"""A run on a damaged ledger answers nothing, changes nothing and tells people once, also on a recorded day."""

import datetime as dt
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from allocator.ledger.hash_chain import canonical, digest
from allocator.ledger.ledger import Ledger
from captilt.cli import dispatch
from captilt.operations import backup
from captilt.run import failure_report
from captilt.run.clock_check import newest_due
from signals.calendars import cut, previous_session
from signals.store.shipped_decisions import open_store
from tests.support.file_channel import command, messages, write_settings
from tests.support.payloads import payload

TODAY = newest_due(dt.datetime.now(dt.UTC))
YESTERDAY = previous_session(TODAY)
LATER = cut(TODAY) + dt.timedelta(minutes=1)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with the runs of two sessions, the newest among them, a backup and a file as the only channel."""
    monkeypatch.setattr(failure_report.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("CAPTILT_SECRETS", str(tmp_path / "none"))
    folder = tmp_path / "home"
    ledger = Ledger.open(folder / "ledger.db")
    for day in (YESTERDAY, TODAY):
        with ledger.transaction() as book:
            blocks = [book.keep(f"{day} {n}".encode() * 9) for n in range(3)]
            manifest = canonical({"moment": "m", "note": {}, "series": {"a": blocks}}).encode()
            inputs = book.keep(manifest)
            book.append("run", day, payload(day.isoformat()) | {"inputs": inputs}, at=cut(day))
            book.append("advice", day, {"run_id": "x"}, at=cut(day))
    ledger.append("outcome", TODAY, {"n": 1}, at=LATER)
    ledger.close()
    open_store(folder / "facts.db").close()
    backup.take(folder, folder / "backups", now=LATER)
    with closing(sqlite3.connect(folder / "ledger.db")) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    write_settings(tmp_path)
    return folder


def entries(home: Path) -> list[tuple]:
    with closing(sqlite3.connect(home / "ledger.db")) as raw:
        return raw.execute("SELECT seq, hash, CAST(payload AS BLOB) FROM entry NOT INDEXED ORDER BY seq").fetchall()


def tamper(home: Path, *statements: str) -> None:
    """Change the file as somebody with SQLite at hand would, leaving tables and triggers as they were."""
    with closing(sqlite3.connect(home / "ledger.db", isolation_level=None)) as raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
        for _, text in triggers:
            raw.execute(text)


def changed_payload(home: Path) -> None:
    tamper(home, "UPDATE entry SET payload = replace(payload, '\"x\"', '\"y\"') WHERE seq = 2")


def payload_of_today_is_no_json(home: Path) -> None:
    tamper(home, "UPDATE entry SET payload = 'rubbish' WHERE seq = 3")


def last_payload_is_no_json(home: Path) -> None:
    tamper(home, "UPDATE entry SET payload = '' WHERE seq = 5")


def a_clock_rewritten(home: Path) -> None:
    tamper(home, "UPDATE entry SET recorded_at = '2001-01-01T00:00:00.000000+00:00' WHERE seq = 1")


def a_day_moved(home: Path) -> None:
    tamper(home, "UPDATE entry SET day = '2001-01-02' WHERE seq = 4")


def an_entry_deleted(home: Path) -> None:
    tamper(home, "DELETE FROM entry WHERE seq = 2")


def tail_cut(home: Path) -> None:
    tamper(home, "DELETE FROM entry WHERE seq > 4")


def tail_cut_and_head_rewritten(home: Path) -> None:
    tail_cut(home)
    seq, link, _ = entries(home)[-1]
    (home / "ledger.head").write_text(json.dumps({"seq": seq, "hash": link}))


def manifest_of_today_deleted(home: Path) -> None:
    tamper(home, "DELETE FROM block WHERE name = (SELECT json_extract(payload, '$.inputs') FROM entry WHERE seq = 3)")


def a_block_of_today_deleted(home: Path) -> None:
    tamper(home, f"DELETE FROM block WHERE name = '{digest(f'{TODAY} 1'.encode() * 9)}'")


def a_block_of_today_is_rubbish(home: Path) -> None:
    tamper(home, f"UPDATE block SET content = x'00' WHERE name = '{digest(f'{TODAY} 2'.encode() * 9)}'")


def a_block_of_today_under_another_seal(home: Path) -> None:
    tamper(
        home,
        "UPDATE block SET (content, seal) = (SELECT content, seal FROM block ORDER BY name LIMIT 1) "
        "WHERE name = (SELECT max(name) FROM block WHERE name IN "
        f"('{digest(f'{TODAY} 1'.encode() * 9)}', '{digest(f'{TODAY} 2'.encode() * 9)}'))",
    )


def all_blocks_deleted(home: Path) -> None:
    tamper(home, "DELETE FROM block")


def a_trigger_dropped(home: Path) -> None:
    with closing(sqlite3.connect(home / "ledger.db", isolation_level=None)) as raw:
        (name,) = raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' LIMIT 1").fetchone()
        raw.execute(f"DROP TRIGGER {name}")


DAMAGE: list[Callable[[Path], None]] = [
    changed_payload, payload_of_today_is_no_json, last_payload_is_no_json, a_clock_rewritten, a_day_moved,
    an_entry_deleted, tail_cut, tail_cut_and_head_rewritten, manifest_of_today_deleted, a_block_of_today_deleted,
    a_block_of_today_is_rubbish, a_block_of_today_under_another_seal, all_blocks_deleted, a_trigger_dropped,
]  # fmt: skip


@pytest.mark.parametrize("words", [["run"], ["schedule", "--once"]], ids=" ".join)
def test_a_sound_ledger_repeats_its_day(home: Path, words: list[str], capsys) -> None:
    assert command(home, *words) == 0

    assert messages(home) == []
    capsys.readouterr()


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_ledger_gives_no_answer_and_one_message(home: Path, damage, capsys) -> None:
    damage(home)
    before = entries(home)

    codes = [command(home, *words) for words in (["run"], ["schedule", "--once"], ["run"])]

    assert 0 not in codes
    assert codes[0] == 5
    assert entries(home) == before, "nothing is added to a damaged ledger"
    assert [message["rung"] for message in messages(home)] == ["HOLD"], "one message a day, whoever ran"
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "is damaged" in printed.err
    assert "captilt restore" in printed.err
    assert "exc_type" not in printed.err


@pytest.mark.parametrize("damage", [last_payload_is_no_json, tail_cut_and_head_rewritten, all_blocks_deleted])
def test_the_remedy_brings_the_day_back(home: Path, damage, capsys) -> None:
    damage(home)

    assert dispatch(["restore", "--home", str(home)]) == 0
    assert command(home, "run") == 0

    assert len(entries(home)) == 5
    capsys.readouterr()


def test_a_dry_run_on_a_damaged_ledger_alarms_nobody_and_answers_nothing(home: Path, capsys) -> None:
    changed_payload(home)

    assert command(home, "run", "--dry-run") == 5

    assert messages(home) == []
    assert capsys.readouterr().out == ""


def test_an_older_copy_that_a_person_wants_is_no_damage(home: Path, capsys) -> None:
    old = backup.copies(home / "backups")[0]
    ledger = Ledger.open(home / "ledger.db")
    ledger.append("outcome", TODAY, {"n": 2}, at=LATER)
    ledger.close()
    newer = backup.take(home, home / "backups", now=LATER + dt.timedelta(hours=1))

    assert dispatch(["restore", str(old.folder), "--home", str(home)]) == 2, "only where it is forced"
    assert dispatch(["restore", str(old.folder), "--home", str(home), "--force"]) == 0
    assert command(home, "run") == 0, "the head of the newer copy was given up"
    assert dispatch(["ledger", "verify", "--home", str(home)]) == 0
    assert dispatch(["restore", "--undo", "--home", str(home)]) == 0
    assert Ledger.open(home / "ledger.db").head().hash == newer.head
    assert dispatch(["ledger", "verify", "--home", str(home)]) == 0
    assert dispatch(["restore", str(old.folder), "--home", str(home), "--force"]) == 0
    tail_cut_and_head_rewritten(home)
    assert command(home, "run") == 5, "a restore excuses no cut of what it brought"
    capsys.readouterr()
