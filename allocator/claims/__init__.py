"""The folklore of small caps, registered as hypotheses and tested on what is known (METHOD 0).

A new claim is a new constant in one of these files and a line here.
"""

from allocator.claims.claim import Claim, Examined, Finding, Question, examine, judge
from allocator.claims.january import JANUARY
from allocator.claims.predictors import POLICY_CHANGE, SPREAD_LEVEL, WIDENING
from allocator.claims.rate_cycle import EASING, FIRST_CUT
from allocator.claims.size import LAGGED, MANAGERS
from signals.asof import AsOf

CLAIMS: tuple[Claim, ...] = (EASING, FIRST_CUT, JANUARY, LAGGED, WIDENING, SPREAD_LEVEL, POLICY_CHANGE, MANAGERS)


def examined(view: AsOf) -> tuple[Examined, ...]:
    """Every claim, recomputed from the facts known at the view's moment."""
    return tuple(examine(claim, view) for claim in CLAIMS)


__all__ = ["CLAIMS", "Claim", "Examined", "Finding", "Question", "examine", "examined", "judge"]
