"""Free logit: four classes, no structure. It spends most of its loss on phases that are impossible."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from regime.features import Rows
from regime.models.model import Fitted, Model, Past
from regime.models.softmax import Softmax, fit_softmax
from regime.phase import PHASES

PENALTY = 1.0  # with market features ten times as much (METHOD 1.3)
LONGEST = 24.0  # months since the last move, capped
MARKET = ("gap_1y", "gap_2y", "gap_change_1y", "gap_change_2y")


@dataclass(frozen=True, slots=True)
class FreeLogit:
    """A fitted logit over the four phases."""

    logit: Softmax
    market: bool

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Probability of each phase, shape (n, 4)."""
        return self.logit.probabilities(features(rows, market=self.market))


def features(rows: Rows, *, market: bool) -> np.ndarray:
    """Sign, months since, product, 3-, 6- and 12-month change; with market, yields against the target too.

    An unknown yield counts as equal to the target.
    """
    since = np.minimum(rows["since"], LONGEST)
    policy = [rows["sign"], since, rows["sign"] * since, *(rows[f"change_{months}m"] for months in (3, 6, 12))]
    return np.column_stack([*policy, *(np.nan_to_num(rows[name]) for name in MARKET if market)])


def _fitted(*, market: bool) -> Callable[[Past], Fitted]:
    def fit(past: Past) -> Fitted:
        rows, code = past.mature()
        penalty = 10 * PENALTY if market else PENALTY
        shown = features(rows, market=market)
        return FreeLogit(fit_softmax(shown, code, classes=len(PHASES), penalty=penalty), market)

    return fit


POLICY = Model(name="free_logit", says="four-class logit on the policy path", fit=_fitted(market=False))
WITH_MARKET = Model(
    name="free_logit_market",
    says="four-class logit on the policy path and market yields",
    fit=_fitted(market=True),
    market=True,
)
