"""Longer studies prepared for the review page."""
