"""Earnings of twelve months over public float, all companies of a group together, small less large.

The float is the market value that annual reports state, dated at the middle of their fiscal year: a yield at that
date's prices and not at today's.

References
----------
Basu (1977), "Investment Performance of Common Stocks in Relation to Their Price-Earnings Ratios", JF 32(3).
"""

from signals.derived.financing_gap import financing_signal

SIGNAL = financing_signal(
    "earnings_yield_gap",
    "earnings_yield",
    asks="Are small companies cheaper for what they earn?",
    unit="points",
    sign=+1,
)
