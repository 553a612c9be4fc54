"""Seasonal effects, estimated as if one had to bet on them.

1. The effect of a window is the small-minus-large return inside it less what the same number of other
   sessions brought (Ken French's SMB, percent, from 1963-07).
2. Recent windows count more: a half-life of ten years. The mean's standard error comes from the weighted
   spread and the effective number of windows.
3. The mean is shrunk to zero with a prior sd of 0.15 % a window; its interval is the posterior's.
4. A reading is the shrunk effect that falls into the next 21 sessions; its score is the effect over its
   posterior sd, scaled by the share of the window ahead, and zero out of season.
5. All effects together are judged after Holm's correction: six calendars were looked at, not one.

An estimate depends on finished windows alone, so it is a step function of what was known.

References
----------
Sullivan, Timmermann and White (2001), "Dangers of Data Mining: The Case of Calendar Effects in Stock
Returns", Journal of Econometrics 105(1).
Holm (1979), "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from signals import new_york
from signals.asof import AsOf, History
from signals.calendars import meetings, sessions
from signals.lookup import rows_of
from signals.scoring.calendar_windows import (
    Windows,
    fomc_week,
    inside,
    january,
    reconstitution,
    third_year,
    turn_of_month,
    turn_of_year,
)
from signals.scoring.points import known, one
from signals.scoring.rolling import learned
from signals.signal import CLIP, Gap, Reading

SMB = "french:FF3_DAILY:SMB"  # percent a session; about eight weeks late
SAMPLE_FROM = np.datetime64("1963-07-01", "D")  # AMEX is in the file from 1962-07 on
HALF_LIFE_YEARS = 10.0
PRIOR_SD = 0.15  # percent a window, as for the regime means (METHOD 4)
AHEAD = 21  # sessions: the month that a forecast is about
LEAST_WINDOWS = 10
DAYS_A_YEAR = 365.25
MAX_AGE_DAYS = 130  # of the return file: its lateness and two months of grace
Z95 = 1.96  # of the normal distribution, for a 95 % interval
LEVEL = 0.05  # of the family of tests
EFFECTS: Mapping[str, Callable[[], Windows]] = {
    "january": january,
    "turn_of_year": turn_of_year,
    "turn_of_month": turn_of_month,
    "reconstitution": reconstitution,
    "fomc_week": fomc_week,
    "election_cycle": third_year,
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A seasonal effect as estimated from the windows finished by some moment.

    Attributes
    ----------
    windows : int
        Finished windows.
    effective : float
        Their number after recency weighting.
    mean, se : float
        Percent a window over other sessions, and its standard error.
    shrunk, sd : float
        Posterior mean and sd, percent a window.
    """

    windows: int
    effective: float
    mean: float
    se: float
    shrunk: float
    sd: float

    @property
    def p(self) -> float:
        """Two-sided, of the mean before shrinkage and before any correction."""
        from scipy.special import stdtr

        return float(2 * stdtr(self.effective - 1, -abs(self.mean / self.se))) if self.se > 0 else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the shrunk effect, percent a window."""
        return self.shrunk - Z95 * self.sd, self.shrunk + Z95 * self.sd


@dataclass(frozen=True, slots=True)
class FinishedWindows:
    """Finished windows of one effect.

    Attributes
    ----------
    start, end : ndarray of datetime64[D], shape (n,)
    known_at : ndarray of datetime64[us], shape (n,)
    excess : ndarray of float64, shape (n,)
        Percent inside the window less the mean of other sessions so far, times the window's length.
    """

    start: np.ndarray
    end: np.ndarray
    known_at: np.ndarray
    excess: np.ndarray


def finished_windows(view: AsOf, effect: str) -> FinishedWindows:
    """Every window of `effect` whose sessions are all known, with its return over other sessions."""
    first, last = EFFECTS[effect]()
    member, narrowed = inside(EFFECTS[effect]), view.only((SMB,))
    days = sessions()
    known, value, known_at = narrowed.remember("SMB by session", lambda: _by_session(_returns(narrowed), days))
    whole = np.cumsum(np.append(0, known))
    total = np.cumsum(np.append(0.0, np.where(known, value, 0.0)))
    other = known & ~member
    other_total = np.cumsum(np.append(0.0, np.where(other, value, 0.0)))
    other_count = np.cumsum(np.append(0, other))
    length = last - first + 1
    complete = (whole[last + 1] - whole[first] == length) & (other_count[last + 1] > 0)
    first, last, length = first[complete], last[complete], length[complete]
    usual = other_total[last + 1] / np.maximum(other_count[last + 1], 1)
    excess = total[last + 1] - total[first] - length * usual
    return FinishedWindows(days[first], days[last], learned(known_at)[last], excess)


def _returns(view: AsOf) -> History:
    history = view.latest(SMB)
    in_sample = history.period >= SAMPLE_FROM
    return History(history.period[in_sample], history.known_at[in_sample], history.value[in_sample])


def _by_session(history: History, days: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether each session is known, its return, and when it was learned (the earliest time where it is not)."""
    row, fits = rows_of(history.period, days)
    known, value = np.zeros(days.size, dtype=bool), np.zeros(days.size)
    known_at = np.full(days.size, np.datetime64("0001-01-01", "us"))
    known[row[fits]], value[row[fits]], known_at[row[fits]] = True, history.value[fits], history.known_at[fits]
    return known, value, known_at


