"""The data dictionary: every series, its known-at rule and its facts."""
