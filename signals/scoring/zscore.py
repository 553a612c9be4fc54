"""The score of a signal: how unusual the raw value is against its own past.

    score = sign * (x - mean) / sd

over the last 120 readings: the month-ends before the moment and the moment itself, each as it was known
then, at least 60 of them; sd with n - 1; clipped to +-3 (METHOD 3). A reading that was not known or was
too old at its own month-end does not count. One moment and many go through the same function.
"""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from signals.asof import AsOf, UndeclaredInput
from signals.scoring.points import Points, month_moments, one
from signals.series.dictionary import START_SLACK_DAYS, describe
from signals.signal import CLIP, FLAT, Gap, Reading, ScoreScale

MONTHS = 120  # ten years: a whole credit cycle is always in view
LEAST = 60  # five years: fewer readings give a standard deviation nobody should believe

Raw = Callable[[AsOf, np.ndarray], Points]


@dataclass(frozen=True, slots=True)
class Trailing:
    """A raw value turned into a score against its own trailing window.

    Attributes
    ----------
    name : str
        Of the signal.
    raw : callable
        (view, moments) -> Points: the raw value at each moment, as known then.
    sign : int
        +1 where a high value favours small caps, -1 where a low one does.
    source : str
        The series a gap names.
    window, least : int
        Month-ends in the window, and the fewest that give a score.
    note : callable or None
        From the view and the newest point to what the face must say.
    """

    name: str
    raw: Raw
    sign: int
    source: str
    window: int = MONTHS
    least: int = LEAST
    note: Callable[[AsOf, Points], str] | None = None

    def answer(self, view: AsOf) -> Reading | Gap:
        """The reading at the view's moment."""
        moments = one(view.moment)
        now, past = self._points(view, moments)
        if np.isnan(now.value[0]):
            return self._silence(view, now)
        score, count = _scores(now.value, past.value, np.array([past.value.size]), self.window)
        if count[0] < self.least:
            reason = f"{self.source} gives {count[0]} month-ends in ten years, {self.least} are needed"
            return Gap(self.name, reason, "short", self.source)
        if self._cut_short(view, moments)[0]:
            begins = view.history(self.source).period[0]
            return Gap(self.name, f"{self.source} starts {begins} here, later than it should", "truncated", self.source)
        if np.isnan(score[0]):
            return Gap(self.name, f"{self.source} has not moved in its whole window", "model", self.source)
        return Reading(
            name=self.name,
            score=float(np.clip(self.sign * score[0], -CLIP, CLIP)),
            raw=float(now.value[0]),
            period=now.period[0].astype(dt.date),
            known_at=_aware(now.known_at[0]),
            note=self.note(view, now) if self.note else "",
        )

    def scores_at(self, view: AsOf, moments: np.ndarray) -> np.ndarray:
        """Scores at many moments up to the view's own, each as known then; NaN where there is a gap.

        Parameters
        ----------
        moments : ndarray of datetime64[us], ascending, UTC

        Returns
        -------
        ndarray of float64, shape (n,)
            Standard deviations, clipped to +-3.
        """
        now, past = self._points(view, moments)
        grid = month_moments(moments, before=self.window - 1)
        ends = np.searchsorted(grid, moments, side="left")
        score, count = _scores(now.value, past.value, ends, self.window)
        whole = (count >= self.least) & ~self._cut_short(view, moments)
        return np.where(whole, np.clip(self.sign * score, -CLIP, CLIP), np.nan)

    def scale(self, view: AsOf, moment: dt.datetime) -> tuple[float, ScoreScale]:
        """The raw value at `moment` and what it is measured against, as far as the view knows.

        Parameters
        ----------
        moment : datetime.datetime
            The view's own, or a later one: what is known stays as it is until then. Only a raw value that
            does not grow stale may be asked for later.

        Returns
        -------
        (raw, scale)
            In the signal's unit; NaN where nothing usable is known.
        """
        now, past = self._points(view, one(moment))
        readings = past.value[max(0, past.value.size - (self.window - 1)) :]
        readings = readings[~np.isnan(readings)]
        mean = float(readings.mean()) if readings.size else math.nan
        squares = float(np.square(readings - mean).sum())
        return float(now.value[0]), ScoreScale(self.sign, mean, squares, readings.size, self.least)

    def _cut_short(self, view: AsOf, moments: np.ndarray) -> np.ndarray:
        """True where the window reaches back to years that the series has but that are not held.

        A provider that serves the last years only must give a gap, not a smaller window.
        """
        since = describe(self.source).since
        try:
            periods = view.history(self.source).period
        except UndeclaredInput:  # a source in words, such as a pair of funds
            return np.zeros(moments.size, dtype=bool)
        if since is None or not periods.size or periods[0] <= np.datetime64(since, "D") + START_SLACK_DAYS:
            return np.zeros(moments.size, dtype=bool)
        grid = month_moments(moments, before=self.window - 1)
        first = np.searchsorted(grid, moments, side="left") - (self.window - 1)
        return grid[np.maximum(first, 0)].astype("datetime64[D]") < periods[0]

    def _points(self, view: AsOf, moments: np.ndarray) -> tuple[Points, Points]:
        """The raw value at the moments, and at the month-ends before them, in one call."""
        grid = month_moments(moments, before=self.window - 1)
        both = self.raw(view, np.concatenate([grid, moments]))
        size = grid.size
        return (
            Points(both.value[size:], both.period[size:], both.known_at[size:]),
            Points(both.value[:size], both.period[:size], both.known_at[:size]),
        )

    def _silence(self, view: AsOf, now: Points) -> Gap:
        """Why nothing can be said: never held, or too old."""
        try:
            periods = view.history(self.source).period
        except UndeclaredInput:  # a source in words, such as a pair of funds
            periods = now.period[~np.isnat(now.period)]
        if not periods.size:
            return Gap(self.name, f"nothing is stored of {self.source}", "missing", self.source)
        if np.isnat(now.period[0]):
            return Gap(
                self.name, f"{self.source} starts {periods[0]}, too late for a first value", "short", self.source
            )
        return Gap(self.name, f"{self.source} ends with {periods[-1]}", "stale", self.source)


def _scores(now: np.ndarray, past: np.ndarray, ends: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Standard score of each `now` among itself and the `window` - 1 values of `past` before its end, and the count."""
    offsets = np.arange(-(window - 1), 0)
    row = ends[:, None] + offsets[None, :]
    rows = np.where(row >= 0, past[np.maximum(row, 0)] if past.size else np.nan, np.nan)
    rows = np.concatenate([rows, now[:, None]], axis=1)
    valid = ~np.isnan(rows)
    count = valid.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(valid, rows, 0.0).sum(axis=1) / count
        spread = np.where(valid, rows - mean[:, None], 0.0)
        sd = np.sqrt((spread**2).sum(axis=1) / (count - 1))
        score = np.where(sd > FLAT, (now - mean) / sd, np.nan)
    return score, np.where(np.isnan(now), 0, count)


def _aware(known_at: np.datetime64) -> dt.datetime:
    return known_at.astype(dt.datetime).replace(tzinfo=dt.UTC)
