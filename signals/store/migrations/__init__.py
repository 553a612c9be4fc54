"""Numbered changes of the store's tables, run programmatically when a store is opened."""
