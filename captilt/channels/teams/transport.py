"""Posting to Teams: Workflows answer 202, a connector 200 and "1" (and 200 with a sentence where it failed)."""

from pydantic import SecretStr

from captilt.channels.channel import Receipt
from captilt.channels.json_webhook import WHOLE, send_json
from captilt.channels.message import Message
from captilt.channels.teams.card import render
from captilt.operations.http_post import Answer, make_ready

OK, ACCEPTED = 200, 202


class Teams:
    """A webhook of Microsoft Teams."""

    name = "teams"
    receivers = WHOLE
    make_ready = staticmethod(make_ready)

    def __init__(self, webhook: SecretStr, timeout_seconds: float) -> None:
        self._webhook, self._seconds = webhook, timeout_seconds
        self.deadline_seconds = timeout_seconds

    def send(self, message: Message, _receivers: tuple[str, ...], /, *, repeat_of: str = "", note: str = "") -> Receipt:
        """Post once. See `Channel.send`."""
        content = render(message, repeat_of=repeat_of, note=note)
        return send_json(self._webhook, content, seconds=self._seconds, accepted=_accepted)


def _accepted(answer: Answer) -> bool:
    return answer.status == ACCEPTED or (answer.status == OK and answer.text == "1")
