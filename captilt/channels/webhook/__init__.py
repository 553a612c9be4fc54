"""A webhook of your own: the message as JSON, signed as the Standard Webhooks specification has it."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from captilt.channels import json_webhook
from captilt.channels.channel import Channel, ChannelKind, Clock, Problem
from captilt.section import SecretName, Section

if TYPE_CHECKING:
    from captilt.channels.message import Message


class WebhookSettings(Section):
    """``[alerts.webhook]``."""

    enabled: bool = False
    url: SecretName = "env:CAPTILT_WEBHOOK_URL"
    signing_secret: SecretName = "env:CAPTILT_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
    timeout_seconds: float = Field(default=10.0, gt=0, le=120)


def _open(settings: WebhookSettings, clock: Clock) -> Channel:
    from captilt.channels.webhook.transport import Webhook

    url = json_webhook.required_secret(settings.url, "webhook", "address")
    secret = json_webhook.required_secret(settings.signing_secret, "webhook", "signing secret")
    return Webhook(url, secret, clock, settings.timeout_seconds)


def _check(settings: WebhookSettings) -> str:
    url = json_webhook.required_secret(settings.url, "webhook", "address")
    return json_webhook.connection_fault(url, settings.timeout_seconds)


def _problems(settings: WebhookSettings) -> Iterator[Problem]:
    return json_webhook.address_problems(settings.url, "url")


def _preview(message: "Message", _settings: WebhookSettings, now: dt.datetime) -> Mapping[str, bytes]:
    from captilt.channels.webhook.event import event

    return {"webhook.json": json_webhook.shown(event(message, now=now))}


CHANNEL = ChannelKind("webhook", WebhookSettings, _open, _check, _problems, _preview)
