"""What a run was computed from must still be there, and a ledger that was cut is known from any witness."""

import datetime as dt
import json
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from allocator.ledger.hash_chain import canonical, digest
from allocator.ledger.ledger import Ledger
from allocator.ledger.ledger_file import Witness
from captilt.cli import dispatch
from captilt.operations import backup
from signals.errors import CheckFailed, StorageError

DAY = dt.date(2024, 1, 2)
EVENING = dt.datetime(2024, 1, 2, 23, 15, tzinfo=dt.UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A ledger with three runs, each with archived inputs, and an alert after each."""
    folder = tmp_path / "home"
    ledger = Ledger.open(folder / "ledger.db")
    for n in range(3):
        with ledger.transaction() as book:
            blocks = [book.keep(f"facts {n} {part}".encode() * 9) for part in range(2)]
            shared = book.keep(b"facts of all days")
            manifest = canonical({"moment": "m", "note": {}, "series": {"a": [*blocks, shared]}}).encode()
            book.keep(manifest)
            day, at = DAY + dt.timedelta(days=n), EVENING + dt.timedelta(days=n)
            book.append("run", day, {"n": n, "inputs": digest(manifest)}, at=at)
            book.append("alert", day, {"n": n}, at=at)
    ledger.close()
    return folder


def tamper(home: Path, statement: str) -> None:
    """Change the file as somebody with SQLite at hand would, leaving tables and triggers as they were."""
    with closing(sqlite3.connect(home / "ledger.db", isolation_level=None)) as raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute(statement)
        for _, text in triggers:
            raw.execute(text)
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def fault(home: Path, **options) -> str:
    ledger = Ledger.open(home / "ledger.db")
    found = ledger.verify(**options)
    ledger.close()
    return str(found or "")


ONE_BLOCK = f"DELETE FROM block WHERE name = '{digest(b'facts 1 0' * 9)}'"
A_MANIFEST = "DELETE FROM block WHERE name = (SELECT json_extract(payload, '$.inputs') FROM entry WHERE seq = 3)"
ALL = "DELETE FROM block"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (ONE_BLOCK, "entry 3: its archived inputs are missing: block"),
        (A_MANIFEST, "entry 3: its archived inputs are missing: manifest"),
        (ALL, "entry 1: its archived inputs are missing: manifest"),
    ],
)
def test_deleted_inputs_are_found_by_every_check(home: Path, tmp_path: Path, capsys, statement: str, says: str) -> None:
    assert fault(home) == ""
    tamper(home, statement)

    assert fault(home).startswith(says)
    assert dispatch(["ledger", "verify", "--home", str(home), "--json"]) == 5
    assert says.partition(": ")[2] in json.loads(capsys.readouterr().out)["reason"]
    with pytest.raises(CheckFailed, match="archived inputs are missing"):
        backup.take(home, tmp_path / "copies", now=EVENING)
    with pytest.raises(CheckFailed, match="archived inputs are missing"):
        Ledger.open(home / "ledger.db").append("alert", DAY, {}, at=EVENING + dt.timedelta(days=9))
    assert backup.copies(tmp_path / "copies") == []


def test_a_missing_head_beside_entries_is_a_fault_and_can_be_written_anew_with_a_witness(home: Path, capsys) -> None:
    head = Ledger.open(home / "ledger.db").entries("alert")[0].hash
    (home / "ledger.head").unlink()

    assert fault(home) == "ledger.head is missing beside 6 entries"
    assert dispatch(["ledger", "verify", "--home", str(home), "--write-head"]) == 2
    assert dispatch(["ledger", "verify", "--home", str(home), "--write-head", "--head", "0" * 12]) == 5
    assert dispatch(["ledger", "verify", "--home", str(home), "--write-head", "--head", head[:12]]) == 0
    assert fault(home) == ""
    capsys.readouterr()


def test_an_empty_ledger_has_its_head_from_the_start(tmp_path: Path) -> None:
    Ledger.open(tmp_path / "ledger.db").close()
    (tmp_path / "ledger.head").unlink()  # as if killed before it was written

    Ledger.open(tmp_path / "ledger.db").close()

    assert json.loads((tmp_path / "ledger.head").read_text())["seq"] == 0
    (tmp_path / "ledger.db").unlink()
    Ledger.open(tmp_path / "ledger.db").append("run", DAY, {}, at=EVENING)  # nothing was lost: it begins anew


def test_a_cut_tail_is_found_by_the_head_file_and_by_every_backup(home: Path, tmp_path: Path, capsys) -> None:
    backup.take(home, home / "backups", now=EVENING + dt.timedelta(days=3))
    tamper(home, "DELETE FROM entry WHERE seq > 4")
    last = Ledger.open(home / "ledger.db").head()
    (home / "ledger.head").write_text(json.dumps({"seq": last.seq, "hash": last.hash}))

    assert fault(home) == "", "the forger has thought of the file beside it"
    (witness,) = backup.witnesses(home / "backups", home=home)
    assert "is not in this ledger" in fault(home, witnesses=[witness])
    assert dispatch(["ledger", "verify", "--home", str(home)]) == 5
    assert "the backup of" in capsys.readouterr().err


@pytest.mark.parametrize("head", ["0" * 64, "abcdef12"])
def test_a_witness_that_does_not_agree_is_named(home: Path, head: str) -> None:
    assert "of a mail is not in this ledger" in fault(home, witnesses=[Witness(2, head, "a mail")])


def test_a_head_at_another_number_does_not_agree(home: Path) -> None:
    entries = Ledger.open(home / "ledger.db").entries()

    assert fault(home, witnesses=[Witness(2, entries[1].hash, "a mail")]) == ""
    assert "is not in this ledger" in fault(home, witnesses=[Witness(3, entries[1].hash, "a mail")])


@pytest.mark.skipif(os.getuid() != 0, reason="takes another user's eyes, which only root can")
def test_a_copy_that_can_only_be_read_is_verified_and_read(home: Path, tmp_path: Path) -> None:
    copy = backup.take(home, tmp_path / "copies", now=EVENING + dt.timedelta(days=3))
    folder = Path(tempfile.mkdtemp())
    open_to_all = Path(shutil.copytree(copy.folder, folder / "copy"))
    for path, mode in ((folder, 0o755), (open_to_all, 0o555), *((file, 0o444) for file in open_to_all.iterdir())):
        path.chmod(mode)

    said = as_nobody(lambda: read_everything(open_to_all / "ledger.db"))

    shutil.rmtree(folder)
    assert said == "read-only, None, 6 entries, StorageError"


def read_everything(path: Path) -> str:
    ledger = Ledger.open(path)
    try:
        ledger.append("alert", DAY, {}, at=EVENING + dt.timedelta(days=9))
        refused = "written"
    except StorageError as fault:
        refused = type(fault).__name__
    kind = "read-only" if ledger.read_only else "writable"
    return f"{kind}, {ledger.verify()}, {len(ledger.entries())} entries, {refused}"


def as_nobody(act) -> str:
    """What `act` returns in a process of another user."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgid(65534)
            os.setuid(65534)
            text = act()
        except BaseException as fault:
            text = repr(fault)
        os.write(writing, text.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)
    with os.fdopen(reading) as answer:
        return answer.read()


def test_a_restore_can_be_undone(home: Path, tmp_path: Path, capsys) -> None:
    copy = backup.take(home, tmp_path / "copies", now=EVENING + dt.timedelta(days=3))
    ledger = Ledger.open(home / "ledger.db")
    ledger.append("decision", DAY, {"verdict": "accept", "target_weight": 0.2}, at=EVENING + dt.timedelta(days=4))
    ledger.close()

    assert dispatch(["restore", str(copy.folder), "--home", str(home), "--force"]) == 0
    assert len(Ledger.open(home / "ledger.db").entries()) == 6
    assert dispatch(["restore", "--undo", "--home", str(home)]) == 0

    again = Ledger.open(home / "ledger.db")
    assert len(again.entries("decision")) == 1
    assert again.verify() is None
    capsys.readouterr()


def test_a_copy_whose_chain_is_broken_replaces_nothing(home: Path, tmp_path: Path) -> None:
    copy = backup.take(home, tmp_path / "copies", now=EVENING + dt.timedelta(days=3))
    tamper(copy.folder, ONE_BLOCK)
    note = json.loads((copy.folder / backup.NOTE).read_text())
    note["files"]["ledger.db"] = digest((copy.folder / "ledger.db").read_bytes())  # the forger has thought of it
    (copy.folder / backup.NOTE).write_text(json.dumps(note))
    before = (home / "ledger.db").read_bytes()

    with pytest.raises(CheckFailed, match="archived inputs are missing"):
        backup.restore(home, copy.folder, now=EVENING + dt.timedelta(days=4), force=True)

    assert (home / "ledger.db").read_bytes() == before
    assert not list(home.glob("replaced-*"))
    assert not list(home.glob("*.unfinished"))


@pytest.mark.parametrize(
    "note",
    ["", "{", "[]", "{}", '{"taken_at": 1}', '{"files": {"../x": "y"}, "taken_at": "", "entries": 0, "head": ""}'],
)
def test_one_unreadable_note_breaks_neither_list_nor_daily_copy(home: Path, capsys, note: str) -> None:
    out = home / "backups"
    bad = out / "20240101T000000Z"
    bad.mkdir(parents=True)
    (bad / backup.NOTE).write_text(note)

    assert dispatch(["backup", "--home", str(home)]) == 0
    assert dispatch(["backup", "--home", str(home), "--list"]) == 0

    assert len(backup.copies(out)) == 1
    assert backup.unreadable(out) == [bad]
    capsys.readouterr()


@pytest.mark.parametrize("text", ["plain", "Größe – 3 €", "数字", "a\nb", "\u2028", "🏦"])
def test_the_hash_is_of_utf8_bytes_as_anybody_can_compute_them(tmp_path: Path, text: str) -> None:
    import hashlib

    ledger = Ledger.open(tmp_path / "ledger.db")
    entry = ledger.append("decision", DAY, {"note": text}, at=EVENING)

    stored = '{"note":' + json.dumps(text, ensure_ascii=False) + "}"
    lines = ["0" * 64, "1", "decision", "2024-01-02", "2024-01-02T23:15:00.000000+00:00", stored]
    assert entry.hash == hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


@pytest.mark.parametrize(("seconds", "taken"), [(4.999999, True), (5, True), (5.000001, False)])
def test_a_clock_may_slip_by_five_seconds_and_not_a_moment_more(tmp_path: Path, seconds: float, taken: bool) -> None:
    ledger = Ledger.open(tmp_path / "ledger.db")
    ledger.append("run", DAY, {}, at=EVENING)
    slipped = EVENING - dt.timedelta(seconds=seconds)

    if taken:
        assert ledger.append("alert", DAY, {}, at=slipped).recorded_at == EVENING
    else:
        with pytest.raises(CheckFailed, match="clock"):
            ledger.append("alert", DAY, {}, at=slipped)
