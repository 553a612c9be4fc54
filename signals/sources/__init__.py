"""Providers of facts: one file each, behind one protocol (`provider.Source`), listed in `registry`."""
