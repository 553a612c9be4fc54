"""The facts as they stood after one batch: what the views of a store read, whatever is written meanwhile."""

from collections.abc import Callable, Mapping

from signals.asof import History, Memory
from signals.store.rows import NO_ROWS, Rows
from signals.store.snapshot import Head, Snapshot


class Edition:
    """Every series as it was after one batch.

    Parameters
    ----------
    batch : int
        Number of the last batch in it.
    heads : mapping of str to Head
        Size and checksum of every series.
    snapshot : Snapshot
        Serves the series whose heads agree.
    load : callable
        From a name and this edition to the rows in the database that it holds.

    Attributes
    ----------
    memory : Memory
        Of what was computed from these facts: a second look at them computes nothing again.
    """

    def __init__(
        self,
        batch: int,
        heads: Mapping[str, Head],
        snapshot: Snapshot,
        load: Callable[[str, "Edition"], Rows],
    ) -> None:
        self.batch = batch
        self.heads = heads
        self.snapshot = snapshot
        self.memory = Memory()
        self._load = load
        self._histories: dict[str, History] = {}

    def history(self, name: str) -> History:
        """Every version of a series; read once."""
        if name not in self._histories:
            self._histories[name] = self._rows(name).history()
        return self._histories[name]

    def _rows(self, name: str) -> Rows:
        head = self.heads.get(name)
        if head is None:
            return NO_ROWS
        rows = self.snapshot.rows(name, head)
        return self._load(name, self) if rows is None else rows
