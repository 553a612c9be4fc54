"""The power of the verdict by resampling the whole process: the table, and the one that comes with the program.

How it is made: `captilt.studies.process_power`; what a resample is: `allocator.evidence.process`.
"""

import csv
import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from captilt.formats import day

if TYPE_CHECKING:
    from allocator.settings import Judgement
    from regime.settings import RegimeSettings

SHIPPED = "process_power.json"
SHIPPED_RESULTS = "process_power_results.csv"


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
    settings, inputs, results : str
        SHA-256 of the settings, of all that went in, and of what came out.
    worlds : tuple of World
        The first is the world without an edge: its share is the false-alarm rate.
    """

    made_on: str
    as_of: str
    seed: int
    resamples: int
    months: int
    trials: float
    settings: str
    inputs: str
    results: str
    worlds: tuple[World, ...]


@cache
def shipped() -> ProcessPower:
    """The table that comes with the program."""
    return loaded(json.loads(resources.files("captilt.contract").joinpath(SHIPPED).read_text(encoding="utf-8")))


def shipped_results() -> tuple[bytes, ...]:
    """The results behind the shipped table, one of each seed: their SHA-256 together is its `results`."""
    text = resources.files("captilt.contract").joinpath(SHIPPED_RESULTS).read_text(encoding="utf-8")
    return tuple(np.array(row, dtype="<f8").tobytes() for row in list(csv.reader(text.splitlines()))[1:])


def same_as_shipped(inputs: str, seed: int, results: tuple[bytes, ...]) -> int | None:
    """How many of `results` are those of the shipped table, seed by seed; None where the question is another one."""
    table = shipped()
    if (inputs, seed) != (table.inputs, table.seed):
        return None
    return sum(own == theirs for own, theirs in zip(results, shipped_results(), strict=False))


def settings_key(judgement: "Judgement", regime: "RegimeSettings", own_code: str) -> str:
    """Hash of the settings that the process depends on: not what is held today, nor how the record is bootstrapped."""
    pair = judgement.portfolio
    portfolio = (pair.small, pair.large, pair.policy_weight)
    parts = (
        judgement.method,
        portfolio,
        judgement.forecast,
        judgement.tilt,
        judgement.evidence.multiplier,
        regime,
        own_code,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def table_for(
    judgement: "Judgement", regime: "RegimeSettings", *, trials: float, on: dt.date
) -> tuple[ProcessPower | None, str]:
    """The shipped table, or None and what is wrong with it for a verdict.

    Parameters
    ----------
    judgement, regime : settings
        Of the verdict.
    trials : float
        That it counts.
    on : datetime.date
        Of the verdict: a table of facts that were learned later would look ahead.
    """
    table = shipped()
    if table.settings != settings_key(judgement, regime, judgement.own_code):
        return None, "was made under other settings"
    if table.trials != trials:
        return None, f"counts {table.trials:g} tries, not {trials:g}"
    if on < dt.date.fromisoformat(table.as_of):
        return None, f"was made from later facts, of {day(table.as_of)}"
    return table, ""


def loaded(fields: dict[str, Any]) -> ProcessPower:
    """A table from its JSON."""
    return ProcessPower(**{**fields, "worlds": tuple(World(**world) for world in fields["worlds"])})


def as_json(table: ProcessPower) -> str:
    """The JSON of a table."""
    return json.dumps(asdict(table), indent=1) + "\n"
