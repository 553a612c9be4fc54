"""Every model of the rate cycle, in one explicit registry. Adding one is a file and a line here."""

from regime.models import structural_hazard
from regime.models.challengers import (
    boosting,
    calibrated,
    climatology,
    free_logit,
    hidden_markov,
    markov_switching,
    pool,
    rules,
    structural_logit,
    tables,
)
from regime.models.model import Model
from signals.errors import UsageError

MODELS: tuple[Model, ...] = (
    climatology.MODEL,
    tables.LAST_MOVE,
    tables.PACE_TABLE,
    rules.COIN_TOSS,
    rules.THREE_STEPS,
    free_logit.POLICY,
    free_logit.WITH_MARKET,
    boosting.MODEL,
    hidden_markov.MODEL,
    markov_switching.MODEL,
    structural_logit.POLICY,
    structural_logit.WITH_MARKET,
    structural_hazard.POLICY,
    structural_hazard.WITH_MARKET,
    structural_hazard.WITH_BOUND,
    calibrated.MODEL,
    pool.MODEL,
)
BY_NAME = {model.name: model for model in MODELS}
BASELINES = ("climatology", "last_move_table", "change_table", "coin_toss", "three_steps")  # to beat, not to use


def named(name: str) -> Model:
    """Model of that name; `UsageError` where there is none."""
    if name not in BY_NAME:
        raise UsageError(
            f"[regime] model is {name!r}.", remedy=f"Choose one of {', '.join(BY_NAME)}.", code="bad_setting"
        )
    return BY_NAME[name]
