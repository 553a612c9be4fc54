"""The channels that the settings switch on."""

from collections.abc import Iterator
from typing import Any

from captilt.channels.channel import Channel, ChannelKind, Clock
from captilt.config.settings import Alerts


def enabled(alerts: Alerts) -> Iterator[tuple[ChannelKind, Any]]:
    """The kinds switched on, each with its settings."""
    for kind in alerts.kinds:
        table = getattr(alerts, kind.name)
        if table.enabled:
            yield kind, table


def enabled_names(alerts: Alerts) -> list[str]:
    """Names of the channels switched on (without opening them)."""
    return [kind.name for kind, _ in enabled(alerts)]


def open_channels(alerts: Alerts, clock: Clock) -> tuple[Channel, ...]:
    """The channels switched on, ready to send.

    Raises
    ------
    UsageError
        Where the secret of one is missing.
    """
    return tuple(kind.open(table, clock) for kind, table in enabled(alerts))
