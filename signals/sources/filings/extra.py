"""The optional libraries of this room, and what to say where they are missing."""

from importlib.util import find_spec

from signals.errors import UsageError

LIBRARIES = ("duckdb", "pyarrow")


def missing() -> tuple[str, ...]:
    """Libraries of the extra that are not installed."""
    return tuple(name for name in LIBRARIES if find_spec(name) is None)


def require() -> None:
    """Return where the extra is installed.

    Raises
    ------
    UsageError
        With the command that installs it.
    """
    if absent := missing():
        raise UsageError(
            f"company filings need {' and '.join(absent)}, which {'is' if len(absent) == 1 else 'are'} not installed.",
            remedy="Install the extra: `pip install 'captilt[filings]'`. Everything else works without it.",
            code="missing_extra",
        )
