"""The append-only ledger: runs, advice, alerts, attempts, decisions, outcomes and failures.

1. An entry is never changed: the database refuses updates and deletes, and each entry's hash covers
   its text and the hash before it (`allocator.ledger.hash_chain`).
2. What belongs together is written together: `with ledger.transaction() as book` commits a run, its
   advice, its alerts and its archived inputs at once, or nothing of them.
3. One `run` and one `advice` are current for a trading day. A `supersession` entry of the day says why they
   hold no longer and lets another be recorded; the older ones stay, and readers no longer see them.
4. A small file beside the database (``ledger.head``) names the last entry, so that yesterday's copy
   of the database is noticed; the head in every alert, log and ping is the witness outside this machine.
5. Readers use WAL snapshots and never wait. A file that cannot be written is only read.

The outbox lives here too: an `alert` entry is a message to be sent, `attempt` entries are what was
tried; the state of a message is derived from them.
"""

import datetime as dt
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from allocator.ledger import hash_chain
from allocator.ledger.checks import Fault, Witness
from allocator.ledger.ledger_file import LedgerFile
from allocator.ledger.ledger_server import LedgerServer
from allocator.outcomes import decided_weight
from signals.errors import CaptiltError, CheckFailed, UsageError

Kind = Literal["run", "advice", "alert", "attempt", "decision", "outcome", "failure", "supersession"]
CLOCK_SLIP = dt.timedelta(seconds=5)  # time servers correct a clock by less than this
SQUEEZE = 1  # of nine: numbers hardly get smaller with more, and the first day keeps thousands of blocks


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger.

    Attributes
    ----------
    seq : int
        1, 2, 3, ... without a hole.
    kind : str
    day : datetime.date
        The trading day that it belongs to.
    recorded_at : datetime.datetime
        Aware, UTC; not earlier than the entry before, unless that one is superseded for a clock that was ahead.
    payload : dict
    hash, previous : str
        This entry's link of the chain and the one before.
    """

    seq: int
    kind: Kind
    day: dt.date
    recorded_at: dt.datetime
    payload: dict[str, Any]
    hash: str
    previous: str


def weights_in_force(decisions: Iterable[Entry]) -> list[float | None]:
    """Weight in force after each decision of the ledger (see `allocator.outcomes.decided_weight`)."""
    payloads = [entry.payload for entry in decisions]
    return decided_weight.weights_in_force(
        (payload.get("advice"), str(payload.get("verdict")), payload.get("target_weight")) for payload in payloads
    )


class AlreadyRecorded(CaptiltError):
    """The ledger has this day's run or advice already; nothing was written."""

    code = "already_recorded"


_KEEP = sa.text("INSERT INTO block (name, seal, content) VALUES (:name, :seal, :content)")  # parsed once, not per block
_COLUMNS = "seq, kind, day, recorded_at, payload, hash, previous"
# Not one of the runs and advices that a later entry of their day supersedes.
_CURRENT = (
    "(kind NOT IN ('run', 'advice') OR seq > coalesce((SELECT max(later.seq) FROM entry AS later "
    "WHERE later.kind = 'supersession' AND later.day = entry.day), 0))"
)


