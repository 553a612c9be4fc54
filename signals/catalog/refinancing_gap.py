"""Debt that is due within a year over all debt, small companies less large ones, each group as a whole.

Debt that is due must be renewed at the rates of the day, so this is how soon a change of rates bites beyond
what floats.

References
----------
Almeida, Campello, Laranjeira and Weisbenner (2012), "Corporate Debt Maturity and the Real Effects of the 2007
Credit Crisis", Critical Finance Review 1(1).
"""

from signals.derived.financing_gap import financing_signal

SIGNAL = financing_signal(
    "refinancing_gap",
    "due_within_year",
    asks="Must small companies refinance sooner?",
    unit="% of debt",
    sign=-1,
)
