"""Slack and SMTP at their worst: real receivers on the loopback, and what arrived counted there.

A channel fails for thirty minutes in every way it can, then recovers. The other one must not notice; each
alert must reach both (I2), once where the receiver said no, and more often only where the line broke after
the message had left: then every repeat is marked (I3).
"""

import asyncio
import base64
import datetime as dt
import email
import email.policy
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from pydantic import SecretStr

from allocator.ledger.ledger import Ledger
from captilt.alerts import announce, outbox
from captilt.alerts.delivery import deliveries, unreached
from captilt.channels.email.transport import Email
from captilt.channels.slack.transport import Slack
from captilt.config.settings import Alerts
from captilt.contract.run import read_run
from tests.conftest import ROOT
from tests.support.payloads import days, payload

CANARY = "cAn4ry+channel=secret"
DOWN = dt.timedelta(minutes=30)
STEP = dt.timedelta(minutes=5)
HTTP_FAULTS = (
    "429",
    "429 and Retry-After",
    "500",
    "503 with HTML",
    "hang",
    "drop before",
    "accept then drop",
    "refused",
    "TLS",
)
SMTP_FAULTS = ("421", "451", "hang", "drop before", "accept then drop", "refused", "TLS")
BROKEN_LINES = ("accept then drop",)  # only these may repeat a message


@dataclass
class World:
    """The clock of the desk, and what is broken."""

    now: dt.datetime = dt.datetime(2023, 3, 1, 23, 30, tzinfo=dt.UTC)
    fault: str = ""
    got: list[str] = field(default_factory=list)
    asked_at: list[float] = field(default_factory=list)
    victim: list[int] = field(default_factory=list)

    def clock(self) -> dt.datetime:
        return self.now


def webhook(world: World) -> ThreadingHTTPServer:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            world.asked_at.append(time.monotonic())
            if world.fault in ("", "accept then drop", "kill"):
                world.got.append(body)
            if world.fault == "kill":
                os.kill(world.victim.pop(), signal.SIGKILL)
            if world.fault == "hang":
                time.sleep(1.3)
            if world.fault in ("hang", "drop before", "accept then drop", "kill"):
                self.connection.close()
                return
            status = int(world.fault[:3]) if world.fault[:3].isdigit() else 200
            self.send_response(status)
            if "Retry-After" in world.fault:
                self.send_header("Retry-After", "600")
            answer = f"<html>no {self.path}</html>".encode() if status != 200 else b"ok"
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None: ...

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):  # the other side, or this fault, has closed the line
                return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@dataclass
class Inbox:
    world: World

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:
        fault = self.world.fault
        if fault in ("421", "451"):
            return f"{fault} 4.7.1 come back later"
        if fault in ("", "accept then drop"):
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.world.got.append(f"{mail['Message-ID']}\n{mail.get_body(('plain',)).get_content()}")
        if fault == "hang":
            await asyncio.sleep(1.3)
        if fault in ("hang", "drop before", "accept then drop"):
            server.transport.abort()
        return "250 OK"


@dataclass
class Post:
    """A mail server that demands STARTTLS and a login."""

    world: World
    folder: Path

    def __enter__(self) -> Self:
        made, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        made.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        self.authority = self.folder / "ca.pem"
        made.cert_pem.write_to_path(str(self.authority))

        def check(_server: Any, _session: Any, _envelope: Any, _mechanism: Any, data: Any) -> AuthResult:
            good = data.password == CANARY.encode()
            return AuthResult(success=True) if good else AuthResult(success=False, handled=False)

        class Server(Controller):
            def _trigger_server(self) -> None:
                self.port = self.server.sockets[0].getsockname()[1]
                super()._trigger_server()

            def factory(self) -> SMTP:
                return SMTP(
                    self.handler, tls_context=context, require_starttls=True, authenticator=check, auth_required=True
                )

        self.server = Server(Inbox(self.world), hostname="127.0.0.1", port=0)
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()


@pytest.fixture
def hook():
    world = World()
    server = webhook(world)
    yield world, server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture
def post(tmp_path):
    with Post(World(), tmp_path) as made:
        yield made


def slack(port: int, *, broken: str = "") -> Slack:
    """The webhook as the fault wants it: nobody at home, or no TLS where TLS is asked for."""
    scheme = "https" if broken == "TLS" else "http"
    at = 9 if broken == "refused" else port
    return Slack(SecretStr(f"{scheme}://127.0.0.1:{at}/services/{quote(CANARY)}"), 1, gap_seconds=0.0)


def mail(post: Post, settings: Alerts, *, broken: str = "") -> Email:
    place = settings.email.model_copy(
        update={
            "port": 9 if broken == "refused" else post.server.port,
            "ca_file": "" if broken == "TLS" else str(post.authority),
        }
    )
    return Email(place, SecretStr(CANARY), post.world.clock)


def both() -> Alerts:
    mailbox = {
        "enabled": True, "host": "127.0.0.1", "user": "desk", "sender": "a@example.org", "to": ("b@example.org",), "timeout_seconds": 1,
    }  # fmt: skip
    return Alerts(slack={"enabled": True, "timeout_seconds": 1}, email=mailbox)


