"""Posting to Slack. Slack takes no idempotency key, so a repeat after a crash is marked, not hidden."""

import time

from pydantic import SecretStr

from captilt.channels.channel import Receipt
from captilt.channels.json_webhook import WHOLE, send_json
from captilt.channels.message import Message
from captilt.channels.slack.blocks import render
from captilt.operations.http_post import Answer, make_ready

GAP_SECONDS = 1.0  # Slack takes one message a second from a webhook
OK = 200


class Slack:
    """A webhook."""

    name = "slack"
    receivers = WHOLE
    make_ready = staticmethod(make_ready)

    def __init__(self, webhook: SecretStr, timeout_seconds: float, gap_seconds: float = GAP_SECONDS) -> None:
        self._webhook = webhook
        self._seconds, self._gap = timeout_seconds, gap_seconds
        self._free_at = 0.0  # of the monotonic clock
        self.deadline_seconds = timeout_seconds + gap_seconds

    def send(self, message: Message, _receivers: tuple[str, ...], /, *, repeat_of: str = "", note: str = "") -> Receipt:
        """Post once. See `Channel.send`."""
        content = render(message, repeat_of=repeat_of, note=note)
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        receipt = send_json(self._webhook, content, seconds=self._seconds, accepted=_accepted)
        self._free_at = time.monotonic() + self._gap  # from its end: a slow first post must not crowd the second
        return receipt


def _accepted(answer: Answer) -> bool:
    return answer.status == OK and answer.text == "ok"
