"""Structural logit: whether the leg goes on, learned from mature labels, hikes and cuts pooled."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from regime.features import Rows
from regime.models.model import Fitted, Model, Past
from regime.models.softmax import Softmax, fit_softmax
from regime.models.structural_hazard import MARKET, market_features, policy_features
from regime.open_phases import NEW_LEG, against, open_phases, over_phases

PENALTY = 1.0  # ridge on standardised coefficients; fixed in advance


@dataclass(frozen=True, slots=True)
class StructuralLogit:
    """A fitted chance that the moving phase is on."""

    logit: Softmax
    market: bool

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Probability of each phase, shape (n, 4)."""
        moving = self.logit.probabilities(_features(rows, market=self.market))[:, 1]
        return over_phases(rows, np.where(against(rows), NEW_LEG * moving, moving))


def _features(rows: Rows, *, market: bool) -> np.ndarray:
    """Policy features; with market the signed yields too, an unknown one counting as equal to the target."""
    policy = policy_features(rows, ahead=0)
    return np.column_stack([policy, np.nan_to_num(market_features(rows, MARKET))]) if market else policy


def _fitted(*, market: bool) -> Callable[[Past], Fitted]:
    def fit(past: Past) -> Fitted:
        rows, code = past.mature()
        moving, hold = open_phases(rows)
        informative = ((code == moving) | (code == hold)) & ~against(rows)  # case B has its prior instead
        rows, on = rows.take(informative), (code[informative] == moving[informative]).astype(int)
        return StructuralLogit(fit_softmax(_features(rows, market=market), on, classes=2, penalty=PENALTY), market)

    return fit


POLICY = Model(
    name="structural_logit", says="whether the leg goes on, by a logit on the policy path", fit=_fitted(market=False)
)
WITH_MARKET = Model(
    name="structural_logit_market",
    says="whether the leg goes on, by a logit on the policy path and market yields",
    fit=_fitted(market=True),
    market=True,
)
