"""How the cost of a day grows with the facts and with the years in the ledger.

``python -m tests.benchmarks.growth facts HOME FOLDER DAY series|vintages FACTOR`` makes a home in FOLDER with FACTOR times
the facts of HOME, under further names or as revisions a day apart, and studies DAY twice.
``python -m tests.benchmarks.growth ledger HOME FOLDER DAY YEARS`` makes one with the facts of HOME and a ledger of so many
years of daily runs before DAY, and records DAY in it. Both print CPU seconds and peak memory of whole processes.
"""

import dataclasses
import datetime as dt
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from allocator.ledger.hash_chain import canonical
from allocator.ledger.input_archive import LIST, pack, watched
from captilt.config import settings as config
from captilt.context import Desk
from captilt.contract.run import run_json
from captilt.run import daily
from captilt.run.evaluate import Fetched, compute, study
from captilt.run.position import held_position
from captilt.run.track_record import record_outcomes
from signals.calendars import cut, sessions_between
from signals.store.rows import NO_ROWS, Rows, to_tuples
from signals.store.snapshot import Head, Snapshot, renew

A_DAY = 86_400_000_000  # microseconds
BLOCKS_A_DAY, BLOCK = 34, 330  # what an ordinary day adds to the archive of the inputs, and bytes of each
SCORED_EVERY = 60  # sessions: what can be judged is written along the way, as daily runs would


def more_facts(source: Path, home: Path, kind: str, factor: int) -> int:
    """The facts of `source`, `factor` times, in a new home; how many."""
    home.mkdir(parents=True)
    shutil.copy(source / "facts.db", home / "facts.db")
    whole = Snapshot.open(source / "facts.columns")
    base = {name: rows for name in whole.names() if (rows := _rows(whole, name)).size}
    database = sqlite3.connect(home / "facts.db")
    keys: dict[str, int] = dict(database.execute("SELECT name, id FROM series"))
    made = _further_series(database, base, factor) if kind == "series" else _revisions(database, base, keys, factor)
    database.commit()
    database.close()
    renew(home / "facts.columns", {name: _head(rows) for name, rows in made.items()}, made.__getitem__)
    return sum(rows.size for rows in made.values())


def _rows(whole: Snapshot, name: str) -> Rows:
    head = whole.head(name)
    return (whole.rows(name, head) if head else None) or NO_ROWS


def _head(rows: Rows) -> Head:
    return Head(rows.size, rows.checksum())


def _further_series(database: sqlite3.Connection, base: Mapping[str, Rows], factor: int) -> dict[str, Rows]:
    names, facts = (
        "SELECT id + :at, :copy || name, rows, checksum",
        "SELECT series + :at, period, known_at, value, batch",
    )
    for copy in range(1, factor):
        values = {"at": 1_000_000 * copy, "copy": f"copy{copy}:"}
        database.execute(f"INSERT INTO series {names} FROM series WHERE id < 1000000", values)
        database.execute(f"INSERT INTO fact {facts} FROM fact WHERE series < 1000000", values)
    return {**base, **{f"copy{copy}:{name}": rows for copy in range(1, factor) for name, rows in base.items()}}


def _revisions(
    database: sqlite3.Connection, base: Mapping[str, Rows], keys: Mapping[str, int], factor: int
) -> dict[str, Rows]:
    made = {}
    for name, rows in base.items():
        if name.startswith(("fomc:", "note:")):
            made[name] = rows
            continue
        later = [
            Rows(rows.period, rows.known_at + copy * A_DAY, rows.value * (1 + 1e-9 * copy), rows.batch)
            for copy in range(1, factor)
        ]
        fresh = [_without(part, rows) for part in later]
        columns = (np.concatenate([getattr(part, column) for part in (rows, *fresh)]) for column in Rows.__slots__)
        both = Rows(*columns)
        order = np.lexsort((both.known_at, both.period))
        both = Rows(*(getattr(both, column)[order] for column in Rows.__slots__))
        again = np.append(False, (np.diff(both.period) == 0) & (np.diff(both.known_at) == 0))
        made[name] = Rows(*(getattr(both, column)[~again] for column in Rows.__slots__))
        tuples = (row for part in fresh for row in to_tuples(keys[name], part))
        database.executemany(
            "INSERT OR IGNORE INTO fact (series, period, known_at, value, batch) VALUES (?, ?, ?, ?, ?)", tuples
        )
        head = _head(made[name])
        database.execute(
            "UPDATE series SET rows = ?, checksum = ? WHERE id = ?", (head.rows, head.checksum, keys[name])
        )
    return made


