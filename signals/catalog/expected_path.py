"""Where the market expects the policy rate to go.

One- and two-year Treasury yields less the target are the market's average rate ahead, with a term premium.
Fed funds futures say the same by meeting, with less of that premium, where a clean strip is known: the move
expected within six months, the longest horizon that strips of the nineties reach on nearly every day.
Expected tightening weighs on those who borrow short; so does a rise of that expectation over three months.

References
----------
Gurkaynak, Sack and Swanson (2007), "Market-Based Measures of Monetary Policy Expectations", JBES 25(2).
"""

import numpy as np

from signals.asof import AsOf
from signals.catalog.policy_change import INPUTS as POLICY
from signals.catalog.policy_change import rate
from signals.fedpath.features import FEATURE_INPUTS, describe_path, moves_at
from signals.scoring.composite import Blend
from signals.scoring.points import Points, known, months_before
from signals.scoring.zscore import Trailing
from signals.signal import Signal

ONE_YEAR, TWO_YEAR = "fred:DGS1", "fred:DGS2"  # percent, daily
FUTURES = "the strip of Fed funds futures"
MAX_AGE_DAYS = 20  # calendar days; an older yield says nothing about the path ahead
CHANGE_MONTHS = 3


def gap_to_target(view: AsOf, moments: np.ndarray) -> Points:
    """Mean of the one- and two-year yields less the target, percentage points, as known then."""
    yields = [known(view, series, moments).fresh(moments, max_age_days=MAX_AGE_DAYS) for series in (ONE_YEAR, TWO_YEAR)]
    mean = Points((yields[0].value + yields[1].value) / 2, yields[0].period, yields[0].known_at)
    return mean.minus(rate(view, moments))


def revision(view: AsOf, moments: np.ndarray) -> Points:
    """Percentage points by which the expectation has moved over three months."""
    return gap_to_target(view, moments).minus(gap_to_target(view, months_before(moments, CHANGE_MONTHS)))


def priced_move(view: AsOf, moments: np.ndarray) -> Points:
    """Move of the policy rate expected within six months by futures, percentage points, as known then."""
    moves = moves_at(view, moments)
    return Points(moves.bp["m6"] / 100, moves.day, moves.known_at)


def priced_revision(view: AsOf, moments: np.ndarray) -> Points:
    """Percentage points by which the priced move has changed over three months."""
    return priced_move(view, moments).minus(priced_move(view, months_before(moments, CHANGE_MONTHS)))


SCORE = Blend(
    "expected_path",
    (
        Trailing("yields minus target", gap_to_target, sign=-1, source=ONE_YEAR),
        Trailing("3-month change", revision, sign=-1, source=ONE_YEAR),
        Trailing("futures, 6 months", priced_move, sign=-1, source=FUTURES),
        Trailing("futures, 3-month change", priced_revision, sign=-1, source=FUTURES),
    ),
)
SIGNAL = Signal(
    name="expected_path",
    family="rates",
    asks="Does the market expect hikes or cuts?",
    inputs=(ONE_YEAR, TWO_YEAR, *POLICY, *FEATURE_INPUTS),
    unit="percentage points over the target",
    prior="negative of expected tightening",
    answer=SCORE.answer,
    scores_at=SCORE.scores_at,
    detail=describe_path,
)
