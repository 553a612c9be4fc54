"""The point-in-time store of facts."""
