"""Every fact of a store in one file of plain columns, mapped into memory: the fast way to read what the database holds.

1. The database is the truth. For each series it names the number of rows and their checksum; the snapshot serves a
   series only under exactly that pair, and only if its own bytes are still those that were written under it.
2. A series that has moved on is read from the database; `renew` then writes a new file beside the old one and renames
   it, so that readers see a whole file, the old or the new.
3. Deleting the file costs time and nothing else.

Layout: `MAGIC`, the length of the index (eight bytes), the index as JSON, zeros up to a multiple of eight, then for
each series four arrays of eight-byte numbers, little end first: period, known_at, value, batch, and their CRC-32.
"""

import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from signals.asof import History
from signals.errors import CheckFailed
from signals.store.rows import Rows

MAGIC = b"CAPTILT2"
WORD = 8  # bytes of a number
COLUMNS = 4
LEFT_BEHIND = 3600  # seconds: no process writes a draft for so long


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """What the database says of a series: how many rows it has, and their checksum."""

    rows: int
    checksum: int


def content_of(heads: Mapping[str, Head]) -> str:
    """SHA-256 over names, sizes and checksums, in order of name."""
    lines = "".join(f"{name} {head.rows} {head.checksum}\n" for name, head in sorted(heads.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


class Snapshot:
    """An open snapshot.

    Attributes
    ----------
    content : str
        SHA-256 over the names, sizes and checksums of all series: equal facts, equal content.
    """

    def __init__(self, heads: Mapping[str, Head], places: Mapping[str, int], words: np.ndarray) -> None:
        self._heads = dict(heads)
        self._places = dict(places)
        self._words = words
        self._refused: set[str] = set()
        self.content = content_of(heads)

    @classmethod
    def open(cls, path: Path) -> "Snapshot":
        """Map the snapshot at `path`; an absent or unreadable file gives one that serves nothing."""
        try:
            with path.open("rb") as file:
                magic, size = file.read(WORD), int.from_bytes(file.read(WORD), "little")
                if magic != MAGIC or size > path.stat().st_size:
                    return EMPTY
                index = json.loads(file.read(size))
            words = np.memmap(path, dtype="<i8", mode="r").view(np.ndarray)
            if not all(map(_is_entry, index)):
                return EMPTY
            heads = {name: Head(rows, checksum) for name, rows, checksum, _ in index}
            offsets = {name: offset for name, _, _, offset in index}
        except (OSError, ValueError, TypeError):
            return EMPTY
        return cls(heads, offsets, words)

    def names(self) -> tuple[str, ...]:
        """Every series in it, in order."""
        return tuple(sorted(self._heads))

    @property
    def damaged(self) -> bool:
        """True once a series was found whose bytes are not what was written."""
        return bool(self._refused)

    def head(self, name: str) -> Head | None:
        """Size and checksum under which a series is served; None where it is not."""
        return None if name in self._refused else self._heads.get(name)

    def history(self, name: str) -> History | None:
        """A series as the snapshot has it; None where it has none.

        Raises
        ------
        CheckFailed
            Where its bytes are not what was written.
        """
        head = self._heads.get(name)
        if head is None:
            return None
        rows = self.rows(name, head)
        if rows is None:
            raise CheckFailed(f"the snapshot of {name} is damaged.", remedy="Remove the file and run again.")
        return rows.history()

    def rows(self, name: str, head: Head) -> Rows | None:
        """The rows of a series, read-only; None where the snapshot holds another state of it or is damaged there."""
        if self.head(name) != head:
            return None
        start = self._places[name]
        end = start + COLUMNS * head.rows
        words = self._words[start:end]
        if end >= self._words.size or self._words[end] != _crc(words, head):
            self._refused.add(name)
            return None
        period, known_at, value, batch = words.reshape(COLUMNS, head.rows)
        return Rows(period, known_at, value.view("<f8"), batch)


EMPTY = Snapshot({}, {}, np.empty(0, dtype="<i8"))


def renew(path: Path, heads: Mapping[str, Head], load: Callable[[str], Rows]) -> Snapshot:
    """Write the snapshot of `heads`, taking from `load` each series in turn, and open it.

    A disk that refuses leaves what was there before: the work is only done again. Drafts of processes that were killed
    are removed once they are an hour older than this one.
    """
    offsets, offset = {}, 0
    for name in sorted(heads):
        offsets[name] = offset
        offset += COLUMNS * heads[name].rows + 1
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                start = file.write(_index(heads, offsets))
                for name in sorted(heads):
                    rows = load(name)
                    columns = (rows.period, rows.known_at, rows.value.astype("<f8").view("<i8"), rows.batch)
                    words = np.concatenate([np.asarray(column, dtype="<i8") for column in columns])
                    file.write(words.tobytes() + _crc(words, heads[name]).to_bytes(WORD, "little"))
                if file.tell() != start + offset * WORD:
                    return Snapshot.open(path)
            _remove_left_behind(path, Path(draft))
            Path(draft).replace(path)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError:
        return Snapshot.open(path)
    return Snapshot.open(path)


def _remove_left_behind(path: Path, draft: Path) -> None:
    now = draft.stat().st_mtime
    for other in path.parent.glob(f"{path.name}.*"):
        with suppress(OSError):
            if now - other.stat().st_mtime > LEFT_BEHIND:
                other.unlink(missing_ok=True)


def _is_entry(entry: object) -> bool:
    """Whether a line of the index is a name, two sizes and a checksum, as they were written."""
    if not isinstance(entry, list) or [type(part) for part in entry] != [str, int, int, int]:
        return False
    _, rows, _, offset = entry
    return rows >= 0 and offset >= 0


def _crc(words: np.ndarray, head: Head) -> int:
    """CRC-32 of a series' numbers and of the head that they were written under, a twentieth of the checksum's time."""
    return zlib.crc32(words.data, zlib.crc32(f"{head.rows} {head.checksum}".encode()))


def _index(heads: Mapping[str, Head], places: Mapping[str, int]) -> bytes:
    """Everything before the numbers; places in it count words from the start of the file."""
    # The index names places after itself, so its length is fixed first: every place takes the same room.
    width = 2 + sum(len(_entry(name, head, 0)) + 1 for name, head in heads.items())
    start = -(-(2 * WORD + width) // WORD)
    lines = [_entry(name, heads[name], start + places[name]) for name in sorted(heads)]
    body = f"[{','.join(lines)}]".ljust(start * WORD - 2 * WORD)
    return MAGIC + len(body.encode()).to_bytes(WORD, "little") + body.encode()


def _entry(name: str, head: Head, offset: int) -> str:
    return f"[{json.dumps(name)},{head.rows},{head.checksum},{offset:>20}]"
