"""Settings: their schema, defaults and file."""
