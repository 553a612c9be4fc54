"""Health of the data behind an answer."""
