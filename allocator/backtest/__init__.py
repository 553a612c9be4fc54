"""Walk-forward back-tests of the tilt against simple benchmarks."""
