"""The folklore of small caps, registered as hypotheses and tested on what is known (METHOD 0).

A new claim is a new constant in one of these files and a line here.
"""

from allocator.claims.claim import Claim, Examined, Finding, Question, examine, verdict_of
from allocator.claims.financing import CUTS_HELP
from allocator.claims.january import JANUARY
from allocator.claims.predictors import DEALMAKING, POLICY_CHANGE, SPREAD_LEVEL, WIDENING
from allocator.claims.rate_cycle import EASING, FIRST_CUT
from allocator.claims.samples import FUNDS, funds
from allocator.claims.size import FACTOR, LAGGED, MANAGERS
from allocator.claims.structure import FLOATING, LEVERAGE, OWN_RISK, PASSIVE, UNIVERSE
from allocator.size_pairs import is_size_pair
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


def examined(view: AsOf, pair: tuple[str, str] = FUNDS) -> tuple[Examined, ...]:
    """Every claim, recomputed from the facts known at the view's moment.

    Parameters
    ----------
    view : AsOf
    pair : (small, large)
        A pair of the declared US size pairs gets its own lines beside the registered ones wherever the claim is about
        small minus large. They never decide: a claim is registered before it is looked at. Any other pair gets none,
        since the claims are about US companies and the Fed.
    """
    own = funds(view, *pair) if pair != FUNDS and is_size_pair(*pair) else None
    return tuple(examine(claim, view, own) for claim in CLAIMS)


__all__ = ["CLAIMS", "Claim", "Examined", "Finding", "Question", "examine", "examined", "verdict_of"]
