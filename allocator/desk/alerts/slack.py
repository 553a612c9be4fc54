"""Slack: Block Kit through an incoming webhook, within Slack's limits, with fallback text.

Slack takes no idempotency key, so a repeat after a crash is marked, not hidden. `WebhookClient`
returns 4xx and 5xx instead of raising, and retries nothing by default; the outbox does the retrying.
"""

from typing import Any

from pydantic import SecretStr

from allocator.desk.alerts.channel import Receipt
from allocator.desk.alerts.message import Message

SECTION_LIMIT = 2900  # Slack refuses 3000; the rest is for the ellipsis and entities
HEADER_LIMIT = 150
TOO_MANY = 429
SERVER_FAULT = 500
OK = 200


def escape(text: str) -> str:
    """Text that Slack shows as it is: no mention, no link, no `<!channel>`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(text: str) -> dict[str, Any]:
    shown = text if len(text) <= SECTION_LIMIT else text[: SECTION_LIMIT - 1] + "…"
    return {"type": "section", "text": {"type": "mrkdwn", "text": shown}}


def render(message: Message, *, repeat_of: str = "", note: str = "") -> dict[str, Any]:
    """The webhook payload: fallback ``text`` and ``blocks``."""
    subject = message.subject[:HEADER_LIMIT]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": subject, "emoji": False}},
        _section(f"*{escape(message.stance)}*\n{escape(message.size)}"),
    ]
    if message.change:
        blocks.append(_section(f"*Change*  {escape(message.change)}"))
    if message.why:
        blocks.append(_section("*Because*\n" + "\n".join(f"• {escape(line)}" for line in message.why)))
    if message.despite:
        blocks.append(_section("*Despite*\n" + "\n".join(f"• {escape(line)}" for line in message.despite)))
    if message.details:
        blocks.append(_section("\n".join(f"*{escape(label)}*  {escape(value)}" for label, value in message.details)))
    blocks.append(_section(escape(message.health)))
    if message.link.startswith(("http://", "https://")):
        button = {"type": "button", "text": {"type": "plain_text", "text": "Open the review"}, "url": message.link}
        blocks.append({"type": "actions", "elements": [button]})
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

    def __init__(self, webhook: SecretStr, timeout_seconds: float) -> None:
        self._webhook = webhook
        self._timeout = timeout_seconds

    def send(self, message: Message, *, repeat_of: str = "", note: str = "") -> Receipt:
        """Post once. See `Channel.send`."""
        from slack_sdk.webhook import WebhookClient

        client = WebhookClient(self._webhook.get_secret_value(), timeout=int(self._timeout) or 1, retry_handlers=[])
        body = render(message, repeat_of=repeat_of, note=note)
        try:
            answer = client.send(text=body["text"], blocks=body["blocks"])
        except Exception as fault:  # noqa: BLE001 - whatever the network does, the desk goes on
            return Receipt("transient", type(fault).__name__)
        if answer.status_code == OK:
            return Receipt("sent", "200")
        if answer.status_code == TOO_MANY or answer.status_code >= SERVER_FAULT:
            return Receipt("transient", str(answer.status_code), _seconds(answer.headers))
        return Receipt("permanent", f"{answer.status_code} {str(answer.body)[:60]}")


def _seconds(headers: Any) -> float | None:
    """Slack's Retry-After, in seconds, if it is a number."""
    for name, value in dict(headers or {}).items():
        if name.lower() == "retry-after":
            text = value[0] if isinstance(value, (list, tuple)) else value
            try:
                return max(float(text), 0.0)
            except (TypeError, ValueError):
                return None
    return None
