"""Net debt over EBITDA, small companies less large ones, each the median of its group.

More debt on the same earnings makes equity react more to whatever moves earnings or the cost of debt. Companies
without positive EBITDA have no such ratio and are left out; banks, insurers and property companies too.

References
----------
Bernanke, Gertler and Gilchrist (1999), "The Financial Accelerator in a Quantitative Business Cycle Framework".
"""

from signals.derived.financing_gap import financing_signal

SIGNAL = financing_signal(
    "leverage_gap",
    "net_debt_ebitda",
    asks="Do small companies owe more for what they earn?",
    unit="times EBITDA",
    sign=-1,
)
