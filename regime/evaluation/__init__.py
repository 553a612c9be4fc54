"""Walk-forward evaluation of the regime models."""
