"""High-yield credit, where its history was kept.

The option-adjusted spread of high-yield bonds is the price closest to what small companies pay. FRED serves its
last three years only, so a longer history is that of the archive here. Ten years of it are scored
against themselves; with less, the Baa spread is the long leg and gives the score. The splice and how well
the two agreed where they overlap are said on the face.

References
----------
Gilchrist and Zakrajsek (2012), "Credit Spreads and Business Cycle Fluctuations", AER 102(4).
"""

import numpy as np

from signals.asof import AsOf
from signals.catalog.credit_level import INPUTS as LONG_LEG
from signals.catalog.credit_level import SPREAD, spread
from signals.new_york import instant
from signals.scoring.points import Points, all_month_cuts, known, one
from signals.scoring.zscore import MONTHS, Trailing
from signals.signal import Gap, Reading, Signal

HIGH_YIELD = "fred:BAMLH0A0HYM2"  # percent, daily from 1996-12-31; archived, never replaced
MAX_AGE_DAYS = 20  # calendar days
LEAST_OVERLAP = 24  # months, before an overlap is described


def option_adjusted(view: AsOf, moments: np.ndarray) -> Points:
    """The high-yield spread, percent, as known then."""
    return known(view, HIGH_YIELD, moments).fresh(moments, max_age_days=MAX_AGE_DAYS)


def overlap(view: AsOf) -> str:
    """How well the two spreads agreed at the month-ends known by now."""
    cuts = all_month_cuts()
    cuts = cuts[cuts <= instant(view.moment)]
    short, long = option_adjusted(view, cuts).value, spread(view, cuts).value
    both = ~(np.isnan(short) | np.isnan(long))
    if both.sum() < LEAST_OVERLAP:
        return f"overlap with {SPREAD} of {both.sum()} months only"
    short, long = short[both], long[both]
    level = np.corrcoef(short, long)[0, 1]
    moves = np.corrcoef(np.diff(short), np.diff(long))[0, 1]
    slope = np.polyfit(long, short, 1)[0]
    return (
        f"overlap with {SPREAD} since {cuts[both][0].astype('datetime64[M]')}: {both.sum()} months, "
        f"correlation {level:.2f} of levels and {moves:.2f} of monthly changes, {slope:.1f} points for each point"
    )


def answer(view: AsOf) -> Reading | Gap:
    """The high-yield spread, scored on its own ten years or on the Baa spread's."""
    own, long = OWN.answer(view), LONG.answer(view)
    now = option_adjusted(view, one(view.moment))
    if np.isnan(now.value[0]) or (isinstance(own, Gap) and own.code not in {"short", "truncated"}):
        return own if isinstance(own, Gap) else Gap("high_yield", f"{HIGH_YIELD} is not stored", "missing", HIGH_YIELD)
    if isinstance(own, Reading):
        return Reading(own.name, own.score, own.raw, own.period, own.known_at, overlap(view))
    if isinstance(long, Gap):
        return Gap(
            "high_yield", f"{HIGH_YIELD} is held for under ten years, and {long.reason}", "truncated", HIGH_YIELD
        )
    begins = view.latest(HIGH_YIELD).period[0]
    note = f"stored since {begins} only: scored on {SPREAD}, the long leg; {overlap(view)}"
    known_at = now.known_at[0].astype("datetime64[us]").item().replace(tzinfo=long.known_at.tzinfo)
    return Reading("high_yield", long.score, float(now.value[0]), now.period[0].item(), known_at, note)


def scores_at(view: AsOf, moments: np.ndarray) -> np.ndarray:
    """Scores at many moments, NaN for a gap; equal to asking one by one."""
    published = ~np.isnan(option_adjusted(view, moments).value)
    own, long = OWN.scores_at(view, moments), LONG.scores_at(view, moments)
    return np.where(published, np.where(np.isnan(own), long, own), np.nan)


OWN = Trailing("high_yield", option_adjusted, sign=+1, source=HIGH_YIELD, least=MONTHS)
LONG = Trailing("high_yield", spread, sign=+1, source=SPREAD)
SIGNAL = Signal(
    name="high_yield",
    family="credit",
    asks="Are the riskiest borrowers paying more than usual?",
    inputs=(HIGH_YIELD, *LONG_LEG),
    unit="percent",
    prior="positive, as the level of the Baa spread",
    answer=answer,
    scores_at=scores_at,
)
