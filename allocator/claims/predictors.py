"""Claims about what leads small caps: a widening spread, a high spread, a change of the policy rate.

Every predictor is read at the month-end cut as it was known then, and faces the month after it.

References
----------
Gilchrist and Zakrajsek (2012), "Credit Spreads and Business Cycle Fluctuations", AER 102(4).
"""

from collections.abc import Callable

import numpy as np

from allocator.claims.claim import Claim, Finding, Measure, Question
from allocator.claims.inference import slope
from allocator.claims.samples import MODERN_FROM, Sample, ahead, funds, size_premium
from signals.asof import AsOf
from signals.catalog import credit_level, policy_change
from signals.scoring.points import months_before
from signals.signal import Gap

Predictor = Callable[[AsOf, np.ndarray], np.ndarray]
QUARTER = 3  # months
PER_POINT, PER_SD = "% per month per point", "% per month per sd"


def widening(months: int) -> Predictor:
    """Change of the Baa spread over `months`, percentage points, as known at each moment."""

    def change(view: AsOf, moments: np.ndarray) -> np.ndarray:
        now = credit_level.spread(view, moments)
        return now.minus(credit_level.spread(view, months_before(moments, months))).value

    return change


def spread_level(view: AsOf, moments: np.ndarray) -> np.ndarray:
    """Level of the spread in standard deviations of its last ten years."""
    return credit_level.SCORE.panel(view, moments)


def policy(view: AsOf, moments: np.ndarray) -> np.ndarray:
    """Change of the policy rate over twelve months, percentage points."""
    return policy_change.change(view, moments).value


def _since_1963(view: AsOf) -> Sample:
    return size_premium(view)


def _since_1984(view: AsOf) -> Sample:
    return size_premium(view).since(MODERN_FROM)


def _next_month(
    words: str, predictor: Predictor, sample: Callable[[AsOf], Sample], *, sign: int, sources: tuple[str, ...]
) -> Measure:
    unit = PER_SD if predictor is spread_level else PER_POINT

    def measure(view: AsOf) -> Finding | Gap:
        outcome = sample(view)
        question = Question(f"{outcome.name}, {words}", unit, sign=sign, sources=(*outcome.sources, *sources))
        return _face(view, question, predictor, outcome, outcome.month)

    return measure


def _same_month(view: AsOf) -> Finding | Gap:
    """Face the return of the widening's own month: nobody can trade on it."""
    outcome = size_premium(view)
    words = f"{outcome.name}, the same month's widening (not tradable)"
    question = Question(words, PER_POINT, sign=-1, sources=(*outcome.sources, credit_level.SPREAD), decides=False)
    return _face(view, question, widening(1), outcome, outcome.month + 1)


def _face(view: AsOf, question: Question, predictor: Predictor, outcome: Sample, month: np.ndarray) -> Finding | Gap:
    """The slope of `outcome` on what was known at the month-end before each of `month`."""
    moments, place = ahead(view, month)
    found = slope(question, outcome, place, predictor(view, moments)) if moments.size else None
    reason = f"{question.definition}: fewer than five years of months are known"
    return found or Gap("predictor", reason, "short", question.sources[-1])


_BAA = (credit_level.SPREAD,)
WIDENING = Claim(
    name="widening",
    says="Spreads widen, so underweight small caps",
    test="slope of next month's small minus large on the widening of the Baa spread below zero",
    measures=(
        _next_month("after a three-month widening", widening(QUARTER), _since_1963, sign=-1, sources=_BAA),
        _next_month("after a one-month widening", widening(1), _since_1963, sign=-1, sources=_BAA),
        _next_month("after a three-month widening", widening(QUARTER), funds, sign=-1, sources=_BAA),
        _same_month,
    ),
)
SPREAD_LEVEL = Claim(
    name="spread_level",
    says="A high spread level has led small-cap outperformance",
    test="slope of next month's small minus large on the ten-year z of the Baa spread above zero",
    measures=(
        _next_month("after a high spread, since 1963", spread_level, _since_1963, sign=+1, sources=_BAA),
        _next_month("after a high spread, since 1984", spread_level, _since_1984, sign=+1, sources=_BAA),
        _next_month("after a high spread", spread_level, funds, sign=+1, sources=_BAA),
    ),
)
_TARGET = ("fomc:target", policy_change.EFFECTIVE)
POLICY_CHANGE = Claim(
    name="policy_change",
    says="A rising policy rate hurts small caps, a falling one helps",
    test="slope of next month's small minus large on the twelve-month change of the policy rate below zero",
    measures=(
        _next_month("after a rising rate, since 1963", policy, _since_1963, sign=-1, sources=_TARGET),
        _next_month("after a rising rate, since 1984", policy, _since_1984, sign=-1, sources=_TARGET),
        _next_month("after a rising rate", policy, funds, sign=-1, sources=_TARGET),
    ),
)