class Book:
    """The ledger inside one transaction: reads see one moment, appends land together."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._kept: set[str] | None = None

    @property
    def connection(self) -> sa.Connection:
        """The open transaction, for copies of whole tables."""
        return self._connection

    def append(self, kind: Kind, day: dt.date, payload: dict[str, Any], *, at: dt.datetime) -> Entry:
        """Write one entry at the end of the ledger.

        Parameters
        ----------
        kind : str
        day : datetime.date
        payload : dict
            JSON values only; missing is None, never NaN.
        at : datetime.datetime
            Aware present instant. A clock behind the last entry is refused.

        Raises
        ------
        AlreadyRecorded
            For a second `run` or `advice` of a day that is not superseded.
        CheckFailed
            Where `at` lies before the last entry.
        """
        last = self.head()
        moment = _not_before(at.astimezone(dt.UTC), last)
        if kind in ("run", "advice") and self.entries(kind, day):
            raise AlreadyRecorded(f"the ledger has the {kind} of {day} already; nothing was written.")
        return self._insert(kind, day, payload, last=last, moment=moment)

    def supersede(self, day: dt.date, reason: str, *, at: dt.datetime) -> Entry:
        """Free a day for another run: its run and advice stay in the ledger, and nobody reads them as current.

        Parameters
        ----------
        day : datetime.date
        reason : str
            For the people who look at the day later.
        at : datetime.datetime
            Aware present instant. It may lie before the last entry: that is how a ledger written by a clock
            that was ahead is brought back to the present.

        Raises
        ------
        UsageError
            Where the day has no current run.
        """
        run, last = self.run_of(day), self.head()
        if run is None or last is None:
            raise UsageError(
                f"{day} has no run that could be superseded.", remedy="`captilt review list` names the recorded ones."
            )
        payload: dict[str, Any] = {"run": run.seq, "reason": reason}
        moment = at.astimezone(dt.UTC)
        if moment < last.recorded_at:
            payload["clock_was"] = last.recorded_at.isoformat()
        return self._insert("supersession", day, payload, last=last, moment=moment)

    def _insert(
        self, kind: Kind, day: dt.date, payload: dict[str, Any], *, last: Entry | None, moment: dt.datetime
    ) -> Entry:
        seq, previous = (last.seq + 1, last.hash) if last else (1, hash_chain.GENESIS)
        text = hash_chain.canonical(payload)
        stamp = moment.isoformat(timespec="microseconds")
        fields = (str(seq), kind, day.isoformat(), stamp, text)
        link = hash_chain.link(previous, tuple(field.encode() for field in fields))
        self._connection.execute(
            sa.text(f"INSERT INTO entry ({_COLUMNS}) VALUES (:seq, :kind, :day, :at, :text, :hash, :previous)"),  # noqa: S608 - constants
            {"seq": seq, "kind": kind, "day": fields[2], "at": stamp, "text": text, "hash": link, "previous": previous},
        )
        return Entry(seq, kind, day, moment, json.loads(text), link, previous)

    def keep(self, content: bytes) -> str:
        """Archive `content` once, compressed, under its SHA-256; returns that name."""
        return self.keep_all([content])[0]

    def keep_all(self, contents: Iterable[bytes]) -> list[str]:
        """Archive many contents in one message to the database (see `keep`); returns their names."""
        if self._kept is None:
            self._kept = set(self._connection.exec_driver_sql("SELECT name FROM block").scalars())
        named = [(hash_chain.digest(content), content) for content in contents]
        new = {name: zlib.compress(content, SQUEEZE) for name, content in named if name not in self._kept}
        if new:
            rows = [{"name": name, "seal": hash_chain.digest(new[name]), "content": new[name]} for name in new]
            self._connection.execute(_KEEP, rows)
            self._kept |= new.keys()
        return [name for name, _ in named]

    def block(self, name: str) -> bytes:
        """Archived content by its name."""
        row = self._connection.execute(sa.text("SELECT content FROM block WHERE name = :name"), {"name": name}).first()
        if row is None or hash_chain.digest(content := zlib.decompress(row.content)) != name:
            raise CheckFailed(
                f"archived block {name[:12]} is missing or damaged.", remedy="Run `captilt ledger verify`."
            )
        return content

    def entries(
        self,
        kind: Kind | None = None,
        day: dt.date | None = None,
        until: dt.datetime | None = None,
        *,
        since: dt.date | None = None,
        after: int = 0,
        last: int | None = None,
        superseded: bool = False,
    ) -> list[Entry]:
        """Entries in order of writing.

        Parameters
        ----------
        kind, day : optional
            Only these.
        until : datetime.datetime, optional
            Recorded at or before this instant.
        since : datetime.date, optional
            Only of this day and later ones.
        after : int
            Only entries with a higher `seq`.
        last : int, optional
            Only so many from the end.
        superseded : bool
            Superseded runs and advices as well.
        """
        conditions = {
            "kind = :kind": ("kind", kind),
            "day = :day": ("day", day and day.isoformat()),
            "recorded_at <= :until": ("until", until and until.astimezone(dt.UTC).isoformat(timespec="microseconds")),
            "day >= :since": ("since", since and since.isoformat()),
            "seq > :after": ("after", after or None),
        }
        terms = {text: pair for text, pair in conditions.items() if pair[1] is not None}
        where = " AND ".join([*terms, "1 = 1" if superseded else _CURRENT])
        limit = f"LIMIT {int(last)}" if last is not None else ""
        # Numbers first: they stand in an index with the kinds, while sorting whole entries reads every payload.
        numbers = f"SELECT seq FROM entry WHERE {where} ORDER BY seq DESC {limit}"  # noqa: S608 - constants and an integer
        rows = self._connection.execute(
            sa.text(f"SELECT {_COLUMNS} FROM entry WHERE seq IN ({numbers}) ORDER BY seq DESC"),  # noqa: S608 - as above
            dict(terms.values()),
        ).all()
        return [_entry(row) for row in reversed(rows)]

    def entry(self, seq: int) -> Entry | None:
        """One entry by its number."""
        row = self._connection.execute(sa.text(f"SELECT {_COLUMNS} FROM entry WHERE seq = :seq"), {"seq": seq}).first()  # noqa: S608 - constants
        return _entry(row) if row else None

    def head(self) -> Entry | None:
        """The last entry, None in an empty ledger."""
        return next(iter(self.entries(last=1, superseded=True)), None)

    def run_of(self, day: dt.date) -> Entry | None:
        """The current run of a trading day."""
        return next(iter(self.entries("run", day)), None)

    def run_days(self) -> set[dt.date]:
        """Every trading day with a current run."""
        rows = self._connection.execute(sa.text(f"SELECT day FROM entry WHERE kind = 'run' AND {_CURRENT}"))  # noqa: S608 - constants
        return {dt.date.fromisoformat(day) for (day,) in rows}

    def times(self, kind: Kind, *, last: int) -> list[tuple[int, dt.date, dt.datetime]]:
        """Number, day and recording time of the last so many entries of a kind, without what they say."""
        rows = self._connection.execute(
            sa.text(
                f"SELECT seq, day, recorded_at FROM entry WHERE kind = :kind AND {_CURRENT} "  # noqa: S608 - constants
                "ORDER BY seq DESC LIMIT :last"
            ),
            {"kind": kind, "last": last},
        ).all()
        return [(seq, dt.date.fromisoformat(day), dt.datetime.fromisoformat(at)) for seq, day, at in reversed(rows)]

    def decisions(self, until: dt.datetime | None = None) -> list[Entry]:
        """What people decided: payload ``{advice: seq, verdict: accept|modify|reject|defer, target_weight, ...}``."""
        return self.entries("decision", until=until)

    def held_weight(self, cut: dt.datetime) -> float | None:
        """Weight (0 to 1) last accepted at or before `cut`; None where nothing was ever accepted."""
        weights = weights_in_force(self.decisions(cut))
        return weights[-1] if weights else None


class Ledger:
    """The ledger on disk; every method but `transaction` and `append` only reads."""

    def __init__(self, file: LedgerFile | LedgerServer) -> None:
        self._file = file

    @classmethod
    def open(cls, path: Path | str, *, head: Path | None = None) -> "Ledger":
        """Open the ledger, making or migrating it where needed.

        Parameters
        ----------
        path : pathlib.Path or str
            An SQLite file, or the URL of a PostgreSQL database.
        head : pathlib.Path, optional
            For a server: the file on this machine that names the last entry which it wrote.

        Raises
        ------
        CheckFailed
            The file is damaged, missing though entries were written, older than its own head, or of a
            newer version; the message names it.
        """
        if isinstance(path, Path):
            return cls(LedgerFile.open(path))
        if head is None:
            raise ValueError("a ledger on a server needs a file for its head")
        return cls(LedgerServer.open(path, head))

    def reopened(self) -> "Ledger":
        """The same ledger with connections of its own, for another thread."""
        return Ledger(self._file.reopened())

    @property
    def path(self) -> Path | str:
        """The database file, or the server's address without a password."""
        return self._file.path

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    @contextmanager
    def transaction(self) -> Iterator[Book]:
        """Everything appended inside lands at once when the block ends, or not at all when it raises."""
        with self._file.writing() as connection:
            book = Book(connection)
            yield book
            last = book.head()
        if last:
            self._file.write_head(last.seq, last.hash)

    @contextmanager
    def reading(self) -> Iterator[Book]:
        """One unchanging moment of the ledger for several reads."""
        with self._file.reading() as connection:
            yield Book(connection)

    def append(self, kind: Kind, day: dt.date, payload: dict[str, Any], *, at: dt.datetime) -> Entry:
        """Write one entry by itself (see `Book.append`)."""
        with self.transaction() as book:
            return book.append(kind, day, payload, at=at)

    def entries(
        self,
        kind: Kind | None = None,
        day: dt.date | None = None,
        until: dt.datetime | None = None,
        *,
        since: dt.date | None = None,
        after: int = 0,
        last: int | None = None,
        superseded: bool = False,
    ) -> list[Entry]:
        """Entries in order of writing (see `Book.entries`)."""
        with self.reading() as book:
            return book.entries(kind, day, until, since=since, after=after, last=last, superseded=superseded)

    def entry(self, seq: int) -> Entry | None:
        """One entry by its number."""
        with self.reading() as book:
            return book.entry(seq)

    def block(self, name: str) -> bytes:
        """Archived content by its name."""
        with self.reading() as book:
            return book.block(name)

    def head(self) -> Entry | None:
        """The last entry, None in an empty ledger."""
        with self.reading() as book:
            return book.head()

    def run_of(self, day: dt.date) -> Entry | None:
        """The run of a trading day."""
        with self.reading() as book:
            return book.run_of(day)

    def run_days(self) -> set[dt.date]:
        """Every trading day with a completed run."""
        with self.reading() as book:
            return book.run_days()

    def decisions(self, until: dt.datetime | None = None) -> list[Entry]:
        """What people decided (see `Book.decisions`)."""
        with self.reading() as book:
            return book.decisions(until)

    def held_weight(self, cut: dt.datetime) -> float | None:
        """Weight (0 to 1) last accepted at or before `cut`; None where nothing was ever accepted."""
        with self.reading() as book:
            return book.held_weight(cut)

    @property
    def read_only(self) -> bool:
        """True where the file cannot be written."""
        return self._file.read_only

    def verify(
        self,
        head: str | None = None,
        *,
        witnesses: Iterable[Witness] = (),
        ignore_head_file: bool = False,
        inputs_of: dt.date | None = None,
    ) -> "Fault | None":
        """Check the file, the chain, the archive and the heads; None where all is well.

        Parameters
        ----------
        head : str, optional
            A head (or its first eight digits or more) printed in an alert: it must stand in the chain.
            Only this, and other witnesses, find a ledger whose every hash was computed anew.
        witnesses : iterable of Witness, optional
            More heads that are known from outside the database, as those of backups.
        ignore_head_file : bool
            True in order to see whether all but the file beside the database is well.
        inputs_of : datetime.date, optional
            Of the archive only the inputs of this trading day, which takes a tenth of a second and not seconds.

        Returns
        -------
        Fault or None
            `row` is the first bad entry (None where the fault is not in one), `reason` says what is wrong.
        """
        shown = [Witness(None, head, "an alert")] if head is not None else []
        return self._file.verify([*shown, *witnesses], ignore_head_file=ignore_head_file, inputs_of=inputs_of)

    def write_head_file(self) -> None:
        """Write the file beside the database anew, after everything else was verified."""
        if last := self.head():
            self._file.write_head(last.seq, last.hash)


def _entry(row: Any) -> Entry:
    return Entry(
        row.seq,
        row.kind,
        dt.date.fromisoformat(row.day),
        dt.datetime.fromisoformat(row.recorded_at),
        json.loads(row.payload),
        row.hash,
        row.previous,
    )


def _not_before(moment: dt.datetime, last: Entry | None) -> dt.datetime:
    """`moment`, or the last entry's time where the clock was set back by a moment only."""
    if last is None or moment >= last.recorded_at:
        return moment
    if last.recorded_at - moment <= CLOCK_SLIP:
        return last.recorded_at
    raise CheckFailed(
        f"the clock says {moment:%Y-%m-%d %H:%M:%S} UTC but the ledger was last written at "
        f"{last.recorded_at:%Y-%m-%d %H:%M:%S} UTC; nothing was written.",
        remedy="Set the clock of this machine (`captilt doctor` shows it) and run again.",
        code="clock_behind",
    )
