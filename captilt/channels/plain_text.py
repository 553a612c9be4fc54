"""A message as plain text: the mail's twin, and what a file or a terminal gets."""

from captilt.channels.message import Message


def plain_text(message: Message, *, repeat_of: str = "", note: str = "") -> str:
    """Market, stance, size, change, why, health and link, in this order; the subject above it names the rung."""
    lines = [*(f"{label}: {value}" for label, value in message.market), ""] if message.market else []
    lines += [message.stance, message.size, "", message.change]
    for heading, reasons in message.reasons:
        lines += ["", f"{heading}:", *(f"  {line}" for line in reasons)]
    lines += ["", message.health, "", f"Review: {message.link}", ""]
    lines += [*(f"{label}: {value}" for label, value in message.details), ""] if message.details else []
    lines += [message.foot]
    lines += [f"Possible repeat of run {repeat_of}."] if repeat_of else []
    lines += [note] if note else []
    return "\n".join(lines) + "\n"
