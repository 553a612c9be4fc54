"""Companies whose EBIT does not cover their interest, small less large, each as a share of its group.

They live on refinancing, so they gain most when credit is cheap and are the first to lose it.

References
----------
Banerjee and Hofmann (2018), "The Rise of Zombie Firms: Causes and Consequences", BIS Quarterly Review, September.
"""

from signals.derived.financing_gap import financing_signal

SIGNAL = financing_signal(
    "interest_cover_gap",
    "ebit_below_interest",
    asks="Do more small companies fail to earn their interest?",
    unit="% of companies",
    sign=-1,
)
