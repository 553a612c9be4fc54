"""The real book: holdings, the orders that a recommendation asks of them, the vehicle and the hedge."""
