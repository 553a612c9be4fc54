"""Tables with one row per moment that are computed once and only grow, kept from one process to the next.

1. A row depends on its moment and on what was known then of declared inputs: on nothing else.
2. Each row is kept with a digest of exactly those facts. A fact learned later changes no digest of an earlier moment,
   so a new month costs one row; a fact that changes the past changes the digests from there on, and with them the
   rows that are computed again.
3. The digest of a moment is the sum of one 128-bit hash per fact known at it, so the digests of all moments come from
   one cumulated sum per series.

A view keeps such tables in the mapping that `AsOf.kept_in` gives it; without one every row is computed.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from importlib import metadata, resources
from pathlib import Path

import numpy as np

from signals.asof import AsOf, History
from signals.lookup import rows_of

Rows = Callable[[np.ndarray], np.ndarray]
WORD = 8  # bytes
LIBRARIES = ("numpy", "scipy", "scikit-learn", "statsmodels", "arch", "hmmlearn")  # that compute what is kept
MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # splitmix64


def growing_table(
    view: AsOf, name: str, inputs: Sequence[str], moments: np.ndarray, compute: Rows, *, width: int
) -> np.ndarray:
    """Rows of `moments`, computed only where they are not kept yet.

    Parameters
    ----------
    view : AsOf
    name : str
        Of the table: everything that `compute` depends on but the facts (settings, code).
    inputs : sequence of str
        The series that it reads.
    moments : ndarray of datetime64[us], shape (n,)
        UTC, none after the view's, without repeats.
    compute : callable
        From moments, shape (m,), to their rows, shape (m, width); a row may not depend on the other moments.
    width : int

    Returns
    -------
    ndarray of float64, shape (n, width)
    """
    if view.tables is None or not moments.size:
        return compute(moments) if moments.size else np.empty((0, width))
    key = f"table {hashlib.sha256(name.encode()).hexdigest()}"
    digests = facts_known(view, inputs, moments)
    stored = _unpacked(view.tables.get(key, b""), width)
    row, same = rows_of(moments, stored.moments)
    same[same] = (stored.digests[row[same]] == digests[same]).all(axis=1)
    out = np.empty((moments.size, width))
    out[same] = stored.rows[row[same]]
    if not same.all():
        out[~same] = compute(moments[~same])
        others = ~np.isin(stored.moments, moments)
        both = _Table(
            np.concatenate([stored.moments[others], moments]),
            np.concatenate([stored.digests[others], digests]),
            np.concatenate([stored.rows[others], out]),
        )
        view.tables[key] = _packed(both)
    return out


def code_of(*packages: str) -> str:
    """SHA-256 of the source of packages and of what is shipped in them, with the versions of `LIBRARIES`."""
    return hashlib.sha256("".join([_versions(), *map(_source_of, packages)]).encode()).hexdigest()


@cache
def _versions() -> str:
    return " ".join(f"{library} {_version(library)}" for library in LIBRARIES)


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "none"


@cache
def _source_of(package: str) -> str:
    """SHA-256 of one package, read once: most tables name the same packages."""
    digest, folder = hashlib.sha256(), Path(str(resources.files(package)))
    for file in sorted([*folder.rglob("*.py"), *folder.rglob("*.csv"), *folder.rglob("*.toml")]):
        digest.update(file.relative_to(folder).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


class _Table:
    """Moments, the digest of what was known at each, and its row."""

    __slots__ = ("digests", "moments", "rows")

    def __init__(self, moments: np.ndarray, digests: np.ndarray, rows: np.ndarray) -> None:
        order = np.argsort(moments)
        self.moments = moments[order]
        self.digests = digests[order]
        self.rows = rows[order]


def _packed(table: _Table) -> bytes:
    return table.moments.astype("<M8[us]").tobytes() + table.digests.tobytes() + table.rows.astype("<f8").tobytes()


def _unpacked(content: bytes, width: int) -> _Table:
    size = len(content) // (WORD * (3 + width))
    words = np.frombuffer(content, dtype="<i8")
    return _Table(
        words[:size].view("<M8[us]"),
        words[size : 3 * size].view("<u8").reshape(size, 2),
        words[3 * size :].view("<f8").reshape(size, width),
    )


def facts_known(view: AsOf, inputs: Sequence[str], moments: np.ndarray) -> np.ndarray:
    """Digest of what was known of `inputs` at each of `moments`: equal facts, equal digests.

    Returns
    -------
    ndarray of uint64, shape (n, 2)
    """
    total = np.zeros((moments.size, 2), dtype=np.uint64)
    for name in inputs:
        history = view.history(name)
        order = np.argsort(history.known_at, kind="stable")
        sums = np.zeros((history.known_at.size + 1, 2), dtype=np.uint64)
        for column in (0, 1):
            np.cumsum(_hashes(history, name, column)[order], out=sums[1:, column])
        total += sums[np.searchsorted(history.known_at[order], moments, side="right")]
    return total


def _hashes(history: History, name: str, column: int) -> np.ndarray:
    """One hash per fact; the name of the series and the column are part of it."""
    salt = int.from_bytes(hashlib.sha256(f"{name} {column}".encode()).digest()[:WORD], "little")
    mixed = np.full(history.period.size, salt, dtype=np.uint64)
    values = np.where(np.isnan(history.value), np.inf, history.value + 0.0)
    days = history.period.astype("datetime64[D]").astype(np.int64)
    instants = history.known_at.astype("datetime64[us]").astype(np.int64)
    for part in (days.view(np.uint64), instants.view(np.uint64), values.view(np.uint64)):
        mixed = (mixed ^ part) + MIX[0]
        mixed = (mixed ^ (mixed >> np.uint64(30))) * MIX[1]
        mixed = (mixed ^ (mixed >> np.uint64(27))) * MIX[2]
        mixed ^= mixed >> np.uint64(31)
    return mixed
