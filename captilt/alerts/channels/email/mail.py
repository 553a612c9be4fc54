"""The mail itself: HTML with inlined style and an inline chart, and a plain-text twin.

The Message-ID is a function of the message and its receivers, so a repeat after a crash carries the
same one and mail readers fold the two.
"""

import datetime as dt
import hashlib
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from captilt.alerts.message import Message
from captilt.alerts.plain_text import plain_text

TEMPLATES = Path(__file__).parent
CHART = "tilt"  # content id of the inline chart


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template(name)


def html(message: Message, *, repeat_of: str = "", note: str = "", chart: str = "") -> str:
    """The HTML part, styles inlined; `chart` is the address of the picture, empty for none."""
    import css_inline

    page = _template("mail.html").render(message=message, repeat_of=repeat_of, note=note, chart=chart)
    return css_inline.inline(page, keep_at_rules=True)  # the media query for dark screens


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
    mail.set_content(plain_text(message, repeat_of=repeat_of, note=note))
    picture = f"cid:{CHART}" if chart else ""
    mail.add_alternative(html(message, repeat_of=repeat_of, note=note, chart=picture), subtype="html")
    if chart:
        body = mail.get_payload()[1]  # type: ignore[index]
        body.add_related(chart, "image", "png", cid=f"<{CHART}>", filename="tilt.png")  # type: ignore[union-attr]
    return mail
