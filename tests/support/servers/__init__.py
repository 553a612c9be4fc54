"""Small real servers on the loopback that answer as the providers do."""
