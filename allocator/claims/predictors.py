"""Claims about what leads small caps: a widening spread, a high spread, the policy rate, dealmaking.

Every predictor is read at the month-end cut as it was known then, and faces the month after it.

References
----------
Gilchrist and Zakrajsek (2012), "Credit Spreads and Business Cycle Fluctuations", AER 102(4).
"""

from collections.abc import Callable

import numpy as np

from allocator.claims.claim import Claim, Finding, Measure, PairMeasure, Question
from allocator.claims.inference import slope
from allocator.claims.samples import MODERN_FROM, Sample, ahead, funds, indices, size_premium
from signals.asof import AsOf
from signals.catalog import adviser_strength, credit_level, ipo_window, merger_activity, policy_change
from signals.scoring.points import months_before
from signals.signal import Gap

Predictor = Callable[[AsOf, np.ndarray], np.ndarray]
QUARTER = 3  # months
_BAA = (credit_level.SPREAD,)
_TARGET = ("fomc:target", policy_change.EFFECTIVE)
PER_POINT, PER_SD = "% per month per point", "% per month per sd"


def widening(months: int) -> Predictor:
    """Change of the Baa spread over `months`, percentage points, as known at each moment."""

    def change(view: AsOf, moments: np.ndarray) -> np.ndarray:
        now = credit_level.spread(view, moments)
        return now.minus(credit_level.spread(view, months_before(moments, months))).value

    return change


def spread_level(view: AsOf, moments: np.ndarray) -> np.ndarray:
    """Level of the spread in standard deviations of its last ten years."""
    return credit_level.SCORE.scores_at(view, moments)


def policy(view: AsOf, moments: np.ndarray) -> np.ndarray:
    """Change of the policy rate over twelve months, percentage points."""
    return policy_change.change(view, moments).value


def _since_1963(view: AsOf) -> Sample:
    return size_premium(view)


def _since_1984(view: AsOf) -> Sample:
    return size_premium(view).since(MODERN_FROM)


def _of_pair(
    words: str, predictor: Predictor, *, sign: int, sources: tuple[str, ...], decides: bool = False
) -> PairMeasure:
    """The next month of any sample, after what was known at the month-end before it."""
    unit = PER_POINT if sources in (_BAA, _TARGET) and predictor is not spread_level else PER_SD

    def measure(view: AsOf, outcome: Sample) -> Finding | Gap:
        question = Question(
            f"{outcome.name}, {words}", unit, sign=sign, sources=(*outcome.sources, *sources), decides=decides
        )
        return _regress(view, question, predictor, outcome, outcome.month)

    return measure


def _next_month(
    words: str,
    predictor: Predictor,
    sample: Callable[[AsOf], Sample],
    *,
    sign: int,
    sources: tuple[str, ...],
    decides: bool = True,
) -> Measure:
    of_sample = _of_pair(words, predictor, sign=sign, sources=sources, decides=decides)
    return lambda view: of_sample(view, sample(view))


def same_month_widening(view: AsOf) -> Finding | Gap:
    """The return of the widening's own month: nobody can trade on it."""
    outcome = size_premium(view)
    words = f"{outcome.name}, the same month's widening (not tradable)"
    question = Question(words, PER_POINT, sign=-1, sources=(*outcome.sources, credit_level.SPREAD), decides=False)
    return _regress(view, question, widening(1), outcome, outcome.month + 1)


def _regress(view: AsOf, question: Question, predictor: Predictor, outcome: Sample, month: np.ndarray) -> Finding | Gap:
    """The slope of `outcome` on what was known at the month-end before each of `month`."""
    moments, rows = ahead(view, month)
    finding = slope(question, outcome, rows, predictor(view, moments)) if moments.size else None
    reason = f"{question.definition}: fewer than five years of months are known"
    return finding or Gap("predictor", reason, "short", question.sources[-1])


WIDENING = Claim(
    name="widening",
    says="Spreads widen, so underweight small caps",
    test="slope of next month's small minus large on the widening of the Baa spread below zero",
    measures=(
        _next_month("after a three-month widening", widening(QUARTER), _since_1963, sign=-1, sources=_BAA),
        _next_month("after a one-month widening", widening(1), _since_1963, sign=-1, sources=_BAA),
        _next_month("after a three-month widening", widening(QUARTER), funds, sign=-1, sources=_BAA),
        _next_month("after a three-month widening", widening(QUARTER), indices, sign=-1, sources=_BAA, decides=False),
        same_month_widening,
    ),
    of_pair=(_of_pair("after a three-month widening", widening(QUARTER), sign=-1, sources=_BAA),),
)
SPREAD_LEVEL = Claim(
    name="spread_level",
    says="A high spread level has led small-cap outperformance",
    test="slope of next month's small minus large on the ten-year z of the Baa spread above zero",
    measures=(
        _next_month("after a high spread, since 1963", spread_level, _since_1963, sign=+1, sources=_BAA),
        _next_month("after a high spread, since 1984", spread_level, _since_1984, sign=+1, sources=_BAA),
        _next_month("after a high spread", spread_level, funds, sign=+1, sources=_BAA),
        _next_month("after a high spread", spread_level, indices, sign=+1, sources=_BAA, decides=False),
    ),
    of_pair=(_of_pair("after a high spread", spread_level, sign=+1, sources=_BAA),),
)
POLICY_CHANGE = Claim(
    name="policy_change",
    says="A rising policy rate hurts small caps, a falling one helps",
    test="slope of next month's small minus large on the twelve-month change of the policy rate below zero",
    measures=(
        _next_month("after a rising rate, since 1963", policy, _since_1963, sign=-1, sources=_TARGET),
        _next_month("after a rising rate, since 1984", policy, _since_1984, sign=-1, sources=_TARGET),
        _next_month("after a rising rate", policy, funds, sign=-1, sources=_TARGET),
        _next_month("after a rising rate", policy, indices, sign=-1, sources=_TARGET, decides=False),
    ),
    of_pair=(_of_pair("after a rising rate", policy, sign=-1, sources=_TARGET),),
)


_OFFERINGS, _FILINGS = ipo_window.SCORE.legs[0], merger_activity.SCORE.legs[0]
_ADVISERS = tuple(f"yahoo:{ticker}" for ticker in adviser_strength.ADVISERS)
DEALMAKING = Claim(
    name="dealmaking",
    says="Dealmaking leads small caps",
    test="slope of next month's small minus large on the ten-year z of a measure of dealmaking above zero",
    measures=(
        _next_month(
            "after many offerings, since 1984",
            _OFFERINGS.scores_at,
            _since_1984,
            sign=+1,
            sources=(ipo_window.OFFERINGS,),
        ),
        _next_month("after many offerings", _OFFERINGS.scores_at, funds, sign=+1, sources=(ipo_window.OFFERINGS,)),
        _next_month("after strong deal advisers", adviser_strength.SCORE.scores_at, funds, sign=+1, sources=_ADVISERS),
        _next_month("after many merger filings", _FILINGS.scores_at, funds, sign=+1, sources=("edgar:DEFM14A",)),
    ),
    of_pair=(
        _of_pair("after many offerings", _OFFERINGS.scores_at, sign=+1, sources=(ipo_window.OFFERINGS,)),
        _of_pair("after strong deal advisers", adviser_strength.SCORE.scores_at, sign=+1, sources=_ADVISERS),
    ),
)
