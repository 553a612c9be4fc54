"""E-mail: HTML with inlined style and an inline chart, a plain-text twin, verified STARTTLS.

The Message-ID is a function of the message and its receivers, so a repeat after a crash carries the
same one and mail readers fold the two. A 4xx answer is tried again, a 5xx answer is final.
"""

import datetime as dt
import hashlib
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from captilt.alerts.channels.channel import Receipt
from captilt.alerts.message import Message

PERMANENT = 500  # SMTP replies from here on will not change by waiting
TEMPLATES = Path(__file__).parents[1] / "templates"
CHART = "tilt"  # content id of the inline chart


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    kept = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return kept.get_template(name)


def html(message: Message, *, repeat_of: str = "", note: str = "", chart: str = "") -> str:
    """The HTML part, styles inlined; `chart` is the address of the picture, empty for none."""
    import css_inline

    page = _template("mail.html").render(message=message, repeat_of=repeat_of, note=note, chart=chart)
    return css_inline.inline(page, keep_at_rules=True)  # the media query for dark screens


def text(message: Message, *, repeat_of: str = "", note: str = "") -> str:
    """The plain-text twin."""
    lines = [message.stance, message.size, "", message.change]  # the subject stands above it and names the rung
    lines += ["", "Because:", *(f"  - {line}" for line in message.why)] if message.why else []
    lines += ["", "Despite:", *(f"  - {line}" for line in message.despite)] if message.despite else []
    lines += ["", message.health, "", f"Review: {message.link}", ""]
    lines += [*(f"{label}: {value}" for label, value in message.details), ""] if message.details else []
    lines += [f"{message.day} · run {message.run_id} · ledger {message.ledger_head[:12]}"]
    lines += [f"Possible repeat of run {repeat_of}."] if repeat_of else []
    lines += [note] if note else []
    return "\n".join(lines) + "\n"


def render(
    message: Message,
    *,
    sender: str,
    to: tuple[str, ...],
    now: dt.datetime,
    repeat_of: str = "",
    note: str = "",
    chart: bytes | None = None,
) -> EmailMessage:
    """The whole mail: alternative parts, the chart as a related inline image."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.subject.split())  # a header has one line
    mail["From"], mail["To"] = sender, ", ".join(to)
    mail["Date"] = format_datetime(now)
    domain = sender.rpartition("@")[2].rstrip(">") or "localhost"
    name = hashlib.sha256(f"{message.identity}|{'|'.join(sorted(to))}".encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{name}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text(message, repeat_of=repeat_of, note=note))
    picture = f"cid:{CHART}" if chart else ""
    mail.add_alternative(html(message, repeat_of=repeat_of, note=note, chart=picture), subtype="html")
    if chart:
        body = mail.get_payload()[1]  # type: ignore[index]
        body.add_related(chart, "image", "png", cid=f"<{CHART}>", filename="tilt.png")  # type: ignore[union-attr]
    return mail


class Email:
    """A mail server."""

    name = "email"

    def __init__(
        self,
        settings: Any,
        password: SecretStr | None,
        clock: Callable[[], dt.datetime],
        draw: Callable[[Message], bytes | None] = lambda _: None,
    ) -> None:
        self._settings, self._password, self._clock, self._draw = settings, password, clock, draw

    def send(self, message: Message, *, repeat_of: str = "", note: str = "") -> Receipt:
        """Hand the mail to the server once. See `Channel.send`."""
        place = self._settings
        mail = render(
            message,
            sender=place.sender,
            to=place.to,
            now=self._clock(),
            repeat_of=repeat_of,
            note=note,
            chart=self._draw(message),
        )
        handed_over = False
        try:
            server = smtplib.SMTP(place.host, place.port, timeout=place.timeout_seconds)
            try:
                if place.starttls:
                    server.starttls(context=ssl.create_default_context(cafile=place.ca_file or None))
                if place.user and self._password is not None:
                    server.login(place.user, self._password.get_secret_value())
                handed_over = True
                refused = server.send_message(mail)
            finally:
                server.close()  # without QUIT: its answer could only spoil a mail that is accepted
        except smtplib.SMTPRecipientsRefused as fault:
            codes = [code for code, _ in fault.recipients.values()]
            return Receipt("permanent" if min(codes) >= PERMANENT else "transient", f"recipients refused {codes}")
        except smtplib.SMTPResponseException as fault:
            return Receipt("permanent" if fault.smtp_code >= PERMANENT else "transient", f"SMTP {fault.smtp_code}")
        except smtplib.SMTPNotSupportedError:
            return Receipt("permanent", "no STARTTLS or no login there")
        except (smtplib.SMTPException, OSError) as fault:
            return Receipt("transient", type(fault).__name__, perhaps_there=handed_over)
        return Receipt("sent", f"250, {len(refused)} of {len(place.to)} receivers refused" if refused else "250")
