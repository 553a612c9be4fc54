"""The page as a real process: half-open connections, proxies, hosts, certificates, busy ports, logging out."""

import contextlib
import datetime as dt
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
import trustme

from captilt.web import connections
from captilt.web.app import build
from captilt.web.server import bound_socket
from signals.errors import UsageError
from tests.conftest import ROOT
from tests.e2e.review.conftest import desk_at, record
from tests.e2e.review.test_safety import TOKEN
from tests.e2e.sample_run import DAY

EVENING = dt.datetime(2023, 12, 29, 23, 10, tzinfo=dt.UTC)
CAPTILT = [sys.executable, "-c", "from captilt.cli import main; main()"]


@contextlib.contextmanager
def served(home: Path, *, settings: str = "", environment: dict[str, str] | None = None, port: int = 0):
    """`captilt review serve` as a process; its first line, and the address in it."""
    file = home / "page.toml"
    file.write_text(settings)
    command = [
        *CAPTILT,
        "review",
        "serve",
        "--port",
        str(port),
        "--home",
        str(home),
        "--config",
        str(file),
        "--no-prepare",
    ]
    variables = {**os.environ, **(environment or {}), "CAPTILT_SECRETS": str(home / "none")}
    with subprocess.Popen(command, cwd=ROOT, env=variables, stderr=subprocess.PIPE, text=True) as process:
        line = process.stderr.readline()
        try:
            yield line, re.search(r"https?://\S+?(?=/ )", line)
        finally:
            process.terminate()
            process.stderr.read()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    desk = desk_at(tmp_path, EVENING)
    record(desk, DAY)
    desk.ledger.close()
    return tmp_path


def test_half_open_connections_lock_nobody_out(home: Path) -> None:
    with served(home) as (line, address):
        assert address, line
        for sources in (1, 30):
            with contextlib.ExitStack() as half_open:
                for n in range(3 * connections.MOST_CONNECTIONS):  # so fast that many are accepted in one turn
                    idle = half_open.enter_context(socket.socket())
                    idle.bind((f"127.0.0.{2 + n % sources}", 0))
                    idle.setblocking(False)
                    idle.connect_ex(("127.0.0.1", int(address[0].rpartition(":")[2])))
                answers = [httpx2.get(f"{address[0]}/healthz", timeout=60).status_code for _ in range(3)]

            assert answers == [200] * 3, f"from {sources} addresses"


