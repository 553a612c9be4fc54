"""Block Kit within Slack's limits, with fallback text for notifications."""

from typing import Any

from captilt.channels.message import Message

SECTION_LIMIT = 2900  # Slack refuses 3000; the rest is for the ellipsis and entities
HEADER_LIMIT = 150


def escape(text: str) -> str:
    """Text that Slack shows as it is: no mention, no link, no `<!channel>`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(text: str) -> dict[str, Any]:
    shown = text if len(text) <= SECTION_LIMIT else text[: SECTION_LIMIT - 1] + "…"
    # Verbatim: Slack itself makes no link and no mention of anything in it.
    return {"type": "section", "text": {"type": "mrkdwn", "text": shown, "verbatim": True}}


def _small(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": escape(text)[:SECTION_LIMIT], "verbatim": True}]}


def _lines(title: str, lines: tuple[str, ...]) -> dict[str, Any]:
    return _section(f"*{title}*\n" + "\n".join(f"• {escape(line)}" for line in lines))


def render(message: Message, *, repeat_of: str = "", note: str = "") -> dict[str, Any]:
    """The webhook payload: fallback ``text`` and ``blocks``, in the order in which they are read in a lift."""
    subject = message.subject[:HEADER_LIMIT]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": subject, "emoji": False}},
        *([_small(" · ".join(f"{label}: {value}" for label, value in message.market))] if message.market else []),
        _section(f"*{escape(message.stance)}*\n{escape(message.size)}"),
    ]
    if message.change:
        blocks.append(_section(f"*Change*\n{escape(message.change)}"))
    blocks += [_lines(heading, lines) for heading, lines in message.reasons]
    blocks.append(_section(escape(message.health)))
    if message.link.startswith(("http://", "https://")):
        button = {"type": "button", "text": {"type": "plain_text", "text": "Open the review"}, "url": message.link}
        blocks.append({"type": "actions", "elements": [button]})
    if message.details:
        blocks.append({"type": "divider"})
        blocks.append(_section("\n".join(f"*{escape(label)}*  {escape(value)}" for label, value in message.details)))
    foot = [message.foot]
    if repeat_of:
        foot.append(f"possible repeat of run {repeat_of}")
    if note:
        foot.append(note)
    blocks.append(_small(" · ".join(foot)))
    repeat = f" (possible repeat of run {repeat_of})" if repeat_of else ""
    return {"text": escape(f"{message.subject}. {message.size}{repeat}"), "blocks": blocks}
