"""One module for each channel that can carry an alert, and their registry."""
