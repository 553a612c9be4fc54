"""Financial conditions, by the Chicago Fed's index.

Tight conditions reach small borrowers first. The whole history of the index is estimated anew every
Wednesday, so a history downloaded later is not what anybody saw then. Each vintage carries its own history:
the newest reading is compared with the ten years before it inside the newest vintage known.

References
----------
Brave and Butters (2011), "Monitoring Financial Stability: A Financial Conditions Index Approach",
Economic Perspectives 35(1), Federal Reserve Bank of Chicago.
"""

import datetime as dt

import numpy as np

from signals.asof import AsOf, History
from signals.new_york import instant
from signals.scoring.vintages import hindsight
from signals.scoring.zscore import FLAT, LEAST, MONTHS
from signals.signal import CLIP, Gap, Reading, Signal

NAME = "financial_conditions"
INDEX = "fred:NFCI"  # standard deviations, weekly, positive is tight; as the daily fetch has seen it
VINTAGES = "chicagofed:NFCI"  # the same index, whole downloads of past days
MAX_AGE = np.timedelta64(30, "D")  # a week, its release five days on, and two weeks of grace


def answer(view: AsOf) -> Reading | Gap:
    """The newest reading among the month-ends of its own vintage."""
    gaps = {series: _fault(view, series) for series in (INDEX, VINTAGES)}
    usable = [series for series, gap in gaps.items() if gap is None]
    if not usable:
        known = [gap for gap in gaps.values() if gap is not None and gap.code != "missing"]
        return known[0] if known else Gap(NAME, f"nothing is known of {INDEX}", "missing", INDEX)
    source = max(usable, key=lambda series: view.latest(series).period[-1])  # the first of equals
    vintage = view.latest(source)
    readings = _month_ends(vintage)[-MONTHS:]
    if readings.size < LEAST:
        return Gap(NAME, f"{source} gives {readings.size} month-ends, {LEAST} are needed", "short", source)
    spread = readings.std(ddof=1)
    if spread <= FLAT:
        return Gap(NAME, f"{source} has not moved in its whole window", "model", source)
    score = -(readings[-1] - readings.mean()) / spread
    learned = vintage.known_at.max()
    return Reading(
        name=NAME,
        score=float(np.clip(score, -CLIP, CLIP)),
        raw=float(readings[-1]),
        period=vintage.period[-1].astype(dt.date),
        known_at=learned.astype(dt.datetime).replace(tzinfo=dt.UTC),
        note=f"within the vintage of {learned.astype('datetime64[D]')} of {source}",
    )


def _fault(view: AsOf, series: str) -> Gap | None:
    """Why a source cannot answer; None where it can."""
    periods = view.latest(series).period
    if not periods.size:
        return Gap(NAME, f"nothing is known of {series}", "missing", series)
    if instant(view.moment).astype("datetime64[D]") - periods[-1] > MAX_AGE:
        return Gap(NAME, f"{series} ends with {periods[-1]}", "stale", series)
    return hindsight(view, series, NAME)


def _month_ends(weekly: History) -> np.ndarray:
    """The last value of each month; the running month counts with its newest."""
    month = weekly.period.astype("datetime64[M]")
    return weekly.value[np.append(month[1:] != month[:-1], True)]


SIGNAL = Signal(
    name=NAME,
    family="credit",
    asks="Are financial conditions tight?",
    inputs=(INDEX, VINTAGES),
    unit="standard deviations, positive is tight",
    prior="negative",
    answer=answer,
)
