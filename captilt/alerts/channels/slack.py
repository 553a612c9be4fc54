"""Slack: Block Kit through an incoming webhook, within Slack's limits, with fallback text.

Slack takes no idempotency key, so a repeat after a crash is marked, not hidden. `WebhookClient`
returns 4xx and 5xx instead of raising, and retries nothing by default; the outbox does the retrying.
"""

import math
import ssl
import time
from typing import Any
from urllib.error import URLError

from pydantic import SecretStr

from captilt.alerts.channels.channel import Receipt
from captilt.alerts.message import Message

SECTION_LIMIT = 2900  # Slack refuses 3000; the rest is for the ellipsis and entities
HEADER_LIMIT = 150
LONGEST_WAIT_SECONDS = 86_400.0  # more than a day is a fault of the receiver
GAP_SECONDS = 1.0  # Slack takes one message a second from a webhook
TOO_MANY = 429
SERVER_FAULT = 500
OK = 200


def escape(text: str) -> str:
    """Text that Slack shows as it is: no mention, no link, no `<!channel>`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(text: str) -> dict[str, Any]:
    shown = text if len(text) <= SECTION_LIMIT else text[: SECTION_LIMIT - 1] + "…"
    # Verbatim: Slack itself makes no link and no mention of anything in it.
    return {"type": "section", "text": {"type": "mrkdwn", "text": shown, "verbatim": True}}


def _lines(title: str, lines: tuple[str, ...]) -> dict[str, Any]:
    return _section(f"*{title}*\n" + "\n".join(f"• {escape(line)}" for line in lines))


def render(message: Message, *, repeat_of: str = "", note: str = "") -> dict[str, Any]:
    """The webhook payload: fallback ``text`` and ``blocks``, in the order in which they are read in a lift."""
    subject = message.subject[:HEADER_LIMIT]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": subject, "emoji": False}},
        _section(f"*{escape(message.stance)}*\n{escape(message.size)}"),
    ]
    if message.change:
        blocks.append(_section(f"*Change*\n{escape(message.change)}"))
    if message.why:
        blocks.append(_lines("Because", message.why))
    if message.despite:
        blocks.append(_lines("Despite", message.despite))
    blocks.append(_section(escape(message.health)))
    if message.link.startswith(("http://", "https://")):
        button = {"type": "button", "text": {"type": "plain_text", "text": "Open the review"}, "url": message.link}
        blocks.append({"type": "actions", "elements": [button]})
    if message.details:
        blocks.append({"type": "divider"})
        blocks.append(_section("\n".join(f"*{escape(label)}*  {escape(value)}" for label, value in message.details)))
    foot = [f"{message.day} · run {message.run_id} · ledger {message.ledger_head[:12]}"]
    if repeat_of:
        foot.append(f"possible repeat of run {repeat_of}")
    if note:
        foot.append(note)
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": escape(" · ".join(foot))}]})
    repeat = f" (possible repeat of run {repeat_of})" if repeat_of else ""
    return {"text": escape(f"{message.subject}. {message.size}{repeat}"), "blocks": blocks}


class Slack:
    """A webhook."""

    name = "slack"

    def __init__(self, webhook: SecretStr, timeout_seconds: float, gap_seconds: float = GAP_SECONDS) -> None:
        self._webhook = webhook
        self._timeout, self._gap = timeout_seconds, gap_seconds
        self._free_at = 0.0  # of the monotonic clock

    def send(self, message: Message, *, repeat_of: str = "", note: str = "") -> Receipt:
        """Post once. See `Channel.send`."""
        from slack_sdk.webhook import WebhookClient

        time.sleep(max(0.0, self._free_at - time.monotonic()))
        self._free_at = time.monotonic() + self._gap
        client = WebhookClient(self._webhook.get_secret_value(), timeout=int(self._timeout) or 1, retry_handlers=[])
        body = render(message, repeat_of=repeat_of, note=note)
        try:
            answer = client.send(text=body["text"], blocks=body["blocks"])
        except Exception as fault:  # noqa: BLE001 - whatever the network does, the desk goes on
            return Receipt("transient", type(fault).__name__, perhaps_there=not _never_left(fault))
        if answer.status_code == OK:
            return Receipt("sent", "200")
        if answer.status_code == TOO_MANY or answer.status_code >= SERVER_FAULT:
            return Receipt("transient", str(answer.status_code), _seconds(answer.headers))
        return Receipt("permanent", str(answer.status_code))


def _never_left(fault: Exception) -> bool:
    """True where no connection stood, so that nothing can have arrived."""
    cause = fault.reason if isinstance(fault, URLError) else fault
    return isinstance(cause, (ConnectionRefusedError, ssl.SSLError)) or type(cause).__name__ == "gaierror"


def _seconds(headers: Any) -> float | None:
    """Slack's Retry-After, in seconds, if it is a number."""
    for name, value in dict(headers or {}).items():
        if name.lower() == "retry-after":
            text = value[0] if isinstance(value, (list, tuple)) else value
            try:
                asked = float(text)
            except (TypeError, ValueError):
                return None
            return min(max(asked, 0.0), LONGEST_WAIT_SECONDS) if math.isfinite(asked) else None
    return None
