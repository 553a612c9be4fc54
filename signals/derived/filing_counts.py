"""Counts of filings at the SEC as a measure of dealmaking, compared with the same weeks of earlier years.

1. Daily counts of each form are summed over weeks that are complete: those whose last business day is known.
2. Four weeks are added up and logged; filings follow the calendar (fiscal years, holidays), so the mean of the
   same week of up to five earlier years, at least two, is taken off.
"""

import numpy as np

from signals.asof import AsOf, History
from signals.calendars import holidays
from signals.scoring.rolling import NO_HISTORY, learned

WEEKS = 4  # summed, so that one busy Friday is not a boom
WEEKS_A_YEAR = 52
YEARS, LEAST_YEARS = 5, 2
MONDAY = np.datetime64("1970-01-05", "D")
WEEK = np.timedelta64(7, "D")


def series(forms: tuple[str, ...]) -> tuple[str, ...]:
    """The series that hold the daily counts of `forms`, such as ``edgar:S-1``."""
    return tuple(f"edgar:{form.replace(' ', '_').replace('/', '_')}" for form in forms)


def weekly(view: AsOf, forms: tuple[str, ...]) -> History:
    """Filings of any of `forms` a week, by the week's Monday; complete weeks of all forms only."""
    counts = [_complete_weeks(view.latest(name)) for name in series(forms)]
    if any(not part.period.size for part in counts):
        return NO_HISTORY
    shared = counts[0].period
    for part in counts[1:]:
        shared = np.intersect1d(shared, part.period)
    chosen = [np.isin(part.period, shared) for part in counts]
    known_at = np.maximum.reduce([part.known_at[rows] for part, rows in zip(counts, chosen, strict=True)])
    value = sum(part.value[rows] for part, rows in zip(counts, chosen, strict=True))
    return History(shared, learned(known_at), np.asarray(value, dtype=np.float64))


def _complete_weeks(daily: History) -> History:
    if not daily.period.size:
        return daily
    monday = MONDAY + (daily.period - MONDAY) // WEEK * WEEK
    first = np.flatnonzero(np.append(True, monday[1:] != monday[:-1]))
    mondays = monday[first]
    closing = np.busday_offset(mondays + np.timedelta64(4, "D"), 0, roll="backward", holidays=holidays())
    complete = np.isin(closing, daily.period)
    return History(
        mondays[complete],
        np.maximum.reduceat(daily.known_at, first)[complete],
        np.add.reduceat(daily.value, first)[complete],
    )


def unusual(counts: History, *, summed: int = WEEKS, a_year: int = WEEKS_A_YEAR, years: int = YEARS) -> History:
    """Log of the sum of the newest counts less its mean at the same time of earlier years.

    Parameters
    ----------
    counts : History
        Without holes, one version a period.
    summed, a_year : int
        Periods added up, and periods in a year.
    years : int
        Earlier years that make the norm; at least `LEAST_YEARS` of them, and half of them.
    """
    if counts.period.size < summed:
        return NO_HISTORY
    total = np.cumsum(np.append(0.0, counts.value))
    level = np.log1p(total[summed:] - total[:-summed])
    period, known_at = counts.period[summed - 1 :], learned(counts.known_at)[summed - 1 :]
    before = np.array([_earlier(level, a_year * year) for year in range(1, years + 1)])
    count = (~np.isnan(before)).sum(axis=0)
    usable = count >= max(LEAST_YEARS, years // 2)
    normal = np.nansum(before, axis=0)[usable] / count[usable]
    return History(period[usable], known_at[usable], level[usable] - normal)


def _earlier(level: np.ndarray, periods: int) -> np.ndarray:
    lagged = np.full(level.size, np.nan)
    if level.size > periods:
        lagged[periods:] = level[:-periods]
    return lagged


def yearly(view: AsOf, forms: tuple[str, ...]) -> History:
    """Filings of any of `forms` in 52 complete weeks, by the Monday of the last one."""
    weeks = weekly(view, forms)
    if weeks.period.size < WEEKS_A_YEAR:
        return NO_HISTORY
    total = np.cumsum(np.append(0.0, weeks.value))
    last = slice(WEEKS_A_YEAR - 1, None)
    return History(weeks.period[last], learned(weeks.known_at)[last], total[WEEKS_A_YEAR:] - total[:-WEEKS_A_YEAR])
