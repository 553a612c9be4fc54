"""Plain data to SVG, one look for all."""
