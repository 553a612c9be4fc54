"""The book keeps everything, in order, once, and says so."""

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from allocator.ledger.checks import Fault, Witness
from allocator.ledger.hash_chain import GENESIS, canonical, link
from allocator.ledger.head_file import HeadFile
from allocator.ledger.ledger import AlreadyRecorded, Book, Ledger
from allocator.ledger.ledger_file import LedgerFile
from allocator.ledger.transfer import copy_ledger
from signals.errors import CheckFailed

DAY = dt.date(2024, 1, 2)
EVENING = dt.datetime(2024, 1, 2, 23, 15, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.db")


def test_what_was_written_is_read_back_after_reopening(ledger: Ledger) -> None:
    with ledger.transaction() as book:
        run = book.append("run", DAY, {"b": 1.5, "a": None}, at=EVENING)
        book.append("advice", DAY, {"run": run.seq}, at=EVENING)

    again = Ledger.open(ledger.path)

    assert again.run_of(DAY) == run
    assert [entry.kind for entry in again.entries()] == ["run", "advice"]
    assert again.verify() is None


def test_a_day_has_one_run_and_one_advice(ledger: Ledger) -> None:
    ledger.append("run", DAY, {}, at=EVENING)
    ledger.append("advice", DAY, {}, at=EVENING)

    for kind in ("run", "advice"):
        with pytest.raises(AlreadyRecorded, match="2024-01-02"):
            ledger.append(kind, DAY, {}, at=EVENING + MINUTE)
    assert len(ledger.entries()) == 2


def test_a_transaction_that_raises_leaves_nothing(ledger: Ledger) -> None:
    def half_a_day() -> None:
        with ledger.transaction() as book:
            book.append("run", DAY, {}, at=EVENING)
            raise KeyError

    with pytest.raises(KeyError):
        half_a_day()

    assert ledger.entries() == []
    assert ledger.verify() is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET payload = '{}'",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry SELECT * FROM entry",
        "INSERT OR REPLACE INTO entry SELECT 2, kind, day, recorded_at, payload, 'x', hash FROM entry",
        "UPDATE block SET content = x'00'",
        "DELETE FROM block",
        "INSERT OR REPLACE INTO block SELECT * FROM block",
    ],
)
def test_the_database_itself_refuses_changes(ledger: Ledger, statement: str) -> None:
    with ledger.transaction() as book:
        book.keep(b"inputs")
        book.append("run", DAY, {"x": 1}, at=EVENING)

    with closing(sqlite3.connect(ledger.path)) as raw, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement)


def test_a_clock_behind_the_book_is_refused_but_a_small_correction_is_not(ledger: Ledger) -> None:
    ledger.append("run", DAY, {}, at=EVENING)

    with pytest.raises(CheckFailed, match="clock"):
        ledger.append("alert", DAY, {}, at=EVENING - MINUTE)
    slipped = ledger.append("alert", DAY, {}, at=EVENING - dt.timedelta(seconds=2))

    assert slipped.recorded_at == EVENING


def test_the_held_weight_is_the_last_one_accepted_by_the_cut(ledger: Ledger) -> None:
    assert ledger.held_weight(EVENING) is None
    for minutes, verdict, weight in ((1, "accept", 0.23), (2, "reject", None), (3, "modify", 0.21), (4, "defer", None)):
        payload = {"verdict": verdict, "target_weight": weight}
        ledger.append("decision", DAY, payload, at=EVENING + minutes * MINUTE)

    assert ledger.held_weight(EVENING + 2 * MINUTE) == 0.23
    assert ledger.held_weight(EVENING + 9 * MINUTE) == 0.21