def estimate(past: FinishedWindows, count: int) -> Estimate:
    """The effect from the first `count` finished windows."""
    excess, end = past.excess[:count], past.end[:count]
    age = (end[-1] - end).astype("float64") / DAYS_A_YEAR
    weight = 0.5 ** (age / HALF_LIFE_YEARS)
    weight = weight / weight.sum()
    effective = float(1 / (weight**2).sum())
    mean = float((weight * excess).sum())
    variance = float((weight * (excess - mean) ** 2).sum()) * effective / (effective - 1)
    se = float(np.sqrt(variance / effective))
    shrinkage = PRIOR_SD**2 / (PRIOR_SD**2 + se**2)
    return Estimate(count, effective, mean, se, shrinkage * mean, float(np.sqrt(shrinkage)) * se)


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Holm's adjusted p for each of a family of tests.

    >>> {name: round(value, 3) for name, value in holm({"a": 0.01, "b": 0.04, "c": 0.03}).items()}
    {'a': 0.03, 'c': 0.06, 'b': 0.06}
    """
    adjusted, floor = {}, 0.0
    for rank, (name, value) in enumerate(sorted(p.items(), key=lambda item: item[1])):
        floor = max(floor, min(1.0, (len(p) - rank) * value))
        adjusted[name] = floor
    return adjusted


def family(view: AsOf) -> dict[str, tuple[Estimate, float]]:
    """Every effect's estimate at the view's moment with its p after Holm's correction."""
    records = {name: finished_windows(view, name) for name in EFFECTS}
    estimates = {
        name: estimate(past, past.end.size) for name, past in records.items() if past.end.size >= LEAST_WINDOWS
    }
    corrected = holm({name: effect.p for name, effect in estimates.items()})
    return {name: (effect, corrected[name]) for name, effect in estimates.items()}


def decay(view: AsOf, effect: str, *, years: int = 20, step: int = 5) -> tuple[tuple[int, int, int, float, float], ...]:
    """How an effect has changed: its plain mean over stretches of `years`, every `step` years.

    Returns
    -------
    tuple of (first year, last year, windows, mean, standard error)
        Mean and error in percent a window over other sessions, neither weighted nor shrunk.
    """
    past = finished_windows(view, effect)
    year = past.end.astype("datetime64[Y]").astype("int64") + 1970
    rows = []
    for last in range(int(year[-1]), int(year[0]) + years - 2, -step) if year.size else ():
        chosen = past.excess[(year > last - years) & (year <= last)]
        if chosen.size > 1:
            error = float(chosen.std(ddof=1) / np.sqrt(chosen.size))
            rows.append((last - years + 1, last, int(chosen.size), float(chosen.mean()), error))
    return tuple(reversed(rows))


