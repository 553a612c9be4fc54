"""The share of a move of the policy rate that reaches interest paid, small companies less large ones.

Bank loans float, bonds do not, and small companies borrow from banks. The slope of the change of the effective
rate on the change of the policy rate measures the floating share instead of quoting it.

References
----------
Ippolito, Ozdagli and Perez-Orive (2018), "The Transmission of Monetary Policy Through Bank Lending", JME 95.
"""

from signals.derived.financing_gap import financing_signal

SIGNAL = financing_signal(
    "floating_rate_gap",
    "pass_through",
    asks="Does a move of the policy rate reach small companies sooner?",
    unit="share of a move",
    sign=+1,
)
