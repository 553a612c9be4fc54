"""The made-up worlds of `signals.synthetic`, under the name by which the tests know them."""

from signals.synthetic import FIRST, LAST, view, world

__all__ = ["FIRST", "LAST", "view", "world"]
