"""Alerts through a real mail server and a real webhook receiver on the loopback."""

import datetime as dt
import email
import email.policy
import json
import re
import ssl
import threading
from dataclasses import dataclass, field
from html import unescape

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from pydantic import SecretStr
from werkzeug import Response

from allocator.ledger.ledger import Ledger
from captilt.alerts import announce, outbox
from captilt.alerts.compose import compose
from captilt.alerts.delivery import deliveries
from captilt.channels.email.mail import html
from captilt.channels.email.settings import EmailSettings
from captilt.channels.email.transport import Email
from captilt.channels.message import Message
from captilt.channels.plain_text import plain_text as text
from captilt.channels.slack import SlackSettings
from captilt.channels.slack.blocks import render
from captilt.channels.slack.transport import Slack
from captilt.config.settings import Alerts
from captilt.contract.run import read_run
from captilt.formats import NO_BREAK_SPACE
from tests.support.payloads import days, payload
from tests.support.payloads import run as a_run

CANARY = "c4n4ry-s3cret"


@dataclass
class Inbox:
    """What a mail server received, and how it answers."""

    mails: list = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        if self.answer.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.answer


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.now = dt.datetime(2023, 3, 1, 23, 30, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **span) -> None:
        self.now += dt.timedelta(**span)


@pytest.fixture
def authority(tmp_path):
    made = trustme.CA()
    file = tmp_path / "ca.pem"
    made.cert_pem.write_to_path(str(file))
    return made, file


@pytest.fixture
def mail(authority):
    """A mail server that demands STARTTLS and a login."""
    made, file = authority
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    inbox = Inbox()

    def check(_server, _session, _envelope, _mechanism, data):
        good = data.password == CANARY.encode()
        return AuthResult(success=good, handled=False) if not good else AuthResult(success=True)

    class Server(Controller):
        def _trigger_server(self):
            self.port = self.server.sockets[0].getsockname()[1]  # 0 asked the system for a free one
            super()._trigger_server()

        def factory(self):
            return SMTP(
                self.handler, tls_context=context, require_starttls=True, authenticator=check, auth_required=True
            )

    server = Server(inbox, hostname="127.0.0.1", port=0)
    server.start()
    port = server.port
    yield (
        inbox,
        EmailSettings(
            enabled=True,
            host="127.0.0.1",
            port=port,
            user="desk",
            sender="captilt@example.org",
            to=("pm@example.org", "cio@example.org"),
            ca_file=str(file),
            timeout_seconds=5,
        ),
    )
    server.stop()


@pytest.fixture
def ledger(tmp_path):
    return Ledger.open(tmp_path / "ledger.db")


def record(ledger, run, settings, clock):
    day = dt.date.fromisoformat(run["as_of"])
    with ledger.transaction() as book:
        book.append("run", day, run, at=clock())
        return next(iter(announce.announce(book, read_run(run), settings, at=clock())), None)


def test_the_mail_has_a_text_twin_bars_and_a_stable_id(mail, ledger):
    inbox, place = mail
    clock = Clock()
    settings = Alerts(email=place)
    record(ledger, payload(), settings, clock)
    channel = Email(place, SecretStr(CANARY), clock)
    state = outbox.deliver(ledger, [channel], settings, clock)

    assert [item.state for item in state] == ["sent"]
    (got,) = inbox.mails
    parts = [part.get_content_type() for part in got.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]
    assert got["Auto-Submitted"] == "auto-generated"
    assert "to 17.3 % in IWM" in got.get_body(("plain",)).get_content()
    html = got.get_body(("html",)).get_content()
    assert "Pulls " in html
    assert 'class="bar' in html
    assert "<img" not in html  # a picture on white is a white block at night
    assert all(float(size) >= 11 for size in re.findall(r"font-size: ?([\d.]+)px", html) if size != "1")
    assert 'style="' in html
    assert ledger.entries("run")[0].hash[:12] in html
    first = got["Message-ID"]
    channel.send(
        Message.from_payload(ledger.entries("alert")[0].payload["message"]), channel.receivers, repeat_of="run-1"
    )
    assert inbox.mails[1]["Message-ID"] == first
    assert "Possible repeat of run run-1" in inbox.mails[1].get_body(("plain",)).get_content()


def test_an_unknown_certificate_is_refused_and_nothing_is_sent(mail):
    inbox, place = mail
    channel = Email(place.model_copy(update={"ca_file": ""}), SecretStr(CANARY), Clock())

    receipt = channel.send(compose("introduction", a_run(), review_url="http://x"), channel.receivers)

    assert (receipt.outcome, receipt.detail) == ("transient", "SSLCertVerificationError")
    assert inbox.mails == []


def test_a_wrong_password_is_final_and_a_grey_list_is_not(mail):
    inbox, place = mail
    message = compose("introduction", a_run(), review_url="http://x")

    assert attempt(place, "wrong", message) == "permanent"
    inbox.answer = "451 4.7.1 come back later"
    assert attempt(place, CANARY, message) == "transient"
    inbox.answer = "554 5.7.1 no"
    assert attempt(place, CANARY, message) == "permanent"


