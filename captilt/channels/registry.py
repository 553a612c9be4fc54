"""Every kind of channel. Adding one is its folder and its line here."""

from importlib import resources

from captilt.channels import email, file, slack, teams, webhook
from captilt.channels.channel import ChannelKind

CHANNELS: tuple[ChannelKind, ...] = (
    slack.CHANNEL,
    email.CHANNEL,
    teams.CHANNEL,
    webhook.CHANNEL,
    file.CHANNEL,
)


def settings_text() -> str:
    """Every channel's table with its units and ranges, as `captilt config init` writes it."""
    folder = resources.files("captilt.channels")
    return "\n".join(folder.joinpath(kind.name, "settings.toml").read_text(encoding="utf-8") for kind in CHANNELS)
