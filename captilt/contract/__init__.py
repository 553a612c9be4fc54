"""The JSON contract of every command."""
