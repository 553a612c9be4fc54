"""The claim that small caps win in January.

References
----------
Keim (1983), "Size-Related Anomalies and Stock Return Seasonality", JFE 12(1). Haug and Hirschey (2006), "The
January Effect", FAJ 62(5).
"""

import numpy as np

from allocator.claims.claim import Claim, Finding, Question
from allocator.claims.inference import episodes
from allocator.claims.samples import MODERN_FROM, Sample, funds, indices, size_premium
from signals.asof import AsOf
from signals.signal import Gap

RECENT_YEARS = 15
OLDEST_SHARE = 4  # the oldest quarter of the record is where the effect was found
MONTHS = 12


def _januaries(words: str, sample: Sample, *, decides: bool = True) -> Finding | Gap:
    january = sample.month.astype(np.int64) % MONTHS == 0  # months count from 1970-01
    definition = f"{sample.name} in January, {words}"
    question = Question(definition, "% in the month", sign=+1, sources=sample.sources, decides=decides, counted="years")
    finding = episodes(question, sample.percent[january], sample.month[january])
    return finding or Gap("january", f"{sample.name} has fewer than five Januaries {words}", "short")


def _all(view: AsOf) -> Finding | Gap:
    return _januaries("since 1963", size_premium(view))


def _modern(view: AsOf) -> Finding | Gap:
    return _januaries("since 1984", size_premium(view).since(MODERN_FROM))


def _recent(view: AsOf) -> Finding | Gap:
    return _januaries(f"last {RECENT_YEARS} years", size_premium(view).trailing(RECENT_YEARS * MONTHS))


def _funds(view: AsOf) -> Finding | Gap:
    return _januaries("since the funds exist", funds(view))


def _of_pair(view: AsOf, pair: Sample) -> Finding | Gap:  # noqa: ARG001 - every claim's takes the same
    return _januaries("since the funds exist", pair, decides=False)


def _indices(view: AsOf) -> Finding | Gap:
    return _januaries("since 1979", indices(view), decides=False)


def _oldest(view: AsOf) -> Finding | Gap:
    whole = size_premium(view)
    early = whole.month.size // OLDEST_SHARE
    part = Sample(whole.name, whole.month[:early], whole.percent[:early], whole.sources)
    return _januaries("oldest quarter of the record since 1963", part, decides=False)


JANUARY = Claim(
    name="january",
    says="January helps small caps",
    test="mean of small minus large in January above zero, Student's t over the years",
    measures=(_all, _modern, _recent, _funds, _indices, _oldest),
    of_pair=(_of_pair,),
)
