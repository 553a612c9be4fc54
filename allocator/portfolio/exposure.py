"""The market beta that a tilt carries, from what is known at a moment."""

import numpy as np

from allocator.portfolio.hedge import FEWEST, ROLLING, slope
from allocator.returns import market_between, month_ends, monthly
from allocator.settings import PortfolioSettings
from signals.asof import AsOf


def recent_beta(view: AsOf, pair: PortfolioSettings) -> float | None:
    """Beta of small minus large on the market over the last 36 months known; None with fewer than 24."""
    ends, _ = month_ends(view.moment)
    difference, market = monthly(view, pair).percent, market_between(view, pair, ends)
    known = np.isfinite(difference) & np.isfinite(market)
    if known.sum() < FEWEST:
        return None
    return slope(difference[known][-ROLLING:], market[known][-ROLLING:], sample="").beta
