"""The inputs of a run, kept so that any recorded day can be computed again.

1. `watched` gives a view that notes every series asked of it.
2. `pack` cuts each such series, as known at the moment, into blocks: one per year in which facts
   became known, one per month for the moment's own year. Blocks are named by their content, so a
   day adds only what that day brought, and past years are kept once. So are the lists of the blocks
   of each such year or month: the manifest of a day names the lists.
3. `unpack` puts the histories together again; a missing or damaged block is refused by its name.
   Manifests of earlier versions name every block themselves.

The archive stands by itself: it needs nothing of the store, which may learn revisions of the past later.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from allocator.ledger.hash_chain import canonical, digest
from signals.asof import AsOf, History
from signals.errors import CheckFailed

LIST = b"blocks by series\n"  # first line of a list; no block of facts begins with it, since days have leading zeros
_WIDTH = 24  # bytes of a fact: period, known_at and value, eight each, little end first


def watched(view: AsOf) -> tuple[AsOf, set[str]]:
    """The same world, and the set in which the names of the series asked of it are noted."""
    names: set[str] = set()

    def find(series: str) -> History | None:
        names.add(series)
        return view._find(series)  # noqa: SLF001 - a view over a view; nothing else may look behind the door

    noting = AsOf(view.moment, find)
    return noting if view.tables is None else noting.kept_in(view.tables), names


def pack(view: AsOf, series: Iterable[str], *, note: Mapping[str, Any] | None = None) -> tuple[bytes, dict[str, bytes]]:
    """Cut what is known at the view's moment into named blocks.

    Parameters
    ----------
    view : AsOf
    series : iterable of str
        The series that the run asked for; one that holds nothing is noted as empty.
    note : mapping, optional
        JSON values kept in the manifest: settings and versions.

    Returns
    -------
    manifest : bytes
        Canonical JSON: the moment, and the names of the lists of blocks by year or month.
    blocks : dict
        Content by name. Equal facts at an equal moment give equal bytes.
    """
    blocks: dict[str, bytes] = {}
    listed: dict[str, dict[str, str]] = {}
    names = sorted(series)
    for name in names:
        for label, part in _parts(view.history(name), view.moment):
            listed.setdefault(label, {})[name] = _add(blocks, _encode(part))
    lists = {label: _add(blocks, LIST + canonical(found).encode()) for label, found in sorted(listed.items())}
    asked = _add(blocks, "\n".join(names).encode())
    moment = view.moment.astimezone(dt.UTC).isoformat()
    return canonical({"asked": asked, "lists": lists, "moment": moment, "note": dict(note or {})}).encode(), blocks


def _add(blocks: dict[str, bytes], content: bytes) -> str:
    """Put a block under its name, and give the name."""
    name = digest(content)
    blocks[name] = content
    return name


def unpack(manifest: bytes, block: Callable[[str], bytes], *, unknown_is_empty: bool = False) -> AsOf:
    """Rebuild the view of a manifest.

    Parameters
    ----------
    manifest : bytes
        As made by `pack`.
    block : callable
        From a name to its content (`Ledger.block`).
    unknown_is_empty : bool
        A series that the recorded run never asked for holds nothing, for a run of an earlier method: this version
        has sources that did not exist then.

    Returns
    -------
    AsOf
        At the recorded moment, over the archived facts alone; asking it for a series that the run
        never asked for raises CheckFailed.
    """
    record = json.loads(manifest)
    places = blocks_by_series(manifest, block)
    histories = {name: _decode([block(digest) for digest in digests]) for name, digests in places.items()}

    def find(series: str) -> History:
        if series not in histories and unknown_is_empty:
            return History.of([], [], [])
        if series not in histories:
            raise CheckFailed(
                f"the recorded run never looked at {series}, but this version does.",
                remedy="Replay with the version that recorded the day; the ledger names it.",
                code="replay_differs",
            )
        return histories[series]

    return AsOf(dt.datetime.fromisoformat(record["moment"]), find)


def blocks_by_series(manifest: bytes, block: Callable[[str], bytes]) -> dict[str, list[str]]:
    """The names of the blocks of each series, in order of their years and months.

    Parameters
    ----------
    manifest : bytes
    block : callable
        From a name to its content.
    """
    record = json.loads(manifest)
    if "series" in record:  # of an earlier version
        return record["series"]
    asked = block(record["asked"]).decode()
    places: dict[str, list[str]] = {name: [] for name in asked.split("\n") if name}
    for _, listed in sorted(record["lists"].items()):
        for name, part in json.loads(block(listed)[len(LIST) :]).items():
            places[name].append(part)
    return places


def _parts(history: History, moment: dt.datetime) -> list[tuple[str, History]]:
    """The facts of each year (``2022-01``) and, in the moment's own year, of each month (``2023-11``)."""
    if not history.period.size:
        return []
    year = history.known_at.astype("datetime64[Y]")
    now = year == np.datetime64(moment.astimezone(dt.UTC).replace(tzinfo=None), "Y")
    label = year.astype("datetime64[M]")
    label[now] = history.known_at[now].astype("datetime64[M]")
    order = np.argsort(label, kind="stable")
    edges = np.flatnonzero(label[order][1:] != label[order][:-1]) + 1
    chosen = np.split(order, edges)
    return [
        (str(label[rows[0]]), History(history.period[rows], history.known_at[rows], history.value[rows]))
        for rows in chosen
    ]


def _encode(part: History) -> bytes:
    days = part.period.astype("datetime64[D]").astype("<i8")
    moments = part.known_at.astype("datetime64[us]").astype("<i8")
    return days.tobytes() + moments.tobytes() + part.value.astype("<f8").tobytes()


def _decode(parts: list[bytes]) -> History:
    columns = []
    for part in parts:
        n = len(part) // _WIDTH
        days, moments = np.frombuffer(part, "<i8", 2 * n).reshape(2, n)
        columns.append((days, moments, np.frombuffer(part, "<f8", n, 16 * n)))
    if not columns:
        return History.of([], [], [])
    days, moments, values = (np.concatenate(column) for column in zip(*columns, strict=True))
    return History.of(days.astype("datetime64[D]"), moments.astype("datetime64[us]"), values)