def record(ledger: Ledger, run: dict[str, Any], settings: Alerts, at: dt.datetime) -> None:
    with ledger.transaction() as book:
        book.append("run", dt.date.fromisoformat(run["as_of"]), run, at=at)
        assert announce.announce(book, read_run(run), settings, at=at)


def marked(bodies: list[str]) -> list[bool]:
    return ["possible repeat of run" in body.lower() for body in bodies]


def forms() -> list[bytes]:
    coded = [base64.b64encode(b"x" * shift + CANARY.encode()).decode()[4:-4] for shift in range(3)]
    return [form.encode() for form in (CANARY, quote(CANARY), quote(CANARY, safe=""), *coded)]


def judge(ledger: Ledger, settings: Alerts, sick: list[str], well: list[str], fault: str, folder: Path) -> None:
    assert {item.state for item in deliveries(ledger, settings)} == {"sent"}
    assert marked(well) == [False], "the healthy channel got it once"
    if fault in BROKEN_LINES:
        assert marked(sick) == [False] + [True] * (len(sick) - 1), "every repeat is marked"
        assert len(sick) > 1
    else:
        assert len(sick) == 1, "what was refused is no repeat"
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not [form for form in forms() if form in content], file.name


def endure(world: World, ledger: Ledger, settings: Alerts, ways: Any, fault: str) -> None:
    """Deliver every five minutes for three hours; the fault is mended after thirty minutes."""
    start = world.now
    while world.now < start + dt.timedelta(hours=3):
        world.fault = fault if world.now < start + DOWN else ""
        outbox.deliver(ledger, ways(world.fault), settings, world.clock)
        world.now += STEP


@pytest.mark.parametrize("fault", HTTP_FAULTS)
def test_a_sick_webhook_gets_its_message_in_the_end_and_the_mail_never_notices(hook, post, tmp_path, fault):
    world, port = hook
    settings, ledger = both(), Ledger.open(tmp_path / "ledger.db")
    record(ledger, payload(), settings, world.now)
    outbox_ways = lambda broken: (slack(port, broken=broken), mail(post, settings))  # noqa: E731 - one expression

    world.fault = fault
    outbox.deliver(ledger, outbox_ways(fault), settings, world.clock)
    assert len(post.world.got) == 1, "the other channel is served in the same round"
    endure(world, ledger, settings, outbox_ways, fault)

    judge(ledger, settings, world.got, post.world.got, fault, tmp_path)


@pytest.mark.parametrize("fault", SMTP_FAULTS)
def test_a_sick_mail_server_gets_its_mail_in_the_end_and_the_webhook_never_notices(hook, post, tmp_path, fault):
    world, port = hook
    settings, ledger = both(), Ledger.open(tmp_path / "ledger.db")
    record(ledger, payload(), settings, world.now)

    endure(post.world, ledger, settings, lambda broken: (mail(post, settings, broken=broken), slack(port)), fault)

    judge(ledger, settings, post.world.got, world.got, fault, tmp_path)
    ids = {body.splitlines()[0] for body in post.world.got}
    assert len(ids) == 1, "a repeat carries the same Message-ID"


def test_what_the_receiver_asked_for_holds_for_every_message_of_that_channel(hook, tmp_path):
    world, port = hook
    settings, ledger = Alerts(slack={"enabled": True}), Ledger.open(tmp_path / "ledger.db")
    record(ledger, payload(), settings, world.now)
    world.fault = "429 and Retry-After"
    outbox.deliver(ledger, [slack(port)], settings, world.clock)
    record(ledger, payload("2023-03-02", regime__phase="HOLD_AFTER_HIKE"), settings, world.now)

    world.now += dt.timedelta(seconds=590)
    outbox.deliver(ledger, [slack(port)], settings, world.clock)
    assert len(world.asked_at) == 1
    world.fault, world.now = "", world.now + dt.timedelta(seconds=20)
    outbox.deliver(ledger, [slack(port)], settings, world.clock)

    assert len(world.got) == 2
    assert "captilt is watching" in world.got[0]


def test_slack_gets_one_message_a_second(hook, tmp_path):
    world, port = hook
    settings, ledger = Alerts(slack={"enabled": True}), Ledger.open(tmp_path / "ledger.db")
    record(ledger, payload(), settings, world.now)
    record(ledger, payload("2023-03-02", regime__phase="HOLD_AFTER_HIKE"), settings, world.now)

    way = Slack(SecretStr(f"http://127.0.0.1:{port}/x"), 1)
    outbox.deliver(ledger, [way], settings, world.clock)

    assert len(world.got) == 2
    assert (
        world.asked_at[1] - world.asked_at[0] >= 0.9
    )  # the second begins a second after the first; it may be served a little faster


