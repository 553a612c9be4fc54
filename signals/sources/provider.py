"""What every provider promises: to say whether it answers, and to deliver facts or refusals."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from signals.asof import History
from signals.series.dictionary import Series
from signals.store.store import Refusal

StoredFacts = Callable[[str], History]  # what the store holds of a series, every version


@dataclass(frozen=True, slots=True)
class Arrival:
    """Facts of one series as a provider or a file gives them.

    Attributes
    ----------
    series : Series
    facts : History
    revisions : bool
        True where every version is dated by the provider itself, so that nothing is to be inferred.
    """

    series: Series
    facts: History
    revisions: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a delivery that a person, and the health of the data, should know.

    Attributes
    ----------
    series : str
    rule : str
        Identifier, for example ``row.order`` or ``price.disputed``.
    sentence : str
        One sentence.
    size : float
        How much: a number of rows, or percent of disagreement.
    """

    series: str
    rule: str
    sentence: str
    size: float = 1.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One answer of a provider.

    Attributes
    ----------
    arrivals : tuple of Arrival
    refused : tuple of Refusal
    remarks : tuple of Remark
    """

    arrivals: tuple[Arrival, ...]
    refused: tuple[Refusal, ...] = ()
    remarks: tuple[Remark, ...] = ()


class Source(Protocol):
    """One provider."""

    name: str

    def offers(self) -> tuple[str, ...]:
        """The series fetched every day, in order of importance; a price stands for all its columns."""
        ...

    def stored(self, series: str, now: dt.datetime, /) -> tuple[str, ...]:
        """Stored series whose newest periods tell whether there can be anything new; empty: always ask."""
        ...

    def reach(self, seconds: float) -> None:
        """Return if the provider answers within `seconds`; raise `SourceError` if it does not. Never retries."""
        ...

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """What the provider says of `series`, checked; raises `SourceError` if it says nothing usable."""
        ...
