"""Servers that drip, flood or hang: every send ends by its own deadline, and no other channel notices.

No test here measures a time: one that hangs is ended by its own timeout, which is the failure.
"""

import datetime as dt
import threading

import pytest
from pydantic import SecretStr
from sqlalchemy import event
from werkzeug import Response

from allocator.ledger.ledger import Ledger
from captilt.alerts import announce, outbox
from captilt.alerts.compose import compose
from captilt.alerts.delivery import deliveries
from captilt.channels.email.server import connection_fault
from captilt.channels.email.settings import EmailSettings
from captilt.channels.email.transport import Email
from captilt.channels.slack.transport import Slack
from captilt.channels.teams.transport import Teams
from captilt.channels.webhook.transport import Webhook
from captilt.config.settings import Alerts
from captilt.scheduler.heartbeat import Heartbeat
from signals.errors import StorageError
from signals.store.postgres import connect, reading
from tests.support.hostile_servers import HTTP_KINDS, SMTP_KINDS, hostile_server
from tests.support.payloads import payload, run
from tests.support.session_work import QUIET

NOW = dt.datetime(2023, 3, 1, 23, 30, tzinfo=dt.UTC)
SECONDS = 0.5  # longer than the pause between two bytes, so that only a deadline for the whole ends it
MESSAGE = compose("introduction", run(), review_url="https://desk.example.org")
pytestmark = pytest.mark.timeout(60)


def clock() -> dt.datetime:
    return NOW


def webhooks(port: int):
    url = SecretStr(f"http://127.0.0.1:{port}/services/secret-path")
    yield Slack(url, SECONDS, gap_seconds=0.0)
    yield Teams(url, SECONDS)
    yield Webhook(url, SecretStr("a signing secret"), clock, SECONDS)


def mail(port: int) -> Email:
    return Email(mail_settings(port), None, clock)


def mail_settings(port: int) -> EmailSettings:
    return EmailSettings(
        enabled=True, host="127.0.0.1", port=port, sender="a@example.org", to=("b@example.org",), starttls=False,
        timeout_seconds=SECONDS,
    )  # fmt: skip


@pytest.mark.parametrize("kind", HTTP_KINDS)
def test_every_webhook_ends_by_its_deadline(kind: str) -> None:
    with hostile_server(HTTP_KINDS[kind]) as server:
        receipts = [channel.send(MESSAGE, channel.receivers) for channel in webhooks(server.port)]

    assert [receipt.outcome for receipt in receipts] == ["transient"] * 3
    assert all(receipt.perhaps_there for receipt in receipts[:1]), "the request had left"


@pytest.mark.parametrize("kind", SMTP_KINDS)
def test_every_mail_ends_by_its_deadline(kind: str) -> None:
    with hostile_server(SMTP_KINDS[kind]) as server:
        channel = mail(server.port)
        receipt = channel.send(MESSAGE, channel.receivers)
        fault = connection_fault(mail_settings(server.port), None)

    assert receipt.outcome == "transient"
    assert receipt.perhaps_there == (kind == "silence after the mail")
    assert fault or kind == "silence after the mail"


def test_a_hanging_channel_keeps_nobody_else_waiting(tmp_path, httpserver) -> None:
    settings = Alerts(slack={"enabled": True}, email={"enabled": True, "host": "x", "sender": "a@b", "to": ["c@d"]})
    ledger = Ledger.open(tmp_path / "ledger.db")
    arrived = threading.Event()
    httpserver.expect_request("/hook").respond_with_handler(lambda _: (arrived.set(), Response("ok"))[1])
    with ledger.transaction() as book:
        book.append("run", dt.date(2023, 3, 1), payload(), at=NOW)
        announce.announce(book, run(), settings, at=NOW)

    def hang_until_the_other_has_arrived(server, connection) -> None:
        assert arrived.wait(30), "the healthy channel waited for the hanging one"
        connection.close()

    with hostile_server(hang_until_the_other_has_arrived) as server:
        dead = mail(server.port)
        dead._settings = dead._settings.model_copy(update={"timeout_seconds": 40.0})
        channels = [dead, Slack(SecretStr(httpserver.url_for("/hook")), 5, gap_seconds=0.0)]
        outbox.deliver(ledger, channels, settings, clock)

    assert {item.channel: item.state for item in deliveries(ledger, settings)} == {"slack": "sent", "email": "waiting"}


def test_a_database_server_that_says_nothing_is_given_up() -> None:
    with hostile_server(lambda server, _: server.hang()) as server:
        url = f"postgresql+psycopg://u@127.0.0.1:{server.port}/x?connect_timeout=2"

        with pytest.raises(StorageError, match="cannot be reached"), reading(connect(url, "facts"), url):
            pass


def test_a_database_server_of_an_old_version_is_refused_by_its_version() -> None:
    def greet(_server, connection) -> None:
        while int.from_bytes(connection.recv(8)[4:]) in (80877103, 80877104):  # encryption?
            connection.sendall(b"N")
        connection.recv(4096)
        status = b"server_version\x009.6.24\x00"
        connection.sendall(b"R" + (8).to_bytes(4) + bytes(4) + b"S" + (4 + len(status)).to_bytes(4) + status)
        connection.sendall(b"Z" + (5).to_bytes(4) + b"I")
        connection.recv(4096)

    with hostile_server(greet) as server:
        url = f"postgresql+psycopg://u@127.0.0.1:{server.port}/x"

        with pytest.raises(StorageError, match="PostgreSQL 9"), reading(connect(url, "facts"), url):
            pass


def test_a_database_server_has_ten_seconds_where_the_address_does_not_say_otherwise() -> None:
    engine, options = connect("postgresql+psycopg://u@127.0.0.1:1/x", "facts"), {}
    event.listen(engine, "do_connect", lambda *call: options.update(call[-1]))

    with pytest.raises(StorageError, match="refused"), reading(engine, "postgresql+psycopg://u@127.0.0.1:1/x"):
        pass

    assert options["connect_timeout"] == 10, "the driver's own 130 seconds are longer than anybody waits"


@pytest.mark.parametrize("kind", HTTP_KINDS)
def test_a_ping_server_never_holds_anything_up(kind: str) -> None:
    with hostile_server(HTTP_KINDS[kind]) as server:
        heartbeat = Heartbeat(SecretStr(f"http://127.0.0.1:{server.port}/p"), QUIET)
        for _ in range(100):
            heartbeat("start")  # would not return if it waited

    assert server.connections <= 100


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:80a/p", "http://127.0.0.1:/p", "127.0.0.1/p", "http://", "http://a b/"]
)
def test_a_mistyped_ping_address_stops_nothing(address: str) -> None:
    seen = []
    log = QUIET.bind()
    log.warning = lambda event, **fields: seen.append((event, fields))

    Heartbeat(SecretStr(address), log)("start")

    assert [event for event, _ in seen] == ["the ping address cannot be used; nobody outside is watching"]
    assert address not in str(seen)


def test_a_ping_address_may_end_in_a_line_feed(httpserver) -> None:
    httpserver.expect_oneshot_request("/p/start").respond_with_data("OK")

    heartbeat = Heartbeat(SecretStr(httpserver.url_for("/p") + "\n"), QUIET)
    heartbeat("start")
    heartbeat.flush(10)

    assert [request.path for request, _ in httpserver.log] == ["/p/start"]
