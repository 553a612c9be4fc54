"""How much to hold, why, and whether any of it is reliable."""
