"""One run at a time: a lock that dies with its holder, and a note that says who holds it.

The kernel's file lock is the truth: it goes when the process goes, however it goes, so a dead holder's
lock is simply free. The note beside it (pid, host, since, doing) only serves the loser's message. Readers
never ask for it.
"""

import contextlib
import datetime as dt
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from signals.errors import Busy, StorageError

if TYPE_CHECKING:
    from filelock import FileLock

RUN = "run.lock"
PATIENCE_SECONDS = 0.1  # `holder` in another process may be looking at the lock in this very instant
TRIES = 20  # to read the note of a holder within a second


def delivery(channel: str) -> str:
    """Name of the lock of whoever sends on a channel."""
    return f"delivery-{channel}.lock"


@contextlib.contextmanager
def only_one(home: Path, *, doing: str, now: dt.datetime, name: str = RUN, server: str = "") -> Iterator[None]:
    """Hold a lock of `home` while the block lasts.

    Parameters
    ----------
    home : Path
    doing : str
        What the holder does, for the loser's message.
    now : datetime.datetime
        Aware; written into the note.
    name : str
        `RUN` for whatever records a day, ``delivery(channel)`` for whoever sends on a channel.
    server : str
        URL of the database that several machines share; the lock then holds on all of them.

    Raises
    ------
    Busy
        At once, with the holder's pid, host and start, where another run holds it.
    StorageError
        Where the folder cannot be written.
    """
    lock = _lock(home / name, PATIENCE_SECONDS)
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except TimeoutError:
        raise Busy(
            f"another run holds the lock: {_note(home / name)}. Nothing was done.", remedy="Wait for it."
        ) from None
    except OSError as fault:
        raise StorageError(
            f"{home / name} cannot be locked: {fault.strerror}. Nothing was done.",
            remedy="Mend the permissions of the state folder, or free some space.",
        ) from None
    try:
        _sign(home / name, doing=doing, now=now)
        with _on_server(server, name, doing) if server else contextlib.nullcontext():
            yield
    finally:
        lock.release()  # the note stays, and is nobody's


@contextlib.contextmanager
def _on_server(server: str, name: str, doing: str) -> Iterator[None]:
    from signals.store.postgres import advisory_lock

    with advisory_lock(server, name, holder=f"pid {os.getpid()} on {socket.gethostname()}, {doing}") as other:
        if other is not None:
            raise Busy(f"another run holds the lock: {other}. Nothing was done.", remedy="Wait for it.")
        yield


def holder(home: Path, *, server: str = "") -> str | None:
    """Who holds the run lock at this moment, here or on the server; None where it is free."""
    if (home / RUN).exists():
        try:
            with _lock(home / RUN, 0):
                pass
        except TimeoutError:
            return _note(home / RUN)
    if not server:
        return None
    from signals.store.postgres import lock_holder

    return lock_holder(server, RUN)


def _lock(path: Path, seconds: float) -> "FileLock":
    from filelock import FileLock

    return FileLock(path, timeout=seconds, mode=0o600, thread_local=False, fallback_to_soft=False)


def _sign(lock: Path, *, doing: str, now: dt.datetime) -> None:
    note = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": now.isoformat(timespec="seconds"),
        "doing": doing,
    }
    beside = lock.with_suffix(".signing")
    with contextlib.suppress(OSError):  # a full disk: the lock holds all the same, only the message is poorer
        beside.write_text(json.dumps(note), encoding="utf-8")
        beside.replace(lock.with_suffix(".holder"))  # whoever reads meanwhile finds a whole note


def _note(lock: Path) -> str:
    """Who holds the lock; a holder that took it a moment ago is given a second to sign."""
    for _ in range(TRIES):
        with contextlib.suppress(ValueError, KeyError, TypeError, OSError):
            note = json.loads(lock.with_suffix(".holder").read_text(encoding="utf-8"))
            if note["host"] != socket.gethostname() or _is_running(int(note["pid"])):
                return f"pid {note['pid']} on {note['host']}, {note['doing']} since {note['since']}"
        time.sleep(1 / TRIES)
    return "a process that has not signed yet"


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True
