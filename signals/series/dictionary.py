"""The data dictionary: what every series is, when it is known, how it is revised, how old it may be.

The shipped table ``facts/series.csv`` describes the series this version uses; an imported manifest
adds its own rows. A column of a wide file (``french:FF3_DAILY:SMB``) and a futures contract
(``cme:ZQ:2023-12:settle``) are described by the row of their parent.
"""

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np

from signals.asof import AsOf
from signals.calendars import day_of, session_count
from signals.errors import InputError
from signals.series.known_at import delayed, parse
from signals.signal import Gap

Habit = Literal["never", "vintages", "latest", "rescaled", "restated"]
RAW = frozenset({"close", "dividend", "split"})  # as traded and as paid
START_SLACK_DAYS = 45  # a history that starts this much later than it should is called truncated


@dataclass(frozen=True, slots=True)
class Series:
    """One row of the data dictionary.

    Attributes
    ----------
    id : str
        ``provider:ID`` or ``provider:ID:column``.
    unit : str
    frequency : str
        D, W, M, Q or event.
    stamp : str
        Which day of the period the date names, for example ``first of month``.
    known_at : str
        The known-at rule in words (see `signals.series.known_at`).
    revised : str
        The manifest's words; `habit` is their meaning.
    terms : str
        May the numbers be passed on?
    since : datetime.date or None
        Where the history starts at its provider; a later start is a truncated history.
    ended : datetime.date or None
        Last period of a discontinued series.
    allowed_age : int or None
        Longest allowed age of the newest period, in trading sessions; None where age means nothing.
    low, high : float
        Values outside break the contract.
    jump : float
        Largest believable change from one observation to the next, in the unit; infinite where unknown.
    """

    id: str
    unit: str = ""
    frequency: str = "D"
    stamp: str = "day"
    known_at: str = "bd+1 18:00"
    revised: str = "no"
    terms: str = ""
    since: dt.date | None = None
    ended: dt.date | None = None
    allowed_age: int | None = None
    low: float = -1e9
    high: float = 1e12
    jump: float = np.inf

    def __post_init__(self) -> None:
        if self.low >= self.high:
            raise InputError(f"{self.id}: the lowest value {self.low} is not below the highest {self.high}.")

    @property
    def habit(self) -> Habit:
        """How the provider changes what it once said."""
        if self.revised.startswith("revision log"):
            return "vintages"
        if "rescaled" in self.revised:
            return "rescaled"
        if "restated" in self.revised:
            return "restated"
        return "never" if self.revised == "no" else "latest"

    @property
    def point_in_time(self) -> bool:
        """False where only the latest revision is held: such a series stays out of back-tests."""
        return self.habit != "latest"

    def known(self, periods: np.ndarray) -> np.ndarray:
        """When each period's first value is known by rule.

        Parameters
        ----------
        periods : ndarray of datetime64[D], shape (n,)

        Returns
        -------
        ndarray of datetime64[us], shape (n,)
            UTC; never before the number was published, often later.
        """
        return delayed(self.id, periods, parse(self.known_at, stamp=self.stamp)(periods))


def from_row(row: Mapping[str, str]) -> Series:
    """A `Series` from a row of a manifest or of the shipped table; blank cells keep the default."""

    def cell(key: str) -> str:
        return (row.get(key) or "").strip()

    def day(key: str) -> dt.date | None:
        return dt.date.fromisoformat(cell(key)) if cell(key) else None

    try:
        return Series(
            id=cell("series"),
            unit=cell("unit"),
            frequency=cell("frequency") or "D",
            stamp=cell("period_stamp") or "day",
            known_at=cell("known_at") or "bd+1 18:00",
            revised=cell("revised") or "no",
            terms=cell("terms"),
            since=day("since"),
            ended=day("ended"),
            allowed_age=int(cell("allowed_age")) if cell("allowed_age") else None,
            low=float(cell("low") or -1e9),
            high=float(cell("high") or 1e12),
            jump=float(cell("jump") or np.inf),
        )
    except ValueError as fault:
        raise InputError(
            f"the description of {cell('series') or 'a series without a name'} cannot be read: {fault}.",
            remedy="Mend its row: days as YYYY-MM-DD, ages and limits as plain numbers.",
        ) from None


@cache
def dictionary() -> Mapping[str, Series]:
    """Every described series by id."""
    with resources.files("signals").joinpath("facts", "series.csv").open(encoding="utf-8") as file:
        return {row["series"]: from_row(row) for row in csv.DictReader(file)}


def describe(name: str, more: Mapping[str, Series] | None = None) -> Series:
    """What is known about `name`: its own row, else its parent's, else its provider's.

    Parameters
    ----------
    name : str
    more : mapping, optional
        Descriptions that came with imported data; they fill in where the shipped table is silent.
    """
    books = (dictionary(), more or {})
    parts = name.split(":")
    for depth in range(len(parts), 0, -1):
        key = ":".join(parts[:depth])
        for book in books:
            if key in book:
                return _column(replace(book[key], id=name))
    return Series(id=name)


def _column(series: Series) -> Series:
    """Only the adjusted close is rescaled by later dividends; volumes are corrected, the rest stands."""
    column = series.id.rsplit(":", 1)[-1]
    if column in ("volume", "open_interest"):
        return replace(series, revised="yes")
    return replace(series, revised="no") if series.habit == "rescaled" and column in RAW else series


def fault(view: AsOf, name: str) -> Gap | None:
    """What is wrong with `name` at the view's moment: missing, truncated, ended or stale; None if nothing is."""
    series = describe(name)
    periods = view.latest(name).period
    if not periods.size:
        return Gap(name, f"{name}: nothing was known by {day_of(view.moment)}.", "missing", name)
    first, newest = periods[0].astype(dt.date), periods[-1].astype(dt.date)
    if series.since and first > series.since + dt.timedelta(days=START_SLACK_DAYS):
        return Gap(
            name, f"{name} starts {first}, its history {series.since}: truncated at the source.", "truncated", name
        )
    age = session_count(newest, day_of(view.moment))
    if series.allowed_age is not None and age > series.allowed_age:
        ended = f"; the series was discontinued after {series.ended}" if series.ended and newest >= series.ended else ""
        return Gap(
            name, f"{name} is {age} sessions old (newest {newest}, allowed {series.allowed_age}){ended}.", "stale", name
        )
    return None
