"""Earnings of twelve months over those of the year before, all companies of a group together, small less large.

References
----------
Gertler and Gilchrist (1994), "Monetary Policy, Business Cycles, and the Behavior of Small Manufacturing Firms",
QJE 109(2).
"""

from signals.derived.financing_gap import financing_signal

SIGNAL = financing_signal(
    "earnings_growth_gap",
    "earnings_growth",
    asks="Do the earnings of small companies grow faster?",
    unit="points",
    sign=+1,
)
