"""One run at a time: a lock that dies with its holder, and a note that says who holds it.

The kernel's file lock is the truth: it goes when the process goes, however it goes, so a dead holder's
lock is simply free. The note beside it (pid, host, since, doing) only serves the loser's message. Readers
never ask for it.
"""

import datetime as dt
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signals.errors import Busy

NAME = "run.lock"


@contextmanager
def only_one(home: Path, *, doing: str, now: dt.datetime) -> Iterator[None]:
    """Hold the run lock of `home` while the block lasts.

    Parameters
    ----------
    home : Path
    doing : str
        What the holder does, for the loser's message.
    now : datetime.datetime
        Aware; written into the note.

    Raises
    ------
    Busy
        At once, with the holder's pid, host and start, where another run holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    place = os.open(home / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                f"another run holds the lock: {_holder(place)}. Nothing was done.", remedy="Wait for it to end."
            ) from None
        _sign(
            place,
            {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "since": now.isoformat(timespec="seconds"),
                "doing": doing,
            },
        )
        yield
    finally:
        os.close(place)  # releases the lock; the note stays, and is nobody's


def holder(home: Path) -> str | None:
    """Who holds the lock at this moment, None where it is free."""
    try:
        place = os.open(home / NAME, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(place, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(place)
    finally:
        os.close(place)
    return None


def _sign(place: int, note: dict[str, object]) -> None:
    text = json.dumps(note).encode()
    try:
        os.pwrite(place, text, 0)
        os.ftruncate(place, len(text))
    except OSError:  # a full disk: the lock holds all the same, only the message is poorer
        return


def _holder(place: int) -> str:
    try:
        note = json.loads(os.pread(place, 4096, 0))
        return f"pid {note['pid']} on {note['host']}, {note['doing']} since {note['since']}"
    except (ValueError, KeyError, OSError):
        return "a process that has not signed yet"