def _without(part: Rows, others: Rows) -> Rows:
    """Rows of `part` whose period and instant no row of `others` has."""
    pairs = set(zip(others.period.tolist(), others.known_at.tolist(), strict=True))
    fresh = np.array([pair not in pairs for pair in zip(part.period.tolist(), part.known_at.tolist(), strict=True)])
    return Rows(*(getattr(part, column)[fresh] for column in Rows.__slots__))


def more_years(source: Path, home: Path, day: dt.date, years: int) -> int:
    """A ledger with a run, an advice and archived inputs for each session of `years` before `day`; how many sessions."""
    home.mkdir(parents=True)
    shutil.copytree(source, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("ledger*"))
    days = sessions_between(day - dt.timedelta(days=round(365.25 * years)), day - dt.timedelta(days=1)).tolist()
    now = cut(days[-1])
    desk = Desk(config.Settings(), home, lambda: now)
    view, read = watched(desk.store.as_of(now))
    pattern = compute(desk, view, Fetched("offline"), held_position(desk, now), is_study=True)
    manifest, blocks = pack(view, read)
    stamp, made = now.astimezone(dt.UTC).isoformat().encode(), np.random.default_rng(1)
    with desk.ledger.transaction() as book:
        book.keep_all(blocks.values())
        for number, session in enumerate(days):
            kept = book.keep(manifest.replace(stamp, cut(session).astimezone(dt.UTC).isoformat().encode()))
            run = dataclasses.replace(pattern, as_of=session, cut=cut(session), run_id=f"{number:012x}", inputs=kept)
            payload = run_json(run)
            book.append("run", session, payload, at=now)
            book.append("advice", session, daily.advice_of(payload), at=now)
            content = made.bytes(BLOCKS_A_DAY * BLOCK)
            new = book.keep_all([content[at : at + BLOCK] for at in range(0, len(content), BLOCK)])
            book.keep(LIST + canonical({f"series {at}": name for at, name in enumerate(new)}).encode())
            if (number + 1) % SCORED_EVERY == 0 or number + 1 == len(days):
                record_outcomes(book, desk.store.as_of(cut(session)), at=now)
    return len(days)


def measured(work: Callable[[], object]) -> str:
    """CPU seconds and peak memory of `work` in a process of its own."""
    child = os.fork()
    if not child:
        begun = time.process_time()
        work()
        print(f"{time.process_time() - begun:.2f} CPU s", end=", ", flush=True)
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    return f"{usage.ru_utime + usage.ru_stime:.2f} s in all, {usage.ru_maxrss / 2**10:.0f} MB, exit {os.waitstatus_to_exitcode(status)}"


def main(what: str, source: str, folder: str, day: str, *how: str) -> None:
    home, asked = Path(folder), dt.date.fromisoformat(day)
    evening = cut(asked) + dt.timedelta(hours=1)

    def desk() -> Desk:
        return Desk(config.Settings(), home, lambda: evening)

    def make() -> None:
        if what == "facts":
            print(f"{more_facts(Path(source), home, how[0], int(how[1])):,} facts ({how[0]} x{how[1]})")
        else:
            print(f"{more_years(Path(source), home, asked, int(how[0])):,} sessions ({how[0]} years)")

    def look() -> None:
        study(desk(), cut(asked))

    def record() -> None:
        daily.run(desk(), offline=True)

    def verify() -> None:
        desk().ledger.verify()

    print(measured(make), flush=True)  # in a process of its own: what it needs is nobody else's memory
    size = sum(file.stat().st_size for file in home.glob("*.db")) / 2**20
    print(f"{size:,.0f} MB on disk", flush=True)
    for work in (look, look) if what == "facts" else (record, record, verify):
        print(measured(work), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
