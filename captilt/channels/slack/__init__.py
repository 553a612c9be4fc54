"""Slack: Block Kit through an incoming webhook."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from captilt.channels import json_webhook
from captilt.channels.channel import Channel, ChannelKind, Clock, Problem
from captilt.section import SecretName, Section

if TYPE_CHECKING:
    from captilt.channels.message import Message


class SlackSettings(Section):
    """``[alerts.slack]``."""

    enabled: bool = False
    webhook: SecretName = "env:CAPTILT_SLACK_WEBHOOK"
    timeout_seconds: float = Field(default=10.0, gt=0, le=120)


def _open(settings: SlackSettings, _clock: Clock) -> Channel:
    from captilt.channels.slack.transport import Slack

    url = json_webhook.required_secret(settings.webhook, "slack", "webhook")
    return Slack(url, settings.timeout_seconds)


def _check(settings: SlackSettings) -> str:
    url = json_webhook.required_secret(settings.webhook, "slack", "webhook")
    return json_webhook.connection_fault(url, settings.timeout_seconds)


def _problems(settings: SlackSettings) -> Iterator[Problem]:
    return json_webhook.address_problems(settings.webhook, "webhook")


def _preview(message: "Message", _settings: SlackSettings, _now: dt.datetime) -> Mapping[str, bytes]:
    from captilt.channels.slack.blocks import render

    return {"slack.json": json_webhook.shown(render(message))}


CHANNEL = ChannelKind("slack", SlackSettings, _open, _check, _problems, _preview)
