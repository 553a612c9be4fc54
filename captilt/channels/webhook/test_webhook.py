"""The signature is the one of standardwebhooks.com, so that any receiver can check it."""

import base64
import datetime as dt
import hashlib
import hmac
import json

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from captilt.channels.webhook.event import signed_headers, signing_key
from captilt.channels.webhook.transport import Webhook
from tests.support.messages import compose
from tests.support.payloads import run

NOW = dt.datetime(2023, 3, 1, 23, 30, tzinfo=dt.UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the specification's own example


def test_the_specifications_example_comes_out() -> None:
    """Published by the specification's libraries: id, time and body with this secret give this signature."""
    made = signed_headers(
        b'{"test": 2432232314}',
        identity="msg_p5jXN8AQM9LWM0D4loKWxJek",
        now=dt.datetime.fromtimestamp(1614265330, dt.UTC),
        secret=SECRET,
    )

    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_can_check_what_it_got(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("", status=204)
    channel = Webhook(SecretStr(httpserver.url_for("/hook")), SecretStr("sixteen letters or more"), lambda: NOW, 10)
    message = compose("introduction", run(), review_url="https://desk.example.org")

    first = channel.send(message, channel.receivers)
    again = channel.send(message, channel.receivers, repeat_of="run-1")

    assert (first.outcome, again.outcome) == ("sent", "sent")
    requests = [request for request, _ in httpserver.log]
    for request in requests:
        headers, body = request.headers, request.get_data()
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(b"sixteen letters or more", signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
    assert len({request.headers["webhook-id"] for request in requests}) == 1, "a receiver can drop the repeat"
    assert json.loads(requests[1].get_data())["data"]["possible_repeat_of"] == "run-1"
    assert json.loads(requests[0].get_data())["type"] == "captilt.alert.introduction"


@pytest.mark.parametrize(
    ("status", "kind", "outcome"), [(200, "text/html", "transient"), (301, "text/plain", "transient")]
)
def test_a_page_is_no_acknowledgement(httpserver: HTTPServer, status: int, kind: str, outcome: str) -> None:
    httpserver.expect_request("/hook").respond_with_data("welcome", status=status, content_type=kind)
    channel = Webhook(SecretStr(httpserver.url_for("/hook")), SecretStr("s"), lambda: NOW, 10)

    receipt = channel.send(compose("introduction", run(), review_url="http://x"), channel.receivers)

    assert receipt.outcome == outcome


def test_a_secret_that_is_no_base64_is_taken_as_text() -> None:
    assert signing_key("whsec_no base64!") == b"whsec_no base64!"
    assert signing_key("whsec_" + base64.b64encode(b"key").decode()) == b"key"
