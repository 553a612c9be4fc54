"""The Adaptive Card, in the order in which it is read in a lift.

Text goes into RichTextBlock runs, which know no Markdown: nothing in a reason can make a link or a mention.
"""

from typing import Any

from captilt.channels.message import Message

VERSION = "1.4"  # what Teams draws on phones as well


def render(message: Message, *, repeat_of: str = "", note: str = "") -> dict[str, Any]:
    """The payload of the webhook: one message with one card."""
    body = [
        _text(message.subject, size="small", subtle=True),
        *(_text(f"{label}: {value}", size="small", subtle=True) for label, value in message.market),
        _text(message.stance, size="large", bold=True),
        _text(message.size),
    ]
    body += [_text(line, separator=number == 0) for number, line in enumerate(message.change.splitlines())]
    for heading, lines in message.reasons:
        body += [_text(heading, bold=True, separator=True), *(_text(f"• {line}") for line in lines)]
    body.append(_text(message.health, separator=True))
    for label, value in message.details:
        body += [_text(label, bold=True, size="small"), _text(value, size="small")]
    foot = [message.foot]
    foot += [f"Possible repeat of run {repeat_of}."] if repeat_of else []
    foot += [note] if note else []
    body += [_text(line, size="small", subtle=True, separator=number == 0) for number, line in enumerate(foot)]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": VERSION,
        "msteams": {"width": "Full"},
        "fallbackText": f"{message.subject}. {message.size}",
        "body": body,
    }
    if message.link.startswith(("http://", "https://")):
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open the review", "url": message.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _text(
    text: str, *, size: str = "default", bold: bool = False, subtle: bool = False, separator: bool = False
) -> dict[str, Any]:
    run = {
        "type": "TextRun",
        "text": text,
        "size": size,
        "weight": "bolder" if bold else "default",
        "isSubtle": subtle,
    }
    return {"type": "RichTextBlock", "inlines": [run], "separator": separator}