def test_entries_are_chosen_by_kind_day_time_and_place(ledger: Ledger) -> None:
    days = [DAY + dt.timedelta(days=n) for n in range(3)]
    for n, day in enumerate(days):
        ledger.append("run", day, {"n": n}, at=EVENING + dt.timedelta(days=n))
        ledger.append("alert", day, {"n": n}, at=EVENING + dt.timedelta(days=n))

    assert [e.payload["n"] for e in ledger.entries("run")] == [0, 1, 2]
    assert [e.payload["n"] for e in ledger.entries("run", until=EVENING + dt.timedelta(days=1))] == [0, 1]
    assert [e.kind for e in ledger.entries(day=days[1])] == ["run", "alert"]
    assert [e.payload["n"] for e in ledger.entries("alert", since=days[1])] == [1, 2]
    assert [e.seq for e in ledger.entries(after=4)] == [5, 6]
    assert [e.payload["n"] for e in ledger.entries("alert", last=2)] == [1, 2]
    assert ledger.run_days() == set(days)


def test_a_number_that_is_not_one_never_enters(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="JSON"):
        ledger.append("run", DAY, {"x": float("nan")}, at=EVENING)

    assert ledger.head() is None


def test_readers_see_the_last_moment_while_somebody_writes(ledger: Ledger) -> None:
    ledger.append("run", DAY, {}, at=EVENING)
    other = Ledger.open(ledger.path)

    with ledger.transaction() as book:
        book.append("alert", DAY, {}, at=EVENING)

        assert [entry.kind for entry in other.entries()] == ["run"]


