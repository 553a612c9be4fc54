"""One message, said once, on every channel."""
