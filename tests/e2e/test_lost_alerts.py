"""What counts as announced is what arrived, on each channel by itself; real receivers on the loopback."""

import asyncio
import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from pydantic import SecretStr
from werkzeug import Response

from allocator.ledger.ledger import Ledger
from captilt.alerts import announce, outbox
from captilt.alerts.compose import compose
from captilt.alerts.delivery import deliveries, lost_alerts
from captilt.channels.email.server import MailServer, NoLogin
from captilt.channels.email.settings import EmailSettings
from captilt.channels.email.transport import Email, receiver_name
from captilt.channels.slack.transport import Slack
from captilt.channels.teams.transport import Teams
from captilt.config.settings import Alerts
from captilt.contract.run import read_run
from tests.support.payloads import payload
from tests.support.payloads import run as a_run

START = dt.datetime(2023, 3, 1, 23, 30, tzinfo=dt.UTC)
MESSAGE = compose("introduction", a_run(), review_url="https://desk.example.org")
SLACK = Alerts(slack={"enabled": True}, weekly_digest="")


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def ledger(tmp_path):
    return Ledger.open(tmp_path / "ledger.db")


def record(ledger, settings, clock, day="2023-03-01", **changes):
    run = payload(day, **changes)
    with ledger.transaction() as book:
        book.append("run", dt.date.fromisoformat(day), run, at=clock())
        return announce.announce(book, read_run(run), settings, at=clock())


def texts(httpserver):
    return [json.loads(request.get_data())["text"] for request, answer in httpserver.log if answer.status_code == 200]


def test_an_alert_lost_in_a_days_outage_is_made_up_for_by_one_digest(httpserver, ledger):
    clock, down = Clock(), [True]
    httpserver.expect_request("/hook").respond_with_handler(lambda _: Response("", 503) if down[0] else Response("ok"))
    slack = Slack(SecretStr(httpserver.url_for("/hook")), 5, gap_seconds=0.0)
    record(ledger, SLACK, clock)
    for day in ("2023-03-02", "2023-03-03"):
        clock.now += dt.timedelta(days=1)
        record(ledger, SLACK, clock, day, regime__phase="HOLD_AFTER_HIKE" if day.endswith("02") else "HIKE")
        for _ in range(26):
            outbox.deliver(ledger, [slack], SLACK, clock)
            clock.now += dt.timedelta(hours=1)
    assert texts(httpserver) == []

    down[0] = False
    for _ in range(30):
        clock.now += dt.timedelta(hours=1)
        outbox.deliver(ledger, [slack], SLACK, clock)

    arrived = texts(httpserver)
    assert len([text for text in arrived if text.startswith("Missed: ")]) == 1, arrived
    assert lost_alerts(ledger.entries("alert"), deliveries(ledger, SLACK), "slack") == []
    digests = [entry for entry in ledger.entries("alert") if entry.payload.get("covers")]
    assert "missed" in digests[-1].payload["message"]["change"]


def test_a_lost_change_is_announced_again_and_not_believed_to_be_known(ledger):
    clock = Clock()
    (first,) = record(ledger, SLACK, clock)
    ledger.append(
        "attempt", first.day, {"alert": first.seq, "channel": "slack", "number": 1, "step": "done", "outcome": "permanent", "detail": "404"},
        at=clock(),
    )  # fmt: skip

    (again,) = record(ledger, SLACK, clock, "2023-03-02")

    assert again.payload["message"]["kind"] == "introduction"


