"""Duration hazard: what the next month brings, iterated until the leg has gone on or eighteen months are over.

Each month either the same-signed move comes, or none, or an opposite one. Hikes and cuts are pooled by the sign of
the last move. The chance that a leg goes on is the chance that its next material move comes first and within
eighteen months of the last, which is how DATE-4 will judge it. Learning needs only the following month, so no
label has to mature first: this is why the model sees the start of a hold sooner than those that need labels.

Three versions. *Policy only*: months since the last material move, its log, a decay to eighteen months, the
six-month change. *With market*: the 1- and 2-year yields minus the target, and the yields' 3-month changes, held
where they are while the months are iterated. *With the lower bound*: a cut from a target range whose floor is zero
would need negative rates, so its hazard is a tenth of what it would be. That tenth is a judgement; the years before
2008 cannot test it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from regime.dating import EPSILON
from regime.features import Rows
from regime.models.model import Model, Past
from regime.models.softmax import Softmax, fit_softmax
from regime.open_phases import NEW_LEG, against, over_phases

HORIZON = 18  # months: DATE-4 splits a leg after 548 days
MEMORY = 6  # months of target change that the hazard looks at
LONGEST = 24.0  # months since the last move, capped
PENALTY = 1.0  # ridge on standardised coefficients; fixed in advance
MARKET = ("gap_1y", "gap_2y", "gap_change_1y", "gap_change_2y")
ENOUGH = 60  # months with every yield before the market part may speak
LOWER_BOUND = 0.25  # percent: at this upper bound the target range starts at zero
NEGATIVE = 0.1  # share of the hazard of a cut that is left there: negative rates are unlikely, not impossible
OPPOSITE, NONE, SAME = range(3)


@dataclass(frozen=True, slots=True)
class Hazard:
    """A fitted monthly hazard.

    Attributes
    ----------
    policy : Softmax
        On the policy path alone; speaks where a yield is not known.
    market : Softmax or None
        On the policy path and the yields.
    room : float
        Share of the hazard of a cut that is left at the lower bound.
    """

    policy: Softmax
    market: Softmax | None = None
    room: float = 1.0

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Probability of each phase, shape (n, 4)."""
        onward = self.onward(rows)
        return over_phases(rows, np.where(against(rows), NEW_LEG * onward, onward))

    def onward(self, rows: Rows) -> np.ndarray:
        """Chance that the next material move is same-signed and comes within eighteen months of the last; (n,)."""
        chance = self.months(rows, HORIZON)
        quiet, onward = np.ones(rows.size), np.zeros(rows.size)
        for ahead in range(HORIZON):
            in_time = rows["since"] + ahead < HORIZON
            onward += quiet * chance[ahead, :, SAME] * in_time
            quiet *= chance[ahead, :, NONE]
        return onward

    def months(self, rows: Rows, horizon: int) -> np.ndarray:
        """Chance of an opposite move, none, a same-signed move in each coming month; shape (horizon, n, 3).

        Month k is seen from the end of k months without a move.
        """
        policy = np.vstack([policy_features(rows, ahead=ahead) for ahead in range(horizon)])
        yields = np.tile(market_features(rows, MARKET), (horizon, 1))
        known = np.isfinite(yields).all(axis=1) & (self.market is not None)
        chance = np.empty((horizon * rows.size, 3))
        if self.market is not None and known.any():
            chance[known] = self.market.probabilities(np.column_stack([policy, yields])[known])
        if not known.all():
            chance[~known] = self.policy.probabilities(policy[~known])
        chance = chance.reshape(horizon, rows.size, 3)
        floored = rows["target"] <= LOWER_BOUND + EPSILON
        for move, cuts in ((SAME, rows["sign"] < 0), (OPPOSITE, rows["sign"] > 0)):
            barred = np.where(floored & cuts, (1 - self.room) * chance[:, :, move], 0.0)
            chance[:, :, move] -= barred
            chance[:, :, NONE] += barred
        return chance


def policy_features(rows: Rows, *, ahead: int) -> np.ndarray:
    """Signed policy features `ahead` months on if nothing moves until then; shape (n, 4)."""
    since = np.minimum(rows["since"] + ahead, LONGEST)
    left = MEMORY - ahead
    change = rows["sign"] * rows[f"change_{left}m"] if left > 0 else np.zeros(rows.size)
    return np.column_stack([since, np.log1p(since), np.maximum(0.0, 1 - since / HORIZON), change])


def market_features(rows: Rows, names: tuple[str, ...]) -> np.ndarray:
    """Market yields, signed by the last move: positive where the market goes the same way; shape (n, len(names))."""
    return np.column_stack([rows[name] * rows["sign"] for name in names])


def _fitted(*, market: bool, room: float = 1.0) -> Callable[[Past], Hazard]:
    def fit(past: Past) -> Hazard:
        over = np.isfinite(past.next_move)
        rows = past.rows.take(over)
        outcome = (past.next_move[over] * rows["sign"]).astype(int) + 1
        policy = policy_features(rows, ahead=0)
        alone = fit_softmax(policy, outcome, classes=3, penalty=PENALTY)
        yields = market_features(rows, MARKET)
        known = np.isfinite(yields).all(axis=1)
        if not market or known.sum() < ENOUGH:
            return Hazard(alone, room=room)
        both = np.column_stack([policy, yields])[known]
        return Hazard(alone, fit_softmax(both, outcome[known], classes=3, penalty=PENALTY), room)

    return fit


fit_with_bound = _fitted(market=True, room=NEGATIVE)
POLICY = Model(
    name="structural_hazard",
    says="monthly hazard of the next move, iterated to eighteen months; policy path only",
    fit=_fitted(market=False),
)
WITH_MARKET = Model(
    name="structural_hazard_market",
    says="the same with 1- and 2-year yields against the target",
    fit=_fitted(market=True),
    market=True,
)
WITH_BOUND = Model(
    name="structural_hazard_bound",
    says="the same with yields, and no room for cuts at the lower bound",
    fit=fit_with_bound,
    market=True,
)
