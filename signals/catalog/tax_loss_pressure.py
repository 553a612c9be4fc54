"""How much of the year's loss in small caps is left to sell before the year ends.

Investors sell what has lost to save taxes by December and come back in January. The pressure is the loss of
IWM from the first session of the year to the last close of November, zero after a gain. It is read from that close to
the end of January, against the pressures of earlier years, and it is zero the rest of the year.

References
----------
Reinganum (1983), "The Anomalous Stock Market Behavior of Small Firms in January", JFE 12(1).
"""

import datetime as dt
from functools import cache

import numpy as np

from signals import new_york
from signals.asof import AsOf
from signals.calendars import FIRST_YEAR, LAST_YEAR, month_end_sessions
from signals.derived.small_minus_large import MAX_AGE_DAYS, SMALL
from signals.derived.total_return import growth, price_inputs
from signals.scoring.points import newest, one
from signals.signal import CLIP, Gap, Reading, Signal

NOVEMBER, JANUARY, DECEMBER = 11, 1, 12
LEAST_YEARS = 10
PERCENT = 100


@cache
def november_closes() -> np.ndarray:
    """The last session of every November, datetime64[D]."""
    ends = np.array(month_end_sessions(dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31)), dtype="datetime64[D]")
    return ends[ends.astype("datetime64[M]").astype("int64") % 12 + 1 == NOVEMBER]


def pressures(view: AsOf) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(year, percent lost by the last November close, when that was known), for every whole year held."""
    grown = growth(view, SMALL)
    year = grown.period.astype("datetime64[Y]")
    ends = np.flatnonzero(np.isin(grown.period, november_closes()))
    before = np.searchsorted(year, year[ends], side="left") - 1
    whole = before >= 0
    ends, before = ends[whole], before[whole]
    lost = PERCENT * np.maximum(0.0, 1 - grown.value[ends] / grown.value[before])
    return year[ends].astype("int64") + 1970, lost, np.asarray(grown.known_at)[ends]


def _raw_and_scores(view: AsOf, moments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Percent of loss to sell, and its score among the years up to it, at each moment; NaN for a gap."""
    _, lost, known_at = pressures(view)
    days = new_york.days(moments)
    month = days.astype("datetime64[M]").astype("int64") % 12 + 1
    count = np.searchsorted(known_at, moments, side="right")
    season = np.isin(month, (DECEMBER, JANUARY)) | ((month == NOVEMBER) & _closed(known_at, count, days))
    raw, score = np.full(moments.size, np.nan), np.full(moments.size, np.nan)
    traded = newest(growth(view, SMALL), moments).fresh(moments, max_age_days=MAX_AGE_DAYS).value
    count = np.where(np.isnan(traded), 0, count)
    for number in np.unique(count[count >= LEAST_YEARS]):
        past = lost[:number]
        spread = past.std(ddof=1)
        z = (past[-1] - past.mean()) / spread if spread > 0 else 0.0  # no year has lost: nothing to sell
        here = count == number
        raw[here] = np.where(season[here], past[-1], 0.0)
        score[here] = np.where(season[here], np.clip(z, -CLIP, CLIP), 0.0)
    return raw, score


def _closed(known_at: np.ndarray, count: np.ndarray, days: np.ndarray) -> np.ndarray:
    """True where the newest November close is of the running month."""
    if not known_at.size:
        return np.zeros(days.size, dtype=bool)
    newest = known_at[np.maximum(count - 1, 0)].astype("datetime64[M]")
    return (count > 0) & (newest == days.astype("datetime64[M]"))


def answer(view: AsOf) -> Reading | Gap:
    """The pressure in season, zero out of it."""
    years, lost, known_at = pressures(view)
    if years.size < LEAST_YEARS:
        code = "short" if years.size else "missing"
        return Gap("tax_loss_pressure", f"yahoo:{SMALL} gives {years.size} whole years, {LEAST_YEARS} are needed", code)
    raw, score = _raw_and_scores(view, one(view.moment))
    if np.isnan(score[0]):
        return Gap("tax_loss_pressure", f"yahoo:{SMALL} ends with {growth(view, SMALL).period[-1]}", "stale")
    return Reading(
        name="tax_loss_pressure",
        score=float(score[0]),
        raw=float(raw[0]),
        period=dt.date(int(years[-1]), NOVEMBER, 30),
        known_at=known_at[-1].astype(dt.datetime).replace(tzinfo=dt.UTC),
        note=f"{lost[-1]:.1f} % lost by November {years[-1]}; read from December to January",
    )


def scores_at(view: AsOf, moments: np.ndarray) -> np.ndarray:
    """Scores at many moments, NaN for a gap; equal to asking one by one."""
    return _raw_and_scores(view, moments)[1]


SIGNAL = Signal(
    name="tax_loss_pressure",
    family="season",
    asks="Is there a loss to sell before the year ends?",
    inputs=price_inputs(SMALL),
    unit="percent lost by the last close of November",
    prior="positive from December to January, faded",
    answer=answer,
    scores_at=scores_at,
)
