"""The small file that names the last entry of a ledger, so that yesterday's copy of the database is noticed.

On a server each machine keeps its own: it names the last entry which that machine wrote.
"""

import json
import os
import threading
from pathlib import Path

import sqlalchemy as sa

from allocator.ledger.checks import Fault

MOST_ENTRIES = 2**63 - 1  # what a database takes as a number


class HeadFile:
    """Number and hash of an entry, in a file outside the database."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, seq: int, head: str) -> None:
        """Name the last entry; a full disk may leave it a little behind."""
        draft = self.path.with_suffix(f".head.{os.getpid()}.{threading.get_ident()}")
        try:
            with draft.open("w", encoding="ascii") as file:
                json.dump({"seq": seq, "hash": head}, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError:
            draft.unlink(missing_ok=True)

    def names_entries(self) -> bool:
        """Whether entries were written, as far as the file says; an unreadable one says yes."""
        content = self.content()
        try:
            return content is not None and bool(_parsed(content)[0])
        except ValueError:
            return True

    def content(self) -> bytes | None:
        """What the file holds, empty where it cannot be read; None where there is none.

        A writer commits first and then writes this file: read it before the snapshot that it is compared with.
        """
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            return b""

    def fault(self, connection: sa.Connection, content: bytes | None) -> Fault | None:
        """Whether the entry that `content` of this file names stands in the ledger."""
        name = self.path.name
        try:
            seq, expected = _parsed(content) if content is not None else (None, "")
        except ValueError:
            return Fault(None, f"{name} beside the ledger cannot be read")
        if seq is None:
            entries = connection.exec_driver_sql("SELECT count(*) FROM entry").scalar()
            return Fault(None, f"{name} is missing beside {entries} entries") if entries else None
        if not seq:
            return None  # nothing was written yet when it was made
        row = connection.execute(sa.text("SELECT hash FROM entry WHERE seq = :seq"), {"seq": seq}).first()
        if row is None:
            return Fault(seq, f"it was written once ({name}) and is missing: the file is an older copy")
        return None if row.hash == expected else Fault(seq, f"its hash is not the one in {name}")


def _parsed(content: bytes) -> tuple[int, str]:
    """Number and hash; ValueError where it is not what `HeadFile.write` writes."""
    try:
        note = json.loads(content)
        seq, head = note["seq"], note["hash"]
    except (KeyError, TypeError, RecursionError) as fault:
        raise ValueError(type(fault).__name__) from None
    if not isinstance(seq, int) or not 0 <= seq <= MOST_ENTRIES or not isinstance(head, str):
        raise ValueError("no number and hash of an entry")
    return seq, head
