"""Posting to a webhook of the user's own."""

from pydantic import SecretStr

from captilt.channels.channel import Clock, Receipt
from captilt.channels.json_webhook import WHOLE, send_json
from captilt.channels.message import Message
from captilt.channels.webhook.event import event, signed_headers
from captilt.operations.http_post import Answer, make_ready

OK, REDIRECTION = 200, 300


class Webhook:
    """An address that takes signed JSON."""

    name = "webhook"
    receivers = WHOLE
    make_ready = staticmethod(make_ready)

    def __init__(self, url: SecretStr, secret: SecretStr, clock: Clock, timeout_seconds: float) -> None:
        self._url, self._secret, self._clock, self._seconds = url, secret, clock, timeout_seconds
        self.deadline_seconds = timeout_seconds

    def send(self, message: Message, _receivers: tuple[str, ...], /, *, repeat_of: str = "", note: str = "") -> Receipt:
        """Post once. See `Channel.send`."""
        now, secret = self._clock(), self._secret.get_secret_value()
        return send_json(
            self._url,
            event(message, now=now, repeat_of=repeat_of, note=note),
            seconds=self._seconds,
            accepted=_accepted,
            headers=lambda body: signed_headers(body, identity=message.identity, now=now, secret=secret),
        )


def _accepted(answer: Answer) -> bool:
    return OK <= answer.status < REDIRECTION and answer.content_type != "text/html"
