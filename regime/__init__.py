"""Which phase of the rate cycle we are in, and how sure we can be."""
