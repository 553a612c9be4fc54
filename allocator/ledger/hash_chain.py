"""The hash chain of the book: each entry's hash covers its text and the hash before it.

Pure arithmetic on bytes, so that the rule can be checked, and repeated by anyone, without a database:

    hash = SHA-256(previous | seq | kind | day | recorded_at | payload), joined by line feeds,

with `payload` the canonical JSON text exactly as stored, and sixty-four zeros before the first entry.
"""

import hashlib
import json
from typing import Any

GENESIS = "0" * 64  # what the first entry points to


def canonical(payload: Any) -> str:
    """One JSON text per value: sorted keys, no spaces, no NaN.

    Raises
    ------
    ValueError
        For NaN or infinity: missing is null.
    """
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def link(previous: str, fields: tuple[bytes, ...]) -> str:
    """The hash of an entry, given the hash before it and its columns as stored.

    Parameters
    ----------
    previous : str
        Hash of the entry before, `GENESIS` for the first.
    fields : tuple of bytes
        seq, kind, day, recorded_at and payload, in UTF-8.

    Returns
    -------
    str
        Sixty-four hexadecimal digits.

    Examples
    --------
    >>> link(GENESIS, (b"1", b"run", b"2024-01-02", b"2024-01-02T23:00:00.000000+00:00", b"{}"))[:8]
    'b47d2269'
    """
    digest = hashlib.sha256(previous.encode())
    for field in fields:
        digest.update(b"\n")
        digest.update(field)
    return digest.hexdigest()


def digest(content: bytes) -> str:
    """SHA-256 of `content`, as the name under which it is archived."""
    return hashlib.sha256(content).hexdigest()
