"""E-mail: HTML with inlined style, a plain-text twin, verified STARTTLS."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from captilt.channels.channel import Channel, ChannelKind, Clock, Problem
from captilt.channels.email.settings import EmailSettings

if TYPE_CHECKING:
    from captilt.channels.message import Message


def _open(settings: EmailSettings, clock: Clock) -> Channel:
    from captilt.channels.email.transport import Email
    from captilt.secrets import secret

    return Email(settings, secret(settings.password), clock)


def _check(settings: EmailSettings) -> str:
    from captilt.channels.email.server import connection_fault
    from captilt.secrets import secret

    return connection_fault(settings, secret(settings.password))


def _problems(settings: EmailSettings) -> Iterator[Problem]:
    from captilt.secrets import secret

    if not (settings.host and settings.sender and settings.to):
        yield Problem("host", "mail is switched on without host, sender or receivers", "Set host, sender and to.")
    if settings.user and secret(settings.password) is None:
        name = settings.password.removeprefix("env:") or "password"
        yield Problem("password", f"{name} is not set", f"Set {name} in the environment or the secrets file.")


def _preview(message: "Message", settings: EmailSettings, now: dt.datetime) -> Mapping[str, bytes]:
    from captilt.channels.email.mail import html, render
    from captilt.channels.plain_text import plain_text

    mail = render(
        message,
        sender=settings.sender or "captilt@localhost",
        to=settings.to or ("strategist@localhost",),
        now=now,
    )
    return {
        "mail.eml": mail.as_bytes(),
        "mail.html": html(message).encode(),
        "mail.txt": plain_text(message).encode(),
    }


CHANNEL = ChannelKind("email", EmailSettings, _open, _check, _problems, _preview)
