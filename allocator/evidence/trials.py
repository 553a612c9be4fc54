"""Every specification that was tried, in two registers: the search behind the result is part of its evidence.

`allocator/trials.csv` has one line per try, or per group of tries whose single scores were not kept.

``returns``: tries judged by what they earned. They may have been picked for lucky months, so they are N of the
deflated Sharpe ratio. A line counts for its ``effective`` number where one is given with its source (Galwey's
number of the correlation of their monthly returns), else for each of its ``tries``, which is the most it can be.

``log_score``: tries of the regime league, judged by the probability of what happened. They cannot have been picked
for returns: 14 regime models swapped into the tilt leave correlations of at least .971, so together they are one
trial, and that one is among those declared. They are shown and add nothing to N.

Which lines count at a moment: all that were tried up to the day on which the specification in force was
registered, at every moment (that search chose the specification, whatever day is studied), and later
ones from their own day on. So a past day keeps its count when the file grows, and raising the method
number, which registers a new specification, brings every try up to then into every moment.

A setting that lists a signal beyond the declared ones is a try of its own (METHOD 3): each counts at once. Rows of
a report from which nothing is chosen (the declared family, a signal alone) are not tries, nor is a challenger,
which is compared on later days only.
"""

import csv
import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import numpy as np

from allocator.evidence.sharpe import MONTHS
from allocator.evidence.specification import specification
from signals.calendars import day_of

RETURNS, LOG_SCORE = "returns", "log_score"  # the two registers
ANNUAL_IR = "ir"  # the metric whose spread is V of the deflated Sharpe ratio


@dataclass(frozen=True, slots=True)
class Trial:
    """One line of the file.

    Attributes
    ----------
    date : datetime.date
    register : str
        returns | log_score.
    room, specification, sample, metric, note : str
    value : float or None
        In the unit of the metric; None for a group without single scores.
    tries : int
        Specifications that the line stands for.
    effective : float or None
        Independent tries that they amount to, where declared.
    """

    date: dt.date
    register: str
    room: str
    specification: str
    sample: str
    metric: str
    value: float | None
    tries: int
    effective: float | None
    note: str

    def __post_init__(self) -> None:
        if self.register not in (RETURNS, LOG_SCORE):
            raise ValueError(f"register {self.register!r} is neither {RETURNS} nor {LOG_SCORE}")
        if self.tries < 1 or (self.effective is not None and not 0 < self.effective <= self.tries):
            raise ValueError(f"{self.tries} tries that amount to {self.effective}: {self.specification}")


@dataclass(frozen=True, slots=True)
class Trials:
    """The tries that count at one moment.

    Attributes
    ----------
    count : float
        N of the deflated Sharpe ratio: effective tries judged on returns.
    variance : float
        V: of the monthly Sharpe ratios among the lines that have one; 0 with fewer than two (the DSR then
        takes its floor).
    on_returns, on_log_score : int
        Specifications tried, by register.
    """

    count: float
    variance: float = 0.0
    on_returns: int = 1
    on_log_score: int = 0

    def __post_init__(self) -> None:
        if self.count < 1 or self.variance < 0:
            raise ValueError(f"{self.count} trials with variance {self.variance}: at least one, and none negative")

    @classmethod
    def of(cls, lines: Iterable[Trial]) -> "Trials":
        """Count tries by register and take the spread of their monthly Sharpe ratios."""
        lines = tuple(lines)
        on_returns = [line for line in lines if line.register == RETURNS]
        ratios = [line.value / math.sqrt(MONTHS) for line in on_returns if line.metric == ANNUAL_IR and line.value]
        return cls(
            count=max(1.0, sum(line.tries if line.effective is None else line.effective for line in on_returns)),
            variance=float(np.var(ratios, ddof=1)) if len(ratios) > 1 else 0.0,
            on_returns=sum(line.tries for line in on_returns),
            on_log_score=sum(line.tries for line in lines if line.register == LOG_SCORE),
        )


def parse(rows: Iterable[str]) -> tuple[Trial, ...]:
    """Lines of the file; a line that cannot be read raises, for an uncounted try is a false number."""
    return tuple(
        Trial(
            date=dt.date.fromisoformat(row["date"]),
            register=row["register"],
            room=row["room"],
            specification=row["specification"],
            sample=row["sample"],
            metric=row["metric"],
            value=float(row["value"]) if row["value"] else None,
            tries=int(row["tries"]),
            effective=float(row["effective"]) if row["effective"] else None,
            note=row["note"],
        )
        for row in csv.DictReader(rows)
    )


@cache
def registered_trials() -> tuple[Trial, ...]:
    """The shipped file."""
    with resources.files("allocator").joinpath("trials.csv").open(encoding="utf-8") as file:
        return parse(file)


def trials_at(
    moment: dt.datetime,
    lines: tuple[Trial, ...] | None = None,
    *,
    registered: dt.date | None = None,
    listed: Iterable[str] = (),
) -> Trials:
    """The tries that count at `moment` (see the module's rule).

    Parameters
    ----------
    listed : iterable of str
        Signals of the forecast in force; those that were not declared add a try each.
    """
    until = max(day_of(moment), specification().registered if registered is None else registered)
    counted = Trials.of(line for line in (registered_trials() if lines is None else lines) if line.date <= until)
    added = len(set(listed) - set(specification().declared["signals"]["names"]))
    return replace(counted, count=counted.count + added, on_returns=counted.on_returns + added)