def test_who_takes_no_answer_is_left(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.e2e.review.conftest import serving

    monkeypatch.setattr(connections, "ANSWER_SECONDS", 0.2)
    with serving(desk_at(home, EVENING), http=connections.BoundedProtocol) as site, socket.socket() as deaf:
        size = len(httpx2.get(f"{site}/static/inter.woff2", timeout=60).content)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.settimeout(60)
        deaf.connect(("127.0.0.1", int(site.rpartition(":")[2])))
        deaf.sendall(100 * b"GET /static/inter.woff2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        time.sleep(1.0)  # five times as long as it may take nothing

        taken = 0
        with contextlib.suppress(ConnectionResetError):
            while part := deaf.recv(65536):
                taken += len(part)

    assert taken < 100 * size, "what was waiting in the buffers, and then the end"


def test_a_request_that_never_ends_is_closed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.e2e.review.conftest import serving

    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.3)
    with serving(desk_at(home, EVENING), http=connections.BoundedProtocol) as site:
        port = int(site.rpartition(":")[2])
        for beginning in (
            b"",
            b"GET / HTTP/1.1\r\nHost: x",
            b"POST /decide HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\na",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=60) as idle:
                idle.sendall(beginning)
                with contextlib.suppress(ConnectionResetError):
                    while idle.recv(65536):  # a refusal may come first; the wait ends because the server closes
                        pass
        assert httpx2.get(f"{site}/healthz", timeout=60).status_code == 200


HOSTS = [
    "localhost:",
    "localhost:abc",
    "localhost:99999",
    "localhost:0",
    "[::1",
    "[::1]x",
    "local host",
    "localhost:80:80",
    "localhost/",
]


@pytest.mark.parametrize("host", HOSTS)
def test_an_impossible_host_is_refused(home: Path, host: str) -> None:
    from tests.e2e.review.conftest import serving

    with serving(desk_at(home, EVENING)) as site:
        port = int(site.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            line.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            status = line.recv(65536).split(b" ")[1]

    if host != "localhost:":  # an empty port is a port left out (RFC 3986)
        assert status == b"400"


def wrong_login(address: str, forwarded: str) -> int:
    headers = {"Authorization": "Bearer wrong-wrong-wrong", "X-Forwarded-For": forwarded}
    return httpx2.get(f"{address}/api/run", headers=headers, timeout=60).status_code


@pytest.mark.parametrize(("proxy", "last"), [("", 429), ("127.0.0.1", 401)])
def test_a_client_may_say_where_it_comes_from_only_through_the_named_proxy(home: Path, proxy: str, last: int) -> None:
    settings = f'[review]\ntrusted_proxy = "{proxy}"\n'
    with served(home, settings=settings, environment={"CAPTILT_REVIEW_TOKEN": TOKEN}) as (line, address):
        assert address, line
        statuses = [wrong_login(address[0], f"10.0.0.{n}") for n in range(7)]

    assert statuses[0] == 401
    assert statuses[-1] == last, "without a proxy seven addresses are one"


def test_a_certificate_serves_the_page_over_tls(home: Path) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1")
    made.private_key_pem.write_to_path(str(home / "key.pem"))
    for part in made.cert_chain_pems:
        part.write_to_path(str(home / "cert.pem"), append=True)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    settings = f'[review]\ncertificate = "{home}/cert.pem"\ncertificate_key = "{home}/key.pem"\n'

    with served(home, settings=settings) as (line, address):
        assert address, line
        assert address[0].startswith("https://")
        answer = httpx2.get(f"{address[0]}/", verify=context, timeout=60)

    assert answer.status_code == 200
    assert "secure" in answer.headers["set-cookie"]


def test_a_certificate_that_is_missing_is_one_line(home: Path) -> None:
    settings = '[review]\ncertificate = "/no/cert.pem"\ncertificate_key = "/no/key.pem"\n'

    with served(home, settings=settings) as (line, address):
        assert address is None
        assert "/no/cert.pem, /no/key.pem is missing" in line


def test_beyond_this_machine_tls_or_a_proxy_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPTILT_REVIEW_TOKEN", TOKEN)
    with pytest.raises(UsageError, match="without TLS") as fault:
        build(desk_at(tmp_path, EVENING, host="0.0.0.0"))
    assert "reverse proxy" in fault.value.remedy
    build(desk_at(tmp_path, EVENING, host="0.0.0.0", trusted_proxy="10.0.0.1"))
    monkeypatch.delenv("CAPTILT_REVIEW_TOKEN")
    with pytest.raises(UsageError, match="behind a proxy without a login token"):
        build(desk_at(tmp_path, EVENING, trusted_proxy="127.0.0.1"))


def test_a_busy_port_is_said_before_any_address_is_announced(home: Path) -> None:
    with contextlib.closing(bound_socket("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with served(home, port=port) as (line, address):
            assert address is None
            assert f"cannot listen on 127.0.0.1:{port}" in line


def test_who_logs_out_is_out_with_every_copy_of_the_cookie(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.e2e.review.conftest import serving

    monkeypatch.setenv("CAPTILT_REVIEW_TOKEN", TOKEN)
    with serving(desk_at(home, EVENING)) as site, httpx2.Client(base_url=site, timeout=60) as web:
        page = web.get("/login").text
        token = re.search(r'name="token" value="([^"]*)"', page).group(1)
        web.post("/login", data={"token": token, "secret": TOKEN})
        copy = web.cookies["captilt"]
        assert web.get("/api/run").status_code == 200
        form = web.get("/logout").text
        assert "Log out" in web.get("/").text

        refused = web.post("/logout", data={"token": "forged"})
        answer = web.post("/logout", data={"token": re.search(r'name="token" value="([^"]*)"', form).group(1)})

        assert (refused.status_code, answer.status_code) == (403, 303)
        assert web.get("/api/run").status_code == 401
        assert httpx2.get(f"{site}/api/run", headers={"Cookie": f"captilt={copy}"}, timeout=60).status_code == 401
