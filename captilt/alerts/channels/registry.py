"""Every kind of channel. Adding one is its folder and its line here."""

from collections.abc import Iterator
from importlib import resources
from typing import TYPE_CHECKING, Any

from captilt.alerts.channels import email, file, slack, teams, webhook
from captilt.alerts.channels.channel import Channel, ChannelKind, Clock

if TYPE_CHECKING:
    from captilt.config.settings import Alerts

CHANNELS: tuple[ChannelKind, ...] = (
    slack.CHANNEL,
    email.CHANNEL,
    teams.CHANNEL,
    webhook.CHANNEL,
    file.CHANNEL,
)


def enabled(alerts: "Alerts") -> Iterator[tuple[ChannelKind, Any]]:
    """The kinds switched on, each with its settings."""
    for kind in CHANNELS:
        table = getattr(alerts, kind.name)
        if table.enabled:
            yield kind, table


def enabled_names(alerts: "Alerts") -> list[str]:
    """Names of the channels switched on (without opening them)."""
    return [kind.name for kind, _ in enabled(alerts)]


def open_channels(alerts: "Alerts", clock: Clock) -> tuple[Channel, ...]:
    """The channels switched on, ready to send.

    Raises
    ------
    UsageError
        Where the secret of one is missing.
    """
    return tuple(kind.open(table, clock) for kind, table in enabled(alerts))


def settings_text() -> str:
    """Every channel's table with its units and ranges, as `captilt config init` writes it."""
    folder = resources.files("captilt.alerts.channels")
    return "\n".join(folder.joinpath(kind.name, "settings.toml").read_text(encoding="utf-8") for kind in CHANNELS)