def test_a_message_that_cannot_be_drawn_does_not_keep_the_next_one_back(hook, tmp_path):
    world, port = hook
    settings, ledger = Alerts(slack={"enabled": True}), Ledger.open(tmp_path / "ledger.db")
    record(ledger, payload(), settings, world.now)
    record(ledger, payload("2023-03-02", regime__phase="HOLD_AFTER_HIKE"), settings, world.now)

    class Clumsy(Slack):
        def send(self, message, receivers, **rest):
            if message.kind == "introduction":
                raise ZeroDivisionError
            return super().send(message, receivers, **rest)

    way = Clumsy(SecretStr(f"http://127.0.0.1:{port}/x"), 1, gap_seconds=0.0)
    state = outbox.deliver(ledger, [way], settings, world.clock)

    assert [item.state for item in state] == ["waiting", "sent"]


SENDER = """
import datetime as dt, sys
from pathlib import Path
from pydantic import SecretStr
from captilt.alerts import outbox
from captilt.channels.slack.transport import Slack
from captilt.config.settings import Alerts
from allocator.ledger.ledger import Ledger
ledger, now = Ledger.open(Path(sys.argv[1])), dt.datetime.fromisoformat(sys.argv[3])
print("up", flush=True)
sys.stdin.readline()
outbox.deliver(ledger, [Slack(SecretStr(sys.argv[2]), 5)], Alerts(slack={"enabled": True}), lambda: now)
"""


def send(world: World, port: int, book: Path) -> int:
    """A real process that delivers; the receiver knows its number."""
    command = [sys.executable, "-c", SENDER, str(book), f"http://127.0.0.1:{port}/x", world.now.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout.readline() == "up\n"
        world.victim[:] = [process.pid]
        process.communicate("go\n", timeout=30)
    return process.returncode


def kills(world: World, port: int, folder: Path, *, trials: int, in_a_row: int = 1) -> None:
    """Each kill in the window between a message and its receipt adds one copy at most, and every added copy says so."""
    settings, book = Alerts(slack={"enabled": True}), folder / "ledger.db"
    ledger = Ledger.open(book)
    for day, phase in zip(days(trials), ["HIKE", "HOLD_AFTER_HIKE"] * trials, strict=False):
        record(ledger, payload(day, regime__phase=phase), settings, world.now)
        world.got.clear()
        for _ in range(in_a_row):
            world.fault = "kill"
            assert send(world, port, book) == -signal.SIGKILL
            world.now += dt.timedelta(hours=8)
        world.fault = ""
        assert send(world, port, book) == 0
        assert send(world, port, book) == 0

        assert marked(world.got) == [False, *[True] * in_a_row]
    assert ledger.verify() is None


def test_two_kills_in_a_row_after_the_message_has_left_make_two_marked_repeats(hook, tmp_path):
    world, port = hook

    kills(world, port, tmp_path, trials=1, in_a_row=2)


@pytest.mark.slow
def test_thirty_kills_after_the_message_has_left(hook, tmp_path):
    world, port = hook

    kills(world, port, tmp_path, trials=30)


def test_ten_years_of_alerts_are_looked_through_in_a_moment(tmp_path):
    settings, ledger = both(), Ledger.open(tmp_path / "ledger.db")
    now = World().now
    record(ledger, payload(), settings, now)
    told = ledger.entries("alert")[0].payload
    with ledger.transaction() as book:
        for day in days(800):
            alert = book.append("alert", dt.date.fromisoformat(day), told, at=now)
            for channel in ("slack", "email"):
                core = {"alert": alert.seq, "channel": channel, "number": 1}
                book.append("attempt", alert.day, {**core, "step": "started"}, at=now)
                book.append("attempt", alert.day, {**core, "step": "done", "outcome": "sent", "detail": "200"}, at=now)

    start = time.perf_counter()
    left = outbox.deliver(ledger, [], settings, World().clock)
    spent = time.perf_counter() - start

    assert left == []
    print(f"{1 + 800} alerts, {1000 * spent:.0f} ms a look")


def test_an_alert_that_reaches_nobody_for_an_hour_trips_the_dead_mans_switch(tmp_path, httpserver):
    ledger = Ledger.open(tmp_path / "ledger.db")
    start = dt.datetime(2023, 3, 1, 23, 30, tzinfo=dt.UTC)
    now = [start]
    settings = Alerts(slack={"enabled": True, "timeout_seconds": 2})
    httpserver.expect_request("/hook").respond_with_data("", status=503)
    way = Slack(SecretStr(httpserver.url_for("/hook")), 2)
    run = payload()
    with ledger.transaction() as book:
        book.append("run", dt.date(2023, 3, 1), run, at=start)
        announce.announce(book, read_run(run), settings, at=start)

    outbox.deliver(ledger, [way], settings, lambda: now[0])
    assert unreached(ledger, settings, now[0]) == ""
    now[0] = start + dt.timedelta(hours=2)
    assert unreached(ledger, settings, now[0]) == "no channel took 1 alert"

    httpserver.clear()
    httpserver.expect_request("/hook").respond_with_data("ok")
    outbox.deliver(ledger, [way], settings, lambda: now[0])
    assert unreached(ledger, settings, now[0]) == ""