def test_a_channel_that_lost_an_alert_is_announced_to_apart_from_one_that_has_it(ledger):
    clock = Clock()
    both = Alerts(slack={"enabled": True}, file={"enabled": True}, weekly_digest="", email={"enabled": False})
    (first,) = record(ledger, both, clock)
    done = {"alert": first.seq, "number": 1, "step": "done", "detail": ""}
    ledger.append("attempt", first.day, {**done, "channel": "slack", "outcome": "sent"}, at=clock())
    ledger.append("attempt", first.day, {**done, "channel": "file", "outcome": "permanent"}, at=clock())

    written = record(ledger, both, clock, "2023-03-02", regime__phase="HOLD_AFTER_HIKE")

    kinds = {tuple(entry.payload["channels"]): entry.payload["message"]["kind"] for entry in written}
    assert kinds == {("slack",): "change", ("file",): "introduction"}


class SomeRefused:
    """A mail server that takes some receivers, and others later or never."""

    def __init__(self) -> None:
        self.answers = {"gone@example.org": "550 5.1.1 no such user", "full@example.org": "452 4.2.2 mailbox full"}
        self.mails = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server, _session, envelope):
        self.mails.append(tuple(envelope.rcpt_tos))
        return "250 OK"


class FreePort(Controller):
    """A mail server on a free port, with what the test asks of it."""

    def __init__(self, handler, **options) -> None:
        self.options = options
        super().__init__(handler, hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.options)


@pytest.fixture
def post():
    servers = []

    def start(handler, **options):
        server = FreePort(handler, **options)
        server.start()
        servers.append(server)
        return server.port

    yield start
    for server in servers:
        server.stop()


def mail_settings(port, **changes):
    return EmailSettings(
        **{"enabled": True, "host": "127.0.0.1", "port": port, "sender": "a@example.org", "to": ("b@example.org",), "starttls": False, "timeout_seconds": 20}
        | changes
    )  # fmt: skip


def test_refused_receivers_are_tried_alone_and_reported_on_the_other_channel(httpserver, ledger, post):
    clock, server = Clock(), SomeRefused()
    to = ("pm@example.org", "gone@example.org", "full@example.org")
    place = mail_settings(post(server), to=to)
    settings = Alerts(slack={"enabled": True}, email=place, weekly_digest="")
    httpserver.expect_request("/hook").respond_with_data("ok")
    channels = [Slack(SecretStr(httpserver.url_for("/hook")), 5, gap_seconds=0.0), Email(place, None, clock)]
    record(ledger, settings, clock)

    outbox.deliver(ledger, channels, settings, clock)
    (first,) = [item for item in deliveries(ledger, settings) if item.channel == "email"]
    server.answers.pop("full@example.org")
    clock.now += dt.timedelta(hours=1)
    outbox.deliver(ledger, channels, settings, clock)
    outbox.deliver(ledger, channels, settings, clock)

    assert first.state == "waiting"
    assert first.refused == {receiver_name("gone@example.org")}
    assert server.mails == [("pm@example.org",), ("full@example.org",)], "nobody got it twice"
    states = [item.state for item in deliveries(ledger, settings) if item.channel == "email"]
    assert states[0] == "partly_refused"
    assert [text.split(":")[0] for text in texts(httpserver)][1:] == ["1 receiver of email could not be reached"]
    assert "gone@example.org" not in "".join(json.dumps(entry.payload) for entry in ledger.entries())


def test_a_server_without_starttls_is_named_as_that(post):
    channel = Email(mail_settings(post(SomeRefused()), starttls=True), None, Clock())

    receipt = channel.send(MESSAGE, channel.receivers)

    assert (receipt.outcome, receipt.detail) == ("permanent", "the server offers no STARTTLS")


def _only(password):
    def check(_server, _session, _envelope, _mechanism, data):
        matches = data.password == password.encode()
        return AuthResult(success=matches, handled=matches)  # unhandled: the server itself answers 535

    return check


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # of the double's library
@pytest.mark.parametrize("password", ["plain-ascii", "pässwörd-€", "пароль"])
def test_a_password_outside_ascii_logs_in(post, password):
    options = {"authenticator": _only(password), "auth_required": True, "auth_require_tls": False}
    place = mail_settings(post(SomeRefused(), **options), user="desk")
    right = Email(place, SecretStr(password), Clock())
    wrong = Email(place, SecretStr(password + "!"), Clock())

    assert right.send(MESSAGE, right.receivers).outcome == "sent"
    assert wrong.send(MESSAGE, wrong.receivers).outcome == "permanent"