@dataclass(frozen=True, slots=True)
class Seasonal:
    """One calendar effect as a signal.

    Attributes
    ----------
    name : str
        Of the signal and of the effect in `EFFECTS`.
    """

    name: str

    def answer(self, view: AsOf) -> Reading | Gap:
        """What the effect promises for the next 21 sessions."""
        moments = one(view.moment)
        past = finished_windows(view, self.name)
        raw, score = self._raw_and_score(view, past, moments)
        if np.isnan(score[0]):
            return self._silence(view, past)
        effect, history = estimate(past, past.end.size), view.latest(SMB)
        low, high = effect.interval
        return Reading(
            name=self.name,
            score=float(score[0]),
            raw=float(raw[0]),
            period=history.period[-1].astype(dt.date),
            known_at=history.known_at[-1].astype(dt.datetime).replace(tzinfo=dt.UTC),
            note=f"{self._when(moments)}; {effect.shrunk:+.3f} % a window, 95 % {low:+.2f} to {high:+.2f}, "
            f"{effect.windows} windows",
        )

    def scores_at(self, view: AsOf, moments: np.ndarray) -> np.ndarray:
        """Scores at many moments, NaN for a gap; equal to asking one by one."""
        return self._raw_and_score(view, finished_windows(view, self.name), moments)[1]

    def detail(self, view: AsOf) -> tuple[str, ...]:
        """The effect among all effects looked at, and how it has changed."""
        effects = family(view)
        lines = [
            f"{name}: {effect.mean:+.2f} % a window (se {effect.se:.2f}), shrunk {effect.shrunk:+.3f}, "
            f"p {effect.p:.2f}, after Holm's correction over {len(effects)} {corrected:.2f}"
            for name, (effect, corrected) in effects.items()
        ]
        past = [
            f"{first}-{last}: {mean:+.2f} % a window (se {error:.2f}, {count} windows)"
            for first, last, count, mean, error in decay(view, self.name)
        ]
        return (*lines, *past)

    def _raw_and_score(self, view: AsOf, past: FinishedWindows, moments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Raw value (percent over the next 21 sessions) and score at each moment."""
        count = np.searchsorted(past.known_at, moments, side="right")
        effects = {number: estimate(past, number) for number in np.unique(count) if number >= LEAST_WINDOWS}
        share = self._share_ahead(moments)
        shrunk = np.array([effects[number].shrunk if number in effects else np.nan for number in count])
        sd = np.array([effects[number].sd if number in effects else np.nan for number in count])
        usable = _kept_up(view, moments) & (sd > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            score = np.where(usable, np.clip(share * shrunk / sd, -CLIP, CLIP), np.nan)
        return share * shrunk, score

    def _share_ahead(self, moments: np.ndarray) -> np.ndarray:
        """Share of a window (0 to 1) that lies in the 21 sessions after each moment."""
        first, last = EFFECTS[self.name]()
        member = np.cumsum(np.append(0, inside(EFFECTS[self.name])))
        today = np.searchsorted(sessions(), new_york.days(moments), side="right") - 1
        stop = np.minimum(today + 1 + AHEAD, member.size - 1)
        share = (member[stop] - member[today + 1]) / np.median(last - first + 1)
        return np.where(stop <= _calendar_end(self.name), share, np.nan)

    def _when(self, moments: np.ndarray) -> str:
        first, last = EFFECTS[self.name]()
        today = int(np.searchsorted(sessions(), new_york.days(moments), side="right")[0]) - 1
        if inside(EFFECTS[self.name])[today + 1]:
            ends = sessions()[last[np.searchsorted(last, today + 1)]]
            return f"in season until {ends}"
        later = first[first > today]
        return f"next window opens {sessions()[later[0]]}" if later.size else "no window known ahead"

    def _silence(self, view: AsOf, past: FinishedWindows) -> Gap:
        periods = view.latest(SMB).period
        if not periods.size:
            return Gap(self.name, f"nothing is stored of {SMB}", "missing", SMB)
        if past.end.size < LEAST_WINDOWS:
            return Gap(self.name, f"{SMB} gives {past.end.size} windows, {LEAST_WINDOWS} are needed", "short", SMB)
        if not _kept_up(view, one(view.moment))[0]:
            return Gap(self.name, f"{SMB} ends with {periods[-1]}", "stale", SMB)
        return Gap(self.name, "the calendar is not known that far ahead", "missing")


def _kept_up(view: AsOf, moments: np.ndarray) -> np.ndarray:
    """True where the return file was not too old at the moment."""
    return ~np.isnan(known(view, SMB, moments).fresh(moments, max_age_days=MAX_AGE_DAYS).value)


def _calendar_end(effect: str) -> int:
    """The last session for which it is known whether it lies in a window of `effect`."""
    if effect != "fomc_week":
        return sessions().size
    return int(np.searchsorted(sessions(), np.datetime64(meetings()[-1].date, "D"))) + AHEAD
