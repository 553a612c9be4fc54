"""A view of the facts from their snapshot, for a worker that was told only where it is."""

import datetime as dt
from pathlib import Path

from signals.asof import AsOf
from signals.errors import CheckFailed
from signals.store.snapshot import Snapshot


def snapshot_view(file: str, content: str, moment: str) -> AsOf:
    """The world at an ISO instant.

    Raises
    ------
    CheckFailed
        Where the snapshot is not the one that was named.
    """
    snapshot = Snapshot.open(Path(file))
    if snapshot.content != content:
        raise CheckFailed(
            f"{file} holds other facts than the run asks for.",
            remedy="Start the run again; on a cluster, put the snapshot where every worker finds it.",
        )
    return AsOf(dt.datetime.fromisoformat(moment), snapshot.history)
