"""The four phases of the rate cycle: exhaustive and exclusive, holds named by what came before."""

from enum import StrEnum


class Phase(StrEnum):
    """A phase; the value is the name used in JSON and on every face."""

    HIKE = "HIKE"
    HOLD_AFTER_HIKE = "HOLD_AFTER_HIKE"
    EASE = "EASE"
    HOLD_AFTER_EASE = "HOLD_AFTER_EASE"


PHASES: tuple[Phase, ...] = tuple(Phase)  # the order of every probability vector in the product