def attempt(place, password, message):
    channel = Email(place, SecretStr(password), Clock())
    return channel.send(message, channel.receivers).outcome


def hook(httpserver):
    settings = SlackSettings(enabled=True, timeout_seconds=2)
    return Slack(SecretStr(httpserver.url_for(f"/hook/{CANARY}")), settings.timeout_seconds, gap_seconds=0.0), Alerts(
        slack=settings
    )


def test_slack_gets_blocks_within_its_limits_and_fallback_text(httpserver, ledger):
    channel, settings = hook(httpserver)
    clock = Clock()
    httpserver.expect_request(f"/hook/{CANARY}", method="POST").respond_with_data("ok")
    hostile = "<!channel> <https://evil.example|click> & more " + "x" * 4000
    record(ledger, payload(recommendation__because=[hostile]), settings, clock)

    outbox.deliver(ledger, [channel], settings, clock)

    request, _ = httpserver.log[0]
    body = json.loads(request.get_data())
    assert body["text"]
    assert len(body["blocks"]) <= 50
    texts = [block["text"]["text"] for block in body["blocks"] if "text" in block]
    assert max(map(len, texts)) <= 3000
    assert "<!channel>" not in json.dumps(body)
    assert "&lt;!channel&gt;" in json.dumps(body)
    buttons = [block for block in body["blocks"] if block["type"] == "actions"]
    assert buttons[0]["elements"][0]["url"].endswith("/day/2023-03-01")


def test_retry_after_is_honoured_and_the_message_arrives_once(httpserver, ledger):
    channel, settings = hook(httpserver)
    clock = Clock()
    httpserver.expect_ordered_request(f"/hook/{CANARY}").respond_with_response(
        Response("slow", 429, {"Retry-After": "300"})
    )
    httpserver.expect_ordered_request(f"/hook/{CANARY}").respond_with_data("ok")
    record(ledger, payload(), settings, clock)

    outbox.deliver(ledger, [channel], settings, clock)
    clock.forward(seconds=299)
    outbox.deliver(ledger, [channel], settings, clock)
    assert len(httpserver.log) == 1
    clock.forward(seconds=2)
    outbox.deliver(ledger, [channel], settings, clock)
    outbox.deliver(ledger, [channel], settings, clock)

    assert len(httpserver.log) == 2
    assert [item.state for item in deliveries(ledger, settings)] == ["sent"]


def test_a_hook_that_is_gone_is_final_and_the_other_channel_is_told_once(httpserver, mail, ledger):
    inbox, place = mail
    slack, settings = hook(httpserver)
    settings = settings.model_copy(update={"email": place})
    clock = Clock()
    httpserver.expect_request(f"/hook/{CANARY}").respond_with_data("no_service", status=404)
    post = Email(place, SecretStr(CANARY), clock)
    record(ledger, payload(), settings, clock)

    for _ in range(4):
        outbox.deliver(ledger, [slack, post], settings, clock)
        clock.forward(minutes=10)

    subjects = [mail["Subject"] for mail in inbox.mails]
    assert len(subjects) == 2
    assert subjects[1].startswith("slack is down")
    assert len(httpserver.log) == 1


def test_a_channel_down_for_half_an_hour_gets_its_message_after_recovery(httpserver, mail, ledger):
    inbox, place = mail
    slack, settings = hook(httpserver)
    settings = settings.model_copy(update={"email": place})
    clock = Clock()
    down = threading.Event()
    down.set()
    httpserver.expect_request(f"/hook/{CANARY}").respond_with_handler(
        lambda _: Response("", 503) if down.is_set() else Response("ok")
    )
    post = Email(place, SecretStr(CANARY), clock)
    record(ledger, payload(), settings, clock)

    for minute in range(0, 120, 5):
        if minute == 30:
            down.clear()
        outbox.deliver(ledger, [slack, post], settings, clock)
        clock.forward(minutes=5)

    assert {(item.channel, item.state) for item in deliveries(ledger, settings)} == {
        ("slack", "sent"),
        ("email", "sent"),
    }
    assert len(inbox.mails) == 1
    bodies = [answer.status_code for _, answer in httpserver.log]
    assert bodies.count(200) == 1


def test_a_death_between_send_and_receipt_is_sent_once_more_and_marked(httpserver, ledger):
    channel, settings = hook(httpserver)
    clock = Clock()
    httpserver.expect_request(f"/hook/{CANARY}").respond_with_data("ok")
    alert = record(ledger, payload(), settings, clock)
    ledger.append(
        "attempt", alert.day, {"alert": alert.seq, "channel": "slack", "number": 1, "step": "started"}, at=clock()
    )

    outbox.deliver(ledger, [channel], settings, clock)
    outbox.deliver(ledger, [channel], settings, clock)

    ((request, _),) = httpserver.log
    assert "possible repeat of run run-2023-03-01" in request.get_data(as_text=True)


