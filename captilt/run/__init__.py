"""The daily run: fetch, evaluate, record, announce."""
