"""The power of the verdict by resampling the whole process: the table, and the one that comes with the program.

How it is made: `captilt.studies.process_power`; what a resample is: `allocator.evidence.process`.
"""

import json
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

SHIPPED = "process_power.json"


@dataclass(frozen=True, slots=True)
class World:
    """What the verdict made of the resamples of one world.

    Attributes
    ----------
    true_ir : float
        What the scores are worth a year to somebody who knew their slopes; 0 without an edge.
    passed, se : float
        Share of the resamples that the verdict called an edge, and its standard error.
    median_ir : float
        Net information ratio of the method in the middle resample.
    """

    true_ir: float
    passed: float
    se: float
    median_ir: float


@dataclass(frozen=True, slots=True)
class ProcessPower:
    """The power table.

    Attributes
    ----------
    made_on : str
        Day on which it was computed.
    as_of : str
        Day of the facts that were resampled.
    seed, resamples, months : int
        `months` is the length of each resampled record.
    trials : float
    inputs, results : str
        SHA-256 of what went in and of what came out.
    worlds : tuple of World
        The first is the world without an edge: its share is the false-alarm rate.
    """

    made_on: str
    as_of: str
    seed: int
    resamples: int
    months: int
    trials: float
    inputs: str
    results: str
    worlds: tuple[World, ...]


def shipped() -> ProcessPower | None:
    """The table that comes with the program; None where this version has none."""
    file = resources.files("captilt.contract").joinpath(SHIPPED)
    return loaded(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None


def loaded(record: dict[str, Any]) -> ProcessPower:
    """A table from its JSON."""
    return ProcessPower(**{**record, "worlds": tuple(World(**world) for world in record["worlds"])})


def as_json(table: ProcessPower) -> str:
    """The JSON of a table."""
    return json.dumps(asdict(table), indent=1) + "\n"
