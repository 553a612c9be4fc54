"""A view of the facts from their snapshot, for a worker that was told only where it is."""

import datetime as dt
import socket
from functools import cache
from pathlib import Path

from signals.asof import AsOf
from signals.errors import CheckFailed
from signals.store.snapshot import Snapshot


def snapshot_view(file: str, content: str, moment: str) -> AsOf:
    """The world at an ISO instant.

    Raises
    ------
    CheckFailed
        Where the snapshot is missing, cannot be read or is not the one that was named; what is damaged further inside
        is refused when it is read.
    """
    snapshot = Snapshot.open(Path(file))
    if snapshot.content != content or not snapshot.names():
        fault = _fault(Path(file), snapshot)
        raise CheckFailed(
            f"{file} {fault} (on {socket.gethostname()}).",
            remedy="Put the snapshot of the run where every worker finds it, and start again: what is done is kept.",
        )
    return AsOf(dt.datetime.fromisoformat(moment), cache(snapshot.history))  # each series is read and checked once


def _fault(file: Path, snapshot: Snapshot) -> str:
    if not file.is_file():
        return "is not there"
    return "holds other facts than the run asks for" if snapshot.names() else "cannot be read as a snapshot"
