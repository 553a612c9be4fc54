"""The pre-registered specification: one file, its hash, and the method number it stands for.

`REGISTERED` is the history. The file may only change together with a new line here and a higher method
number (a test compares the file's hash with the last line), so a recommendation cannot change its rules in
silence.
"""

import datetime as dt
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

REGISTERED: tuple[tuple[int, str, str], ...] = (
    # method, SHA-256 of allocator/specification.toml, what changed
    (1, "10b49071e5f8bb5beccd3d0772d2e196e4c9fa3d4a6558242e9254a652367ea2", "first registration"),
    (
        2,
        "2bf174da4c9c090942c1cf77239a5df785a2413f2b77dd737c360dbc6ce4d673",
        "two signals, the multiplier a declared half moved slightly by the record, horizon one year, smallest trade",
    ),
)


@dataclass(frozen=True, slots=True)
class Specification:
    """What was declared before the result was seen.

    Attributes
    ----------
    method : int
        Raised by every change; kept in each ledger entry.
    registered : datetime.date
        The day this version was declared.
    sha256 : str
        Of the file's bytes.
    declared : mapping
        The file's tables.
    """

    method: int
    registered: dt.date
    sha256: str
    declared: Mapping[str, Any]


def parse(body: bytes) -> Specification:
    """Read a specification file."""
    declared = tomllib.loads(body.decode("utf-8"))
    return Specification(declared["method"], declared["registered"], hashlib.sha256(body).hexdigest(), declared)


@cache
def specification() -> Specification:
    """The shipped specification."""
    return parse(resources.files("allocator").joinpath("specification.toml").read_bytes())
