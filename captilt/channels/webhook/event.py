"""What a webhook gets, and its signature.

Headers and signature follow https://www.standardwebhooks.com: ``webhook-id`` is the same for every repeat of
a message, so that a receiver can drop one that it has, and ``webhook-signature`` is ``v1,`` and the base64 of
HMAC-SHA256 over id, timestamp and body, joined by full stops.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from typing import Any

from captilt.channels.message import Message

PREFIX = "whsec_"


def event(message: Message, *, now: dt.datetime, repeat_of: str = "", note: str = "") -> dict[str, Any]:
    """The JSON of one message: its type, when it was sent, and everything that a mail would show."""
    return {
        "type": f"captilt.alert.{message.kind}",
        "timestamp": now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "data": {**message.as_payload(), "possible_repeat_of": repeat_of or None, "note": note or None},
    }


def signing_key(secret: str) -> bytes:
    """The key behind a secret: base64 after ``whsec_``, else the text itself."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass  # a text that happens to begin so
    return secret.encode()


def signed_headers(body: bytes, *, identity: str, now: dt.datetime, secret: str) -> dict[str, str]:
    """The three headers by which a receiver knows that we sent `body`."""
    stamp = str(int(now.timestamp()))
    content = f"{identity}.{stamp}.".encode() + body
    signature = base64.b64encode(hmac.new(signing_key(secret), content, hashlib.sha256).digest()).decode()
    return {"webhook-id": identity, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
