"""Companies with a loss in the last twelve months, small less large, each as a share of its group.

The quality of the small-cap universe has drifted: more young companies list before they earn.

References
----------
Fama and French (2004), "New Lists: Fundamentals and Survival Rates", JFE 73(2).
"""

from signals.derived.financing_gap import financing_signal

SIGNAL = financing_signal(
    "loss_maker_gap",
    "loss_makers",
    asks="Do more small companies lose money?",
    unit="% of companies",
    sign=-1,
)
