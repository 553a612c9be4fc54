"""The mail itself: HTML with inlined style, and a plain-text twin.

Bars are cells of a table, not a picture: a mail reader that loads no pictures shows them, and a dark one has no
white block.

The Message-ID is a function of the message and its receivers, so a repeat after a crash carries the
same one and mail readers fold the two.
"""

import datetime as dt
import hashlib
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from captilt.channels.message import Message
from captilt.channels.plain_text import plain_text
from captilt.formats import day, points, tied

TEMPLATES = Path(__file__).parent


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_on_one_line
    )
    return environment.get_template(name)


def _on_one_line(value: Any) -> Any:
    """Text with its numbers tied to their units, before it is escaped."""
    return tied(value) if type(value) is str else value


def make_ready() -> None:
    """Load what draws a mail, before one is on its way."""
    import css_inline  # noqa: F401

    _template("mail.html")


def html(message: Message, *, repeat_of: str = "", note: str = "") -> str:
    """The HTML part, styles inlined."""
    import css_inline

    longest = max((abs(row[3]) for row in message.pulls), default=1.0) or 1.0
    groups = [(title, list(rows)) for title, rows in groupby(message.pulls, key=lambda row: row[0])]
    page = _template("mail.html").render(
        message=message,
        day=day(message.day),
        repeat_of=repeat_of,
        note=note,
        groups=groups,
        longest=longest,
        points=points,
    )
    return css_inline.inline(page, keep_at_rules=True)  # the media query for dark screens


def render(
    message: Message,
    *,
    sender: str,
    to: tuple[str, ...],
    now: dt.datetime,
    repeat_of: str = "",
    note: str = "",
) -> EmailMessage:
    """The whole mail: the HTML and its plain twin as alternative parts."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.subject.split())  # a header has one line
    mail["From"], mail["To"] = sender, ", ".join(to)
    mail["Date"] = format_datetime(now)
    domain = sender.rpartition("@")[2].rstrip(">") or "localhost"
    name = hashlib.sha256(f"{message.identity}|{'|'.join(sorted(to))}".encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{name}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(plain_text(message, repeat_of=repeat_of, note=note))
    mail.add_alternative(html(message, repeat_of=repeat_of, note=note), subtype="html")
    return mail
