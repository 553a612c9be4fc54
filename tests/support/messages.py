"""The message that a channel's test sends, made as the product makes it."""

from captilt.alerts.compose import compose

__all__ = ["compose"]
