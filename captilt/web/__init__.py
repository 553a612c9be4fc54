"""The review page and its HTTP interface."""
