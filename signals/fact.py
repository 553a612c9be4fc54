"""One number, and when the world learned it."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """A value of a series for a period, as it was known from a moment on.

    Attributes
    ----------
    series : str
        Identifier with its provider, for example ``fred:BAA10Y``.
    period : datetime.date
        The day, or first day of the month or quarter, that the value describes.
    known_at : datetime.datetime
        Aware instant from which the value could be read by anyone. A revision is another fact
        with a later `known_at`.
    value : float
        In the unit of the series (see `signals.series.dictionary`); NaN withdraws an earlier value.
    """

    series: str
    period: dt.date
    known_at: dt.datetime
    value: float

    def __post_init__(self) -> None:
        if self.known_at.tzinfo is None:
            raise ValueError(f"{self.series} {self.period}: known_at has no time zone")
