"""Providers of facts: one file each, behind one protocol (`source.Source`), listed in `registry`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signals.sources.fetching import FetchReport

__all__ = ["refresh"]


def refresh(*arguments: Any, **options: Any) -> "FetchReport":
    """See `signals.sources.fetching.refresh`; imported when it is first called."""
    from signals.sources.fetching import refresh as work

    return work(*arguments, **options)
