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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signals.errors import Busy

RUN = "run.lock"
DELIVERY = "delivery.lock"
LOOK_SECONDS = 0.1  # far longer than a look takes, far shorter than a person notices


@contextmanager
def only_one(home: Path, *, doing: str, now: dt.datetime, name: str = RUN) -> Iterator[None]:
    """Hold a lock of `home` while the block lasts.

    Parameters
    ----------
    home : Path
    doing : str
        What the holder does, for the loser's message.
    now : datetime.datetime
        Aware; written into the note.
    name : str
        `RUN` for whatever records a day, `DELIVERY` for whoever empties the outbox.

    Raises
    ------
    Busy
        At once, with the holder's pid, host and start, where another run holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    place = os.open(home / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _taken(place):
            raise Busy(f"another run holds the lock: {_holder(place)}. Nothing was done.", remedy="Wait for it to end.")
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
    """Who holds the run lock at this moment, None where it is free."""
    try:
        place = os.open(home / RUN, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(place, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(place)
    finally:
        os.close(place)
    return None


def _taken(place: int) -> bool:
    # Twice, because `holder` in another process may be looking at the lock in this very instant.
    for pause in (LOOK_SECONDS, 0):
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(pause)
        else:
            return True
    return False


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