def test_a_login_that_takes_no_such_password_is_named(post):
    options = {"authenticator": _only("x"), "auth_require_tls": False, "auth_exclude_mechanism": ["PLAIN"]}
    server = MailServer("127.0.0.1", 20)
    server.connect("127.0.0.1", post(SomeRefused(), **options))

    with pytest.raises(NoLogin, match="outside ASCII"):
        server.log_in("desk", "pässwörd")
    server.close()


@pytest.mark.parametrize(
    ("status", "body", "headers", "outcome", "pause"),
    [
        (200, "ok", {}, "sent", None),
        (200, "<html>Welcome to the hotel</html>", {"Content-Type": "text/html"}, "transient", None),
        (200, "", {}, "transient", None),
        (302, "", {"Location": "/elsewhere"}, "transient", None),
        (408, "", {}, "transient", None),
        (425, "", {}, "transient", None),
        (429, "", {"Retry-After": "120"}, "transient", 120.0),
        (503, "", {"Retry-After": "nonsense"}, "transient", None),
        (400, "invalid_payload", {}, "permanent", None),
        (404, "no_service", {}, "permanent", None),
    ],
)
def test_only_the_services_own_word_is_a_delivery(httpserver, status, body, headers, outcome, pause):
    httpserver.expect_request("/hook").respond_with_response(Response(body, status, headers))
    httpserver.expect_request("/elsewhere").respond_with_data("ok")
    slack = Slack(SecretStr(httpserver.url_for("/hook")), 10, gap_seconds=0.0)

    receipt = slack.send(MESSAGE, slack.receivers)

    assert (receipt.outcome, receipt.retry_after_seconds) == (outcome, pause)
    assert [request.path for request, _ in httpserver.log] == ["/hook"], "no redirect is followed"


def test_a_message_leaves_from_inside_a_running_loop(httpserver):
    httpserver.expect_request("/hook").respond_with_data("ok")
    slack = Slack(SecretStr(httpserver.url_for("/hook")), 10, gap_seconds=0.0)

    async def of_a_notebook():
        return slack.send(MESSAGE, slack.receivers)

    with ThreadPoolExecutor(max_workers=1) as apart:  # a browser test before this one may have left a loop here
        assert apart.submit(asyncio.run, of_a_notebook()).result().outcome == "sent"


def test_a_date_after_which_to_try_again_is_understood(httpserver):
    httpserver.expect_request("/hook").respond_with_response(
        Response("", 503, {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"})
    )
    slack = Slack(SecretStr(httpserver.url_for("/hook")), 10, gap_seconds=0.0)

    assert slack.send(MESSAGE, slack.receivers).retry_after_seconds == 86_400.0  # never longer than a day


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [(202, "", "sent"), (200, "1", "sent"), (200, "Webhook message delivery failed with error: 429", "transient")],
)
def test_teams_answers_in_its_own_words(httpserver, status, body, outcome):
    httpserver.expect_request("/hook").respond_with_data(body, status=status)
    teams = Teams(SecretStr(httpserver.url_for("/hook")), 10)

    assert teams.send(MESSAGE, teams.receivers).outcome == outcome


@pytest.mark.parametrize("address", ["http://127.0.0.1:/x", "http://127.0.0.1:8a/x", "http:// 127.0.0.1/x", "hooks/x"])
def test_an_address_that_is_none_is_final_and_never_repeated(address, caplog):
    slack = Slack(SecretStr(address), 10, gap_seconds=0.0)

    receipt = slack.send(MESSAGE, slack.receivers)

    assert receipt.outcome == "permanent"
    assert address not in receipt.detail + caplog.text
