"""Can a channel be reached? Connects and logs in; sends nothing."""

import smtplib
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from captilt.config.settings import Alerts, Email, Slack

PORTS = {"https": 443, "http": 80}


def reached(name: str, settings: "Alerts") -> str:
    """Empty where the channel answers, else what was seen, without an address in it."""
    try:
        if name == "email":
            _mail(settings.email)
        else:
            _webhook(settings.slack)
    except smtplib.SMTPResponseException as fault:
        return f"the mail server said {fault.smtp_code}"
    except (OSError, smtplib.SMTPException) as fault:
        return type(fault).__name__
    return ""


def _mail(settings: "Email") -> None:
    from captilt.config.settings import secret

    with smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds) as server:
        if settings.starttls:
            server.starttls(context=ssl.create_default_context(cafile=settings.ca_file or None))
        password = secret(settings.password)
        if settings.user and password is not None:
            server.login(settings.user, password.get_secret_value())
        server.noop()


def _webhook(settings: "Slack") -> None:
    from captilt.config.settings import secret

    webhook = secret(settings.webhook)
    place = urlsplit(webhook.get_secret_value() if webhook else "")
    port = place.port or PORTS.get(place.scheme, 443)
    with socket.create_connection((place.hostname or "", port), timeout=settings.timeout_seconds) as plain:
        if place.scheme == "https":
            ssl.create_default_context().wrap_socket(plain, server_hostname=place.hostname).close()
