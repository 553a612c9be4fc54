"""What is known at a moment, and what it says."""
