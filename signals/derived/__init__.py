"""Series computed from facts: total returns, the size pair, the policy rate, filing counts."""