def test_an_older_copy_of_the_book_is_noticed(ledger: Ledger) -> None:
    ledger.append("run", DAY, {}, at=EVENING)
    with closing(sqlite3.connect(ledger.path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yesterday = ledger.path.read_bytes()
    ledger.append("alert", DAY, {}, at=EVENING)
    for rest in ledger.path.parent.glob("ledger.db*"):
        rest.unlink()
    ledger.path.write_bytes(yesterday)

    with pytest.raises(CheckFailed, match=r"entry 2.*older copy") as fault:
        Ledger.open(ledger.path).append("alert", DAY, {}, at=EVENING)

    assert str(ledger.path) in fault.value.message
    assert "captilt restore" in fault.value.remedy


def test_a_book_that_vanished_is_not_silently_begun_anew(ledger: Ledger) -> None:
    ledger.append("run", DAY, {}, at=EVENING)
    for rest in ledger.path.parent.glob("ledger.db*"):
        rest.unlink()

    with pytest.raises(CheckFailed, match="missing"):
        Ledger.open(ledger.path)


def test_a_head_from_the_inbox_must_stand_in_the_chain(ledger: Ledger) -> None:
    first = ledger.append("run", DAY, {}, at=EVENING)
    ledger.append("alert", DAY, {}, at=EVENING)

    assert ledger.verify(first.hash) is None
    assert ledger.verify(first.hash[:12]) is None
    assert "is not in this ledger" in str(ledger.verify("0" * 12))
    assert "fewer than 8 digits" in str(ledger.verify(first.hash[:7]))


def test_archived_content_is_kept_once_and_returned_whole(ledger: Ledger) -> None:
    content = bytes(range(256)) * 50

    with ledger.transaction() as book:
        names = {book.keep(content), book.keep(content)}

    assert [ledger.block(name) for name in names] == [content]


def test_a_guard_that_was_removed_is_noticed(ledger: Ledger) -> None:
    ledger.append("run", DAY, {}, at=EVENING)
    with closing(sqlite3.connect(ledger.path)) as raw:
        raw.execute("DROP TRIGGER entry_refuses_update")

    assert "triggers were changed" in str(ledger.verify())


def test_the_newest_step_is_the_one_that_the_code_knows() -> None:
    from allocator.ledger import migrations

    steps = Path(migrations.__file__).parent.glob("versions/0*.py")

    assert max(step.name[:4] for step in steps) == migrations.NEWEST


def test_the_last_of_a_kind_before_an_instant_are_those_that_reading_everything_gives(ledger: Ledger) -> None:
    with ledger.transaction() as book:
        for place in range(12):
            kind = ("alert", "attempt", "outcome")[place % 3]
            book.append(kind, DAY - place % 2 * dt.timedelta(days=1), {"n": place}, at=EVENING + place * MINUTE)
    everything = ledger.entries()

    for last in (0, 1, 3, 20):
        until = EVENING + 8 * MINUTE
        told = [e for e in everything if e.kind == "alert" and e.recorded_at <= until and e.seq > 1]
        assert ledger.entries("alert", until=until, after=1, last=last) == (told[-last:] if last else [])
        assert ledger.entries(day=DAY, last=last) == ([e for e in everything if e.day == DAY][-last:] if last else [])


def test_a_copy_of_a_ledger_that_is_written_meanwhile_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    class Busy(Ledger):
        """While it is copied, after it was verified, a colleague answers on the page."""

        verified = False

        def verify(self, *args: Any, **kwargs: Any) -> Fault | None:
            fault = super().verify(*args, **kwargs)
            self.verified = True
            return fault

        @contextmanager
        def reading(self) -> Iterator[Book]:
            with super().reading() as book:
                yield book
                if self.verified:
                    self.verified = False
                    ledger.append("decision", DAY, {}, at=EVENING + MINUTE)

    ledger.append("run", DAY, {}, at=EVENING)
    assert copy_ledger(ledger, Ledger.open(tmp_path / "copy.db")) == 1

    late = Ledger.open(tmp_path / "late.db")
    with pytest.raises(CheckFailed, match="was written while it was copied"):
        copy_ledger(Busy.open(ledger.path), late)

    assert late.head() is None


def test_a_payload_has_one_text_whatever_the_order_of_its_keys() -> None:
    assert canonical({"b": [1, "é≥"], "a": None}) == canonical({"a": None, "b": [1, "é≥"]}) == '{"a":null,"b":[1,"é≥"]}'


def test_the_hash_of_an_entry_can_be_repeated_by_anyone(ledger: Ledger) -> None:
    entries = [
        ledger.append("run", DAY, {"note": "Zürich ≥ 2 %"}, at=EVENING),
        ledger.append("alert", DAY, {}, at=EVENING),
    ]

    previous = "0" * 64
    for entry, payload in zip(entries, ('{"note":"Zürich ≥ 2 %"}', "{}"), strict=True):
        parts = [previous, str(entry.seq), entry.kind, "2024-01-02", "2024-01-02T23:15:00.000000+00:00", payload]
        assert entry.hash == hashlib.sha256("\n".join(parts).encode()).hexdigest()
        assert entry.previous == previous
        previous = entry.hash
    assert link(GENESIS, (b"1",)) != link(GENESIS, (b"1", b""))


def test_a_head_kept_elsewhere_must_stand_at_its_own_number(ledger: Ledger) -> None:
    first = ledger.append("run", DAY, {}, at=EVENING)
    second = ledger.append("alert", DAY, {}, at=EVENING)

    assert (
        ledger.verify(witnesses=[Witness(1, first.hash, "a backup"), Witness(None, second.hash[:8], "a log")]) is None
    )
    wrong = ledger.verify(witnesses=[Witness(1, first.hash, "a backup"), Witness(1, second.hash, "a log")])
    assert wrong is not None
    assert (wrong.row, "a log" in wrong.reason) == (1, True)
    lost = ledger.verify(witnesses=[Witness(3, "f" * 64, "a backup")])
    assert lost is not None
    assert str(lost).startswith("entry 3: ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"seq": 1, "hash": "x"}', "its hash is not the one"),
        ('{"seq": 3, "hash": "x"}', "older copy"),
        ('{"seq": 0, "hash": "x"}', ""),
        ('{"seq": 1}', "cannot be read"),
        ('{"seq": -1, "hash": "x"}', "cannot be read"),
        ('{"seq": 9223372036854775807, "hash": "x"}', "older copy"),
        ('{"seq": 9223372036854775808, "hash": "x"}', "cannot be read"),
        (100_000 * "[", "cannot be read"),
        ("[]", "cannot be read"),
        ("", "cannot be read"),
        (None, "is missing beside 2 entries"),
    ],
)
def test_what_the_head_file_says_is_compared(ledger: Ledger, content: str | None, reason: str) -> None:
    ledger.append("run", DAY, {}, at=EVENING)
    ledger.append("alert", DAY, {}, at=EVENING)
    head = ledger.path.with_suffix(".head")
    assert json.loads(head.read_text())["seq"] == 2
    head.unlink() if content is None else head.write_text(content)

    fault = ledger.verify()

    assert reason in str(fault) if reason else fault is None
    assert ledger.verify(ignore_head_file=True) is None
    ledger.write_head_file()
    assert ledger.verify() is None


def test_a_ledger_of_which_the_head_file_knows_nothing_is_begun(tmp_path: Path) -> None:
    (tmp_path / "ledger.head").write_text('{"seq": 0, "hash": ""}')
    assert Ledger.open(tmp_path / "ledger.db").head() is None

    (tmp_path / "other.head").write_text("unreadable")
    with pytest.raises(CheckFailed, match="missing"):
        Ledger.open(tmp_path / "other.db")


@pytest.mark.parametrize(("behind", "refused"), [(5, False), (5.1, True)])
def test_a_clock_may_be_corrected_by_five_seconds(ledger: Ledger, behind: float, refused: bool) -> None:
    ledger.append("run", DAY, {}, at=EVENING)
    at = EVENING - dt.timedelta(seconds=behind)

    if refused:
        with pytest.raises(CheckFailed, match="clock"):
            ledger.append("alert", DAY, {}, at=at)
    else:
        assert ledger.append("alert", DAY, {}, at=at).recorded_at == EVENING


def test_a_superseded_day_keeps_what_was_recorded_and_shows_the_new_run(ledger: Ledger) -> None:
    ledger.append("run", DAY, {"n": 1}, at=EVENING)
    with ledger.transaction() as book:
        note = book.supersede(DAY, "the clock was ahead", at=EVENING - MINUTE)
        later = book.append("run", DAY, {"n": 2}, at=EVENING)

    assert note.payload == {"run": 1, "reason": "the clock was ahead", "clock_was": EVENING.isoformat()}
    assert ledger.run_of(DAY) == later
    assert [entry.payload["n"] for entry in ledger.entries("run", superseded=True)] == [1, 2]
    assert ledger.entries("run") == [later]
    with ledger.reading() as book:
        assert book.times("run", last=5) == [(later.seq, DAY, EVENING)]
    assert ledger.verify() is None


def test_a_head_file_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    HeadFile(tmp_path / "no folder" / "ledger.head").write(1, "x")

    assert list(tmp_path.iterdir()) == []


def test_a_missing_entry_is_named_as_missing(ledger: Ledger) -> None:
    for kind in ("run", "advice", "alert"):
        ledger.append(kind, DAY, {}, at=EVENING)
    with closing(sqlite3.connect(ledger.path)) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("DELETE FROM entry WHERE seq = 2")
        raw.commit()

    assert str(ledger.verify()) == "entry 2: it is missing; the next one is 3"


def test_an_entry_that_is_written_during_a_check_is_no_fault(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append("run", DAY, {}, at=EVENING)

    def written_meanwhile() -> Iterator[Witness]:
        ledger.append("alert", DAY, {}, at=EVENING + MINUTE)
        yield Witness(1, ledger.entries("run")[0].hash, "a mail")

    assert LedgerFile.open(tmp_path / "ledger.db").verify(written_meanwhile()) is None


def test_a_ledger_on_a_server_needs_a_witness_on_this_machine() -> None:
    with pytest.raises(ValueError, match="a file for its head"):
        Ledger.open("postgresql+psycopg://nobody@127.0.0.1:1/none")


def test_only_a_clock_that_was_ahead_is_noted(ledger: Ledger) -> None:
    ledger.append("run", DAY, {}, at=EVENING)

    with ledger.transaction() as book:
        assert "clock_was" not in book.supersede(DAY, "a better run", at=EVENING).payload
