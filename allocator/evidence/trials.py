"""Every specification that was tried, counted: the search behind the result is part of its evidence.

`allocator/trials.csv` has one line per specification tried (``date, room, specification, sample, metric,
value, note``). A line with metric ``count`` stands for as many tries as its value says; ``count:log_score``
for as many that were judged by another score than returns.

All of them are N of the deflated Sharpe ratio. Those that were judged by another score cannot have been
picked for lucky returns, so N is on the cautious side; the evidence prints both counts. Rows of a report
from which nothing is chosen (the declared family, a signal alone) are not tries.

Which lines count at a moment: all that were tried up to the day on which the specification in force was
registered, at every moment (that search chose the specification, whatever day is studied), and later
ones from their own day on. So a past day keeps its count when the file grows, and raising the method
number, which registers a new specification, brings every try up to then into every moment.

A setting that lists a signal beyond the declared ones is a try of its own (METHOD 3): each counts at once.
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

COUNT, ANNUAL_IR = "count", "ir"  # metrics with a meaning here; any other is a try judged by another score


@dataclass(frozen=True, slots=True)
class Trial:
    """One line of the file."""

    date: dt.date
    room: str
    specification: str
    sample: str
    metric: str
    value: float
    note: str

    @property
    def tries(self) -> int:
        """Specifications that the line stands for."""
        return int(self.value) if self.metric.split(":")[0] == COUNT else 1

    @property
    def on_returns(self) -> bool:
        """True where the tries were judged by what they earned."""
        return self.metric in (COUNT, ANNUAL_IR)


@dataclass(frozen=True, slots=True)
class Trials:
    """The tries that count at one moment.

    Attributes
    ----------
    count : int
        N of the deflated Sharpe ratio: every specification tried.
    on_returns : int
        Those among them that were judged by what they earned.
    variance : float
        V: of the monthly Sharpe ratios among the lines that have one; 0 with fewer than two (the DSR then
        takes its floor).
    """

    count: int
    variance: float = 0.0
    on_returns: int = 1

    def __post_init__(self) -> None:
        if self.count < 1 or self.variance < 0:
            raise ValueError(f"{self.count} trials with variance {self.variance}: at least one, and none negative")

    @classmethod
    def of(cls, lines: Iterable[Trial]) -> "Trials":
        """Count tries and take the spread of their monthly Sharpe ratios."""
        lines = tuple(lines)
        ratios = [line.value / math.sqrt(MONTHS) for line in lines if line.metric == ANNUAL_IR]
        variance = float(np.var(ratios, ddof=1)) if len(ratios) > 1 else 0.0
        on_returns = sum(line.tries for line in lines if line.on_returns)
        return cls(sum(line.tries for line in lines), variance, on_returns)


def parse(rows: Iterable[str]) -> tuple[Trial, ...]:
    """Lines of the file; a line that cannot be read raises, for an uncounted try is a false number."""
    return tuple(
        Trial(
            date=dt.date.fromisoformat(row["date"]),
            room=row["room"],
            specification=row["specification"],
            sample=row["sample"],
            metric=row["metric"],
            value=float(row["value"]),
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
    kept = Trials.of(line for line in (registered_trials() if lines is None else lines) if line.date <= until)
    added = len(set(listed) - set(specification().declared["signals"]["names"]))
    return replace(kept, count=kept.count + added, on_returns=kept.on_returns + added)
