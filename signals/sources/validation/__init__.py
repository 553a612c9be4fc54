"""Checks of incoming observations before they are stored."""
