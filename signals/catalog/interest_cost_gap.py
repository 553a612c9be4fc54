"""Interest of twelve months over average debt, small companies less large ones, each the median of its group.

What companies really pay, old bonds and bank loans together, and not what a new bond would cost.

References
----------
Gertler and Gilchrist (1994), "Monetary Policy, Business Cycles, and the Behavior of Small Manufacturing Firms",
QJE 109(2).
"""

from signals.derived.financing_gap import financing_signal

SIGNAL = financing_signal(
    "interest_cost_gap",
    "effective_rate",
    asks="How much dearer is the debt of small companies?",
    unit="points",
    sign=-1,
)
