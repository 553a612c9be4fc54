"""A message as plain text: the mail's twin, and what a file or a terminal gets."""

from captilt.alerts.message import Message


def plain_text(message: Message, *, repeat_of: str = "", note: str = "") -> str:
    """Stance, size, change, why, health, link, in this order; the subject stands above it and names the rung."""
    lines = [message.stance, message.size, "", message.change]
    lines += ["", "Because:", *(f"  - {line}" for line in message.why)] if message.why else []
    lines += ["", "Despite:", *(f"  - {line}" for line in message.despite)] if message.despite else []
    lines += ["", message.health, "", f"Review: {message.link}", ""]
    lines += [*(f"{label}: {value}" for label, value in message.details), ""] if message.details else []
    lines += [f"{message.day} · run {message.run_id} · ledger {message.ledger_head[:12]}"]
    lines += [f"Possible repeat of run {repeat_of}."] if repeat_of else []
    lines += [note] if note else []
    return "\n".join(lines) + "\n"
