"""Transforms from observations to scores."""
