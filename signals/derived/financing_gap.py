"""How small companies are financed against large ones: a series of `signals.filings` as a signal that only reports."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from signals.asof import AsOf
from signals.filings.size_groups import GROUPS, LARGE, SMALL, STATISTICS, series_of
from signals.scoring.points import Points, combine, newest
from signals.scoring.zscore import Trailing
from signals.signal import Gap, Reading, Signal

MAX_AGE_DAYS = 100  # a quarter between two fetches, and a week
WAITS = "the panel of company filings waits for your first `captilt filings fetch`"


def small_minus_large(measure: str) -> Callable[[AsOf, np.ndarray], Points]:
    """Raw value of a signal: the measure of small companies less that of large ones, as known at each moment."""

    def gap(view: AsOf, moments: np.ndarray) -> Points:
        parts = (view.history(series_of(measure, group)) for group in (SMALL, LARGE))
        return newest(combine(np.subtract, *parts), moments).fresh(moments, max_age_days=MAX_AGE_DAYS)

    return gap


def lines(view: AsOf, measure: str) -> tuple[str, ...]:
    """Both groups with standard error, number of companies and coverage; empty where nothing is known."""
    texts = []
    for group in GROUPS:
        numbers = [view.latest(series_of(measure, group, statistic)).value for statistic in STATISTICS]
        if all(part.size for part in numbers):
            value, error, companies, coverage = (float(part[-1]) for part in numbers)
            texts.append(
                f"{group} companies: {value:.2f}, standard error {error:.2f}, "
                f"{companies:,.0f} companies, {100 * coverage:.0f} % of the group"
            )
    return tuple(texts)


def financing_signal(name: str, measure: str, *, asks: str, unit: str, sign: int = +1) -> Signal:
    """A signal of the family `financing`: it informs a person and never enters the forecast."""
    score = Trailing(name, small_minus_large(measure), sign=sign, source=series_of(measure, SMALL))

    def answer(view: AsOf) -> Reading | Gap:
        reading = score.answer(view)
        if isinstance(reading, Gap) and reading.code == "missing":
            return replace(reading, reason=WAITS)
        return reading

    return Signal(
        name=name,
        family="financing",
        asks=asks,
        inputs=tuple(series_of(measure, group, statistic) for group in GROUPS for statistic in STATISTICS),
        unit=unit,
        prior="none: a description",
        answer=answer,
        scores_at=score.scores_at,
        report_only=True,
        detail=lambda view: lines(view, measure),
    )
