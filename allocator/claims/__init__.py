"""The folklore of small caps, registered as hypotheses and tested on what is known (METHOD 0).

A new claim is a new constant in one of these files and a line here.
"""

from allocator.claims.claim import Claim, Examined, Finding, Question, examine, verdict_of
from allocator.claims.financing import CUTS_HELP
from allocator.claims.january import JANUARY
from allocator.claims.predictors import DEALMAKING, POLICY_CHANGE, SPREAD_LEVEL, WIDENING
from allocator.claims.rate_cycle import EASING, FIRST_CUT
from allocator.claims.size import FACTOR, LAGGED, MANAGERS
from allocator.claims.structure import FLOATING, LEVERAGE, OWN_RISK, PASSIVE, UNIVERSE
from signals.asof import AsOf

CLAIMS: tuple[Claim, ...] = (
    EASING,
    FIRST_CUT,
    POLICY_CHANGE,
    WIDENING,
    SPREAD_LEVEL,
    DEALMAKING,
    JANUARY,
    LAGGED,
    LEVERAGE,
    FLOATING,
    CUTS_HELP,
    OWN_RISK,
    UNIVERSE,
    PASSIVE,
    MANAGERS,
    FACTOR,
)


def examined(view: AsOf) -> tuple[Examined, ...]:
    """Every claim, recomputed from the facts known at the view's moment."""
    return tuple(examine(claim, view) for claim in CLAIMS)


__all__ = ["CLAIMS", "Claim", "Examined", "Finding", "Question", "examine", "examined", "verdict_of"]