def test_after_a_day_of_silence_the_message_is_given_up(httpserver, ledger):
    channel, settings = hook(httpserver)
    clock = Clock()
    httpserver.expect_request(f"/hook/{CANARY}").respond_with_data("", status=500)
    record(ledger, payload(), settings, clock)

    for _ in range(40):
        outbox.deliver(ledger, [channel], settings, clock)
        clock.forward(hours=1)

    state, digest = deliveries(ledger, settings)
    assert (state.state, digest.state) == ("given_up", "waiting")
    assert 8 <= state.attempts <= 20
    assert ledger.entry(digest.alert).payload["covers"] == [state.alert]


def test_quiet_hours_hold_a_message_back_unless_it_is_urgent(httpserver, ledger):
    channel, settings = hook(httpserver)
    settings = settings.model_copy(update={"quiet_from": "18:00", "quiet_to": "07:00"})
    clock = Clock()
    httpserver.expect_request(f"/hook/{CANARY}").respond_with_data("ok")
    record(ledger, payload(), settings, clock)

    outbox.deliver(ledger, [channel], settings, clock)
    assert len(httpserver.log) == 0
    with ledger.transaction() as book:
        announce.announce_failure(
            book,
            dt.date(2023, 3, 1),
            "no prices",
            "try again",
            settings,
            run_id="r",
            weight_text="Hold 20 %.",
            at=clock(),
        )
    outbox.deliver(ledger, [channel], settings, clock)
    assert len(httpserver.log) == 1
    clock.forward(hours=14)
    outbox.deliver(ledger, [channel], settings, clock)
    assert len(httpserver.log) == 2


def test_months_without_a_change_send_one_introduction_and_the_weekly_digest(ledger):
    settings = Alerts(weekly_digest="fri")
    clock = Clock()
    for day in days(60):
        record(ledger, payload(day), settings, clock)
        clock.forward(days=1)

    kinds = [entry.payload["message"]["kind"] for entry in ledger.entries("alert")]
    assert kinds[0] == "introduction"
    assert set(kinds[1:]) == {"digest"}
    assert len(kinds) == 1 + 12


def test_who_switches_a_channel_on_later_gets_the_introduction_first(ledger):
    clock = Clock()
    record(ledger, payload(), Alerts(), clock)
    on = Alerts(slack=SlackSettings(enabled=True))

    for day, phase in (("2023-03-02", "HOLD_AFTER_HIKE"), ("2023-03-03", "HOLD_AFTER_HIKE")):
        record(ledger, payload(day, regime__phase=phase), on, clock)

    kinds = [(entry.payload["message"]["kind"], entry.payload["channels"]) for entry in ledger.entries("alert")]
    assert kinds == [("introduction", []), ("introduction", ["slack"]), ("digest", ["slack"])]


def test_a_failed_day_is_told_and_so_is_the_recovery_once_it_holds(ledger):
    settings, clock = Alerts(weekly_digest=""), Clock()
    record(ledger, payload(), settings, clock)
    with ledger.transaction() as book:
        for _ in range(3):  # every retry fails alike
            announce.announce_failure(
                book, dt.date(2023, 3, 2), "no prices", "try", settings, run_id="r", weight_text="20 %", at=clock()
            )
    for day in days(4, "2023-03-03"):
        record(ledger, payload(day), settings, clock)

    told = [entry.payload["message"] for entry in ledger.entries("alert")]
    assert [message["kind"] for message in told] == ["introduction", "failure", "change"]
    assert told[1]["subject"] == "HOLD: no advice for 2 Mar 2023 · data HOLD"
    assert told[2]["day"] == "2023-03-06"
    assert told[2]["change"] == "Data recovered: HOLD to OK."


def test_every_face_reads_stance_size_change_why_health_link_in_this_order():
    kept = {
        "runs": 252, "race": [{"name": "engine", "net_percent": 0.42}, {"name": "person", "net_percent": 0.17}, {"name": "neutral", "net_percent": 0.0}],
        "scores": [{"kind": "direction_1m", "words": "direction over one month", "hit_rate": 0.56, "n": 231}],
    }  # fmt: skip
    message = compose("digest", a_run(track_record=kept, data__status="STALE"), review_url="https://desk.example.org")
    said = (
        message.stance,
        message.size,
        message.change.splitlines()[-1],
        message.remarks[0],
        message.health,
        message.link,
        "252 days recorded",
    )

    slack_text = json.dumps(render(message)["blocks"], ensure_ascii=False)
    for face in (text(message), unescape(html(message)).replace(NO_BREAK_SPACE, " "), slack_text):
        places = [face.index(part) for part in said]
        assert places == sorted(places)
    assert message.subject.endswith("data STALE")
    assert "data STALE" in html(message).split("<h1")[0]


def test_no_secret_is_written_to_the_ledger(httpserver, ledger, tmp_path):
    channel, settings = hook(httpserver)
    clock = Clock()
    httpserver.expect_request(f"/hook/{CANARY}").respond_with_data(f"bad token {CANARY[:3]}", status=403)
    record(ledger, payload(), settings, clock)

    outbox.deliver(ledger, [channel], settings, clock)

    assert CANARY.encode() not in b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
