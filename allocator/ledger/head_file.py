"""The small file that names the last entry of a ledger, so that yesterday's copy of the database is noticed.

On a server each machine keeps its own: it names the last entry which that machine wrote.
"""

import json
import os
import threading
from pathlib import Path

import sqlalchemy as sa

from allocator.ledger.checks import Fault


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
        try:
            return bool(self._read()[0])
        except FileNotFoundError:
            return False
        except ValueError:
            return True

    def fault(self, connection: sa.Connection) -> Fault | None:
        """Whether the entry that it names stands in the ledger."""
        name = self.path.name
        try:
            seq, expected = self._read()
        except FileNotFoundError:
            entries = connection.exec_driver_sql("SELECT count(*) FROM entry").scalar()
            return Fault(None, f"{name} is missing beside {entries} entries") if entries else None
        except ValueError:
            return Fault(None, f"{name} beside the ledger cannot be read")
        if not seq:
            return None  # nothing was written yet when it was made
        row = connection.execute(sa.text("SELECT hash FROM entry WHERE seq = :seq"), {"seq": seq}).first()
        if row is None:
            return Fault(seq, f"it was written once ({name}) and is missing: the file is an older copy")
        return None if row.hash == expected else Fault(seq, f"its hash is not the one in {name}")

    def _read(self) -> tuple[int, str]:
        """Number and hash; ValueError where the file is not one."""
        try:
            content = json.loads(self.path.read_text(encoding="ascii"))
            return int(content["seq"]), str(content["hash"])
        except FileNotFoundError:
            raise
        except (KeyError, TypeError, OSError) as fault:
            raise ValueError(str(fault)) from None
