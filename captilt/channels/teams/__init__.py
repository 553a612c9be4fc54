"""Microsoft Teams: an Adaptive Card through a webhook of Workflows (Power Automate) or of a connector."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from captilt.channels import json_webhook
from captilt.channels.channel import Channel, ChannelKind, Clock, Problem
from captilt.section import SecretName, Section

if TYPE_CHECKING:
    from captilt.channels.message import Message


class TeamsSettings(Section):
    """``[alerts.teams]``."""

    enabled: bool = False
    webhook: SecretName = "env:CAPTILT_TEAMS_WEBHOOK"
    timeout_seconds: float = Field(default=15.0, gt=0, le=120)


def _open(settings: TeamsSettings, _clock: Clock) -> Channel:
    from captilt.channels.teams.transport import Teams

    return Teams(json_webhook.required_secret(settings.webhook, "teams", "webhook"), settings.timeout_seconds)


def _check(settings: TeamsSettings) -> str:
    url = json_webhook.required_secret(settings.webhook, "teams", "webhook")
    return json_webhook.connection_fault(url, settings.timeout_seconds)


def _problems(settings: TeamsSettings) -> Iterator[Problem]:
    return json_webhook.address_problems(settings.webhook, "webhook")


def _preview(message: "Message", _settings: TeamsSettings, _now: dt.datetime) -> Mapping[str, bytes]:
    from captilt.channels.teams.card import render

    return {"teams.json": json_webhook.shown(render(message))}


CHANNEL = ChannelKind("teams", TeamsSettings, _open, _check, _problems, _preview)
