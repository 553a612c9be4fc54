"""Whether a series is held as people saw it at the time, or as it was estimated later."""

import numpy as np

from signals.asof import AsOf
from signals.signal import Gap

REVISED_SHARE = 0.5  # of the periods were revised at least once: a series that is re-estimated always is


def hindsight(view: AsOf, series: str, name: str) -> Gap | None:
    """A gap for signal `name` where `series` is held without the revisions it is known to have.

    A history of latest values looks unrevised; only vintages show what could be read on a past day.
    """
    versions = view.history(series).period.size
    periods = np.unique(view.history(series).period).size
    if not periods or versions - periods >= REVISED_SHARE * periods:
        return None
    reason = f"{series} is held as estimated later; only vintages show what was known"
    return Gap(name, reason, "not_point_in_time", series)
