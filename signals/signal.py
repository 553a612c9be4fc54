"""A signal: a question asked of the world, answered with a reading or with a gap."""

import datetime as dt
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from signals.asof import AsOf

Family = Literal["rates", "credit", "dealmaking", "season", "structure", "financing", "trend", "own"]
READ_BY_MOMENT = "cme:"  # futures strips are read as known at each single moment (`signals.fedpath.strip`)
CLIP = 3.0  # scores beyond three standard deviations carry no further information
FLAT = 1e-9  # a spread of readings below this is rounding, not movement


@dataclass(frozen=True, slots=True)
class Gap:
    """No answer, and why.

    Attributes
    ----------
    name : str
        The signal (or series) that cannot answer.
    reason : str
        One sentence for a person, naming the series and what is wrong.
    code : str
        missing | short | stale | truncated | contradiction | not_point_in_time | model.
    series : str
        The series at fault, empty if none.
    """

    name: str
    reason: str
    code: str = "missing"
    series: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a signal says at one moment.

    Attributes
    ----------
    name : str
    score : float
        Standard deviations of the signal's own past, clipped to +-3; positive favours small caps.
    raw : float
        The value a person knows, in the signal's `unit`.
    period : datetime.date
        Newest period that went in.
    known_at : datetime.datetime
        Aware; when the newest number that went in was learned.
    note : str
        Anything the face must say: a splice, a stand-in series, a thin sample.
    """

    name: str
    score: float
    raw: float
    period: dt.date
    known_at: dt.datetime
    note: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.score) and math.isfinite(self.raw)):
            raise ValueError(f"{self.name}: score {self.score} and raw {self.raw} must be finite; answer with a Gap")
        if abs(self.score) > CLIP:
            raise ValueError(f"{self.name}: score {self.score} is beyond +-{CLIP}")


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """How a raw value becomes a score at one moment, and a score a raw value.

    The raw value is itself one of the n readings of its window; the other n - 1 are summed up here.

    Attributes
    ----------
    sign : int
    mean, squares : float
        Of the past readings: their mean, and the sum of squared distances from it.
    past : int
        How many there are, n - 1.
    least : int
        The fewest readings, n, that give a score.
    """

    sign: int
    mean: float
    squares: float
    past: int
    least: int

    def score(self, raw: float) -> float:
        """Standard deviations, clipped to +-3; NaN where the window is too short or has not moved."""
        apart = raw - self.mean
        spread = math.sqrt((self.squares + apart**2 * self.past / (self.past + 1)) / self.past) if self.past else 0.0
        if self.past + 1 < self.least or spread <= FLAT:
            return math.nan
        return min(max(self.sign * apart * self.past / (self.past + 1) / spread, -CLIP), CLIP)

    def raw(self, score: float) -> float | None:
        """The raw value that has this score; None where no value has it.

        With z = d k / n / sqrt((S + d^2 k / n) / k), k = n - 1 past readings, S their squares and d the distance
        from their mean, d^2 = z^2 S / (k^3 / n^2 - z^2 k / n).
        """
        k, n = self.past, self.past + 1
        room = k**3 / n**2 - score**2 * k / n
        if n < self.least or room <= 0 or self.squares <= FLAT:
            return None
        return self.mean + math.copysign(math.sqrt(score**2 * self.squares / room), self.sign * score)


@dataclass(frozen=True, slots=True)
class Signal:
    """A question, the series it may look at, and how it is answered.

    Attributes
    ----------
    name, family : str
    asks : str
        The question in one sentence.
    inputs : tuple of str
        Every series the signal may read; anything else raises.
    unit : str
        Unit of the raw value.
    prior : str
        What economics expects of the sign, and how firmly.
    answer : callable
        From the narrowed view to a `Reading` or a `Gap`. Never raises on bad data.
    report_only : bool
        True for readings that inform a person and can never enter the forecast.
    scores_at : callable or None
        (view, moments) -> scores at many moments at once, NaN for a gap; equal to asking one by one.
    raw_name : str
        What a person calls the raw value, where it is a price or a rate that can be looked up.
    scale : callable or None
        (view, moment) -> the raw value and the scale that makes it a score.
    detail : callable or None
        From the narrowed view to further lines for a person.
    origin : str
        Where a signal of the user's own comes from, with a digest of its code; empty for one of the catalogue.
    argument : str
        The economic argument of one of the user's own; that of the catalogue stands at the head of its file.
    """

    name: str
    family: Family
    asks: str
    inputs: tuple[str, ...]
    unit: str
    prior: str
    answer: Callable[[AsOf], "Reading | Gap"]
    report_only: bool = False
    scores_at: Callable[[AsOf, np.ndarray], np.ndarray] | None = None
    raw_name: str = ""
    scale: Callable[[AsOf, dt.datetime], tuple[float, ScoreScale]] | None = None
    detail: Callable[[AsOf], tuple[str, ...]] | None = None
    origin: str = ""
    argument: str = ""


def read(signal: Signal, view: AsOf) -> Reading | Gap:
    """Ask `signal` at the view's moment, through a view narrowed to its declared inputs."""
    narrowed = view.only(signal.inputs)
    return narrowed.remember(("read", signal.name), lambda: signal.answer(narrowed))


def scores(signal: Signal, view: AsOf, moments: np.ndarray) -> np.ndarray:
    """Scores of `signal` at many moments, each as it was known then.

    Parameters
    ----------
    moments : ndarray of datetime64[us], shape (n,), ascending
        UTC instants, none after the view's own moment.

    Returns
    -------
    ndarray of float64, shape (n,)
        Standard deviations; NaN where the signal answers with a gap.
    """
    if moments.size:
        view = view.at(_aware(moments[-1]))  # raises on a look ahead
    if signal.scores_at is None:
        readings = [read(signal, view.at(_aware(moment))) for moment in moments]
        return np.array([answer.score if isinstance(answer, Reading) else math.nan for answer in readings])
    narrowed = view.only(signal.inputs)
    bounds = np.searchsorted(moments, _corrections(narrowed, signal.inputs), side="left")
    bounds = np.unique(np.concatenate([[0], bounds, [moments.size]]))
    parts = [moments[low:high] for low, high in itertools.pairwise(bounds)]
    return np.concatenate([np.empty(0), *(signal.scores_at(narrowed.at(_aware(part[-1])), part) for part in parts)])


def _corrections(view: AsOf, inputs: tuple[str, ...]) -> np.ndarray:
    """Instants at which the past of an input changed: a revision, a withdrawal, a day that came late.

    Between two of them histories only grow, which is what `Signal.scores_at` relies on.
    """
    instants = [np.empty(0, dtype="datetime64[us]")]
    for name in inputs:
        if name.startswith(READ_BY_MOMENT):
            continue
        history = view.history(name)
        if history.period.size and not (history.known_at[1:] >= history.known_at[:-1]).all():
            order = np.lexsort((history.period, history.known_at))
            period, known_at = history.period[order], history.known_at[order]
        else:
            period, known_at = history.period, history.known_at
        newest = np.maximum.accumulate(period) if period.size else period
        instants.append(known_at[1:][period[1:] <= newest[:-1]])
    return np.unique(np.concatenate(instants))


def _aware(moment: np.datetime64) -> dt.datetime:
    return moment.astype("datetime64[us]").item().replace(tzinfo=dt.UTC)
