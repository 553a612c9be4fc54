"""A real portfolio: holdings, funds, rebalance, hedge and vehicle."""
