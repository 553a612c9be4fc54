"""Preparing studies: the heavy results that the page and the report show beside a recorded day."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allocator.desk.common import Desk


def prepare(desk: "Desk") -> None:
    """Prepare what is missing for the newest recorded day."""
