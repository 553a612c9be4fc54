"""Dated facts: numbers of structure that no free series carries, each with its source and its expiry.

They explain why small companies feel interest rates more, and how crowded their funds are. None of them moves a
weight. A fact is seen from the day it was published on; once expired it is shown with a warning, never
dropped in silence and never updated by guess.
"""

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib import resources

from signals.asof import AsOf
from signals.calendars import day_of


@dataclass(frozen=True, slots=True)
class DatedFact:
    """A number from a publication.

    Attributes
    ----------
    name : str
    value : float
        In `unit`.
    unit : str
    says : str
        What the number is a number of.
    source : str
        Who said it, where.
    observed, published : datetime.date
        The day it describes, and the day from which anyone could read it.
    expires : datetime.date
        From the day after, it is too old to be leant on.
    measured : str
        The series that measures the same thing; empty where there is none.
    """

    name: str
    value: float
    unit: str
    says: str
    source: str
    observed: dt.date
    published: dt.date
    expires: dt.date
    measured: str = ""

    def __post_init__(self) -> None:
        if not self.observed <= self.published < self.expires:
            raise ValueError(
                f"{self.name}: observed {self.observed}, published {self.published}, expires {self.expires}"
            )

    def expired(self, day: dt.date) -> bool:
        """True once the fact is too old to be leant on."""
        return day > self.expires

    def warning(self, day: dt.date) -> str:
        """What must be said beside an expired fact; empty while it holds."""
        return (
            f"{self.name} is of {self.observed} and expired on {self.expires}: look it up again"
            if self.expired(day)
            else ""
        )


@cache
def shipped() -> tuple[DatedFact, ...]:
    """Every dated fact of this version."""
    with resources.files("signals").joinpath("facts", "dated.csv").open(encoding="utf-8") as file:
        return tuple(
            DatedFact(
                row["name"],
                float(row["value"]),
                row["unit"],
                row["says"],
                row["source"],
                *(dt.date.fromisoformat(row[key]) for key in ("observed", "published", "expires")),
                measured=row["measured"],
            )
            for row in csv.DictReader(file)
        )


def known(day: dt.date) -> tuple[DatedFact, ...]:
    """The facts that could be read on `day`, the newest of each name."""
    newest: dict[str, DatedFact] = {}
    for fact in sorted(shipped(), key=lambda fact: fact.published):
        if fact.published <= day:
            newest[fact.name] = fact
    return tuple(newest.values())


def quotable(view: AsOf) -> tuple[DatedFact, ...]:
    """What is shown at the view's moment: an expired fact goes once its own measure is known."""
    day = day_of(view.moment)
    return tuple(fact for fact in known(day) if not (fact.expired(day) and fact.measured and fact.measured in view))
