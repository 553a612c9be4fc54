"""The page under attack: every route of the table, every method, foreign hosts, other sites, hostile notes."""

import datetime as dt
import http.client
import re
import socket
from contextlib import suppress
from urllib.parse import urlsplit

import httpx2
import pytest

from captilt.config.settings import Settings, Store
from captilt.context import Desk
from captilt.web.api import router as api_router
from captilt.web.app import build
from captilt.web.pages import router
from captilt.web.request_guard import HEADERS, LIMIT_BYTES
from captilt.web.sessions import LOCKED_MINUTES, TRIES
from signals.calendars import cut
from signals.errors import UsageError
from tests.e2e.review.conftest import Clock, desk_at, record, serving
from tests.e2e.sample_run import DAY

FILLED = {"day": str(DAY), "name": "credit_level", "file": "signals.csv", "kind": "csv"}
OPEN = {"/healthz", "/login", "/static/{name}"}
ROUTES = sorted(
    {(method, route.path) for table in (router, api_router) for route in table.routes for method in route.methods}
)
ROUTES += [("GET", "/api/openapi.json"), ("HEAD", "/api/openapi.json")]
PATHS = sorted({path for _, path in ROUTES})
TOKEN = "a-long-enough-token"
FOREIGN = [
    "evil.example",
    "127.0.0.1.evil.example",
    "169.254.169.254",
    "localhost.evil.example:8321",
    "[::ffff:1.2.3.4]",
    "",
]


def filled(path):
    return re.sub(r"{(\w+)}", lambda found: FILLED[found.group(1)], path)


def ask(address, method, path, headers=None, body=None):
    """One plain HTTP request with exactly these headers; status, headers, text."""
    place = urlsplit(address)
    line = http.client.HTTPConnection(place.hostname, place.port, timeout=20)
    line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    sent = {"Host": place.netloc, **(headers or {})}
    if body is not None:
        sent.setdefault("Content-Length", str(len(body)))
    for name, value in sent.items():
        line.putheader(name, value)
    line.endheaders(body)
    answer = line.getresponse()
    text = answer.read().decode("utf-8", "replace")
    line.close()
    return answer.status, answer.headers, text


def form(web):
    """The fields of the decision form on the page."""
    page = web.get("/").text
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_the_route_table_is_what_these_tests_walk(desk):
    app = build(desk)
    own = {route.path for route in app.routes if hasattr(route, "path")}
    tables = [route for route in app.routes if not hasattr(route, "path")]

    assert own == {"/api/openapi.json"}
    assert len(tables) == 2  # the two routers that ROUTES is made of
    assert len(PATHS) > 20


@pytest.mark.parametrize("host", FOREIGN)
def test_no_route_answers_under_a_foreign_name(site, desk, host):
    head = desk.ledger.head()

    for method, path in ROUTES:
        status, _, text = ask(site, method, filled(path), {"Host": host})
        assert status == 400, (method, path)
        assert "captilt" not in text.lower() or method == "HEAD"

    assert desk.ledger.head() == head


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "BREW"]
)
def test_no_method_on_any_route_breaks_or_writes(site, desk, method):
    head = desk.ledger.head()

    for path in PATHS:
        status, headers, _ = ask(site, method, filled(path))
        assert status < 500, path
        assert (method, path) in ROUTES or status in (401, 403, 404, 405), path
        assert "access-control-allow-origin" not in headers, path

    assert desk.ledger.head() == head


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_forbids_scripts_frames_and_sniffing(site, path):
    _, headers, text = ask(site, "GET", filled(path))

    for name, value in HEADERS.items():
        assert headers[name] == value
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "cache-control" in headers
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", text)
    assert "<style" not in text or "attachment" in headers["Content-Disposition"]  # a saved file carries its own


OTHER_SITES = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
def test_another_site_cannot_post_even_with_the_right_token(web, site, desk, headers):
    fields = {**form(web), "verdict": "accept", "who": "Eve"}

    for method, path in ROUTES:
        if method == "POST":
            assert web.post(path, data=fields, headers=headers).status_code == 403, path

    assert desk.ledger.decisions() == []
    assert web.post("/decide", data=fields, headers={"Origin": site}).status_code == 303


@pytest.mark.parametrize("mode", ["cors", "no-cors", "same-origin", "websocket"])
def test_another_site_cannot_read_any_route_but_a_person_may_follow_a_link(site, mode):
    for method, path in ROUTES:
        if method == "GET":
            headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode}
            assert ask(site, "GET", filled(path), headers)[0] == 403, path
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    frame = {**link, "Sec-Fetch-Dest": "iframe"}

    assert ask(site, "GET", f"/day/{DAY}", link)[0] == 200
    assert ask(site, "GET", f"/day/{DAY}", frame)[0] == 403


@pytest.mark.parametrize("token", ["", "0" * 64, "é", "another"])
def test_a_form_without_its_own_token_writes_nothing(web, desk, token):
    fields = {**form(web), "verdict": "accept", "who": "Eve", "token": token}
    if token == "another":
        with httpx2.Client(base_url=web.base_url) as other:
            fields["token"] = form(other)["token"]

    answer = web.post("/decide", data=fields)

    assert answer.status_code in (403, 422)
    assert desk.ledger.decisions() == []


def test_a_forged_or_stale_approval_is_refused(web, desk):
    fields = {**form(web), "who": "Eve"}
    hostile = [
        {"verdict": "accept", "code": "0" * 12},
        {"verdict": "accept", "code": ""},
        {"verdict": "accept", "code": fields["code"][:7]},
        {"verdict": "accept", "seen": "999"},
        {"verdict": "accept", "seen": "-1"},
        {"verdict": "approve"},
        {"verdict": "modify", "weight": "101"},
        {"verdict": "modify", "weight": "-1"},
        {"verdict": "modify", "weight": "nan"},
        {"verdict": "modify", "weight": "inf"},
        {"verdict": "modify", "weight": ""},
        {"verdict": "modify", "weight": "1e400"},
        {"verdict": "accept", "who": " "},
        {"verdict": "accept", "who": "x" * 81},
        {"verdict": "accept", "note": "x" * 4001},
    ]

    statuses = [web.post("/decide", data={**fields, **change}).status_code for change in hostile]

    assert set(statuses) <= {409, 422}
    assert desk.ledger.decisions() == []


def test_expired_advice_is_refused(web, desk):
    fields = {**form(web), "verdict": "accept", "who": "Ana"}
    desk.clock.moment += dt.timedelta(days=12)

    answer = web.post("/decide", data=fields)

    assert answer.status_code == 410
    assert desk.ledger.decisions() == []
    assert "This advice has expired" in web.get("/").text


@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "POST"])
def test_a_huge_body_is_refused_declared_or_not(site, desk, path):
    body = b"x" * (LIMIT_BYTES + 1)
    chunks = (
        b"".join(b"%x\r\n%s\r\n" % (65_536, b"y" * 65_536) for _ in range(LIMIT_BYTES // 65_536 + 1)) + b"0\r\n\r\n"
    )
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    assert ask(site, "POST", path, {"Content-Length": str(10**12), **kind})[0] == 413
    assert ask(site, "POST", path, kind, body)[0] == 413
    assert undeclared(site, path, chunks) == 413
    assert desk.ledger.decisions() == []


def undeclared(site, path, chunks):
    """Send chunks without any length; the status, however early it comes."""
    place = urlsplit(site)
    with socket.create_connection((place.hostname, place.port), timeout=20) as line:
        head = f"POST {path} HTTP/1.1\r\nHost: {place.netloc}\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
        with suppress(OSError):  # refused while we still spoke
            line.sendall(head.encode() + chunks)
        return int(line.recv(64).split()[1])


TRAVERSALS = [
    "..%2f..%2f..%2fetc%2fpasswd",
    "....//....//etc/passwd",
    "%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5cwindows",
    "%00",
    "page.css%00.js",
    "..",
    ".",
    "/etc/passwd",
    "~root",
    "%252e%252e%252f",
    "facts.db",
    "ledger.db",
    "../ledger.db",
    "inter.LICENSE.txt",
    "C:%5c",
]


@pytest.mark.parametrize("path", [path for path in PATHS if "{" in path])
def test_no_path_leads_out_of_its_folder(site, path):
    for word in TRAVERSALS:
        hostile = re.sub(r"{\w+}", lambda _, word=word: word, path)

        status, _, text = ask(site, "GET", hostile)

        assert status in (303, 307, 400, 403, 404, 405, 422), hostile
        assert "root:" not in text
        assert "SQLite" not in text


def test_a_login_leads_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.setenv("CAPTILT_REVIEW_TOKEN", TOKEN)
    desk = desk_at(tmp_path, dt.datetime(2023, 12, 29, 23, tzinfo=dt.UTC))
    with serving(desk) as site, httpx2.Client(base_url=site) as web:
        for then in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/x\r\nSet-Cookie: a=b",
        ]:
            page = web.get("/login", params={"then": then}).text
            token = re.search(r'name="token" value="([^"]*)"', page).group(1)
            answer = web.post("/login", data={"token": token, "secret": TOKEN, "then": then})
            assert answer.status_code == 303
            assert answer.headers["location"] == "/"
            web.cookies.clear()


def test_another_address_is_refused_without_a_login_token(tmp_path, monkeypatch):
    monkeypatch.delenv("CAPTILT_REVIEW_TOKEN", raising=False)
    for host in ("0.0.0.0", "192.168.1.7", "::", "example.org"):
        with pytest.raises(UsageError, match="without a login token"):
            build(desk_at(tmp_path, dt.datetime(2024, 1, 2, tzinfo=dt.UTC), host=host))
    monkeypatch.setenv("CAPTILT_REVIEW_TOKEN", "short")
    with pytest.raises(UsageError, match="5 characters"):
        build(desk_at(tmp_path, dt.datetime(2024, 1, 2, tzinfo=dt.UTC)))


@pytest.fixture
def locked(tmp_path, monkeypatch):
    """A served desk that needs a login."""
    monkeypatch.setenv("CAPTILT_REVIEW_TOKEN", TOKEN)
    desk = desk_at(tmp_path, dt.datetime(2023, 12, 29, 23, tzinfo=dt.UTC))
    record(desk, DAY)
    with serving(desk) as site:
        yield site, desk


def test_with_a_login_no_route_but_the_open_ones_answers_a_stranger(locked):
    site, desk = locked
    for method, path in ROUTES:
        status, headers, text = ask(site, method, filled(path))
        if path in OPEN:
            assert status in (200, 404, 422), path
        else:
            assert status in (303, 401), path
            assert headers.get("location", "/login").startswith("/login")
            assert "IWM" not in text
    assert ask(site, "GET", "/static/../api/run")[0] in (303, 401, 404)
    assert ask(site, "GET", "/login/../api/run")[0] in (303, 401, 404)
    assert desk.ledger.decisions() == []


def test_the_token_opens_page_and_api(locked):
    site, _ = locked
    assert ask(site, "GET", "/api/run", {"Authorization": f"Bearer {TOKEN}"})[0] == 200
    with httpx2.Client(base_url=site, follow_redirects=True) as web:
        page = web.get("/").text
        token = re.search(r'name="token" value="([^"]*)"', page).group(1)

        answer = web.post("/login", data={"token": token, "secret": TOKEN, "then": f"/day/{DAY}"})

        assert answer.url.path == f"/day/{DAY}"
        assert "IWM" in answer.text
        cookie = answer.history[0].headers["set-cookie"]
        assert "httponly" in cookie.lower()
        assert "samesite=lax" in cookie.lower()


def test_a_place_within_a_page_never_shows_a_login_or_a_problem(locked):
    site, _ = locked
    script = {"HX-Request": "true"}
    inside = {**script, "Authorization": f"Bearer {TOKEN}"}

    status, headers, _ = ask(site, "GET", f"/day/{DAY}/signal/credit_level", script)
    gone, problem, _ = ask(site, "GET", "/day/1999-01-04/signal/x", inside)
    _, odd, _ = ask(site, "GET", "//evil.example/%0d%0aSet-Cookie:%20a=b", inside)

    assert (status, headers["HX-Redirect"]) == (401, f"/login?then=/day/{DAY}/signal/credit_level")
    assert (gone, problem["HX-Redirect"]) == (404, "/day/1999-01-04/signal/x")
    assert odd["HX-Redirect"] == "/evil.example/Set-Cookie%3A%20a%3Db"


def test_wrong_tokens_lock_the_address_out_for_a_while(locked):
    site, desk = locked
    wrong = {"Authorization": "Bearer wrong"}

    statuses = [ask(site, "GET", "/api/run", wrong)[0] for _ in range(TRIES + 2)]
    right = ask(site, "GET", "/api/run", {"Authorization": f"Bearer {TOKEN}"})

    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert right[0] == 429  # not even the right one is compared
    assert int(right[1]["Retry-After"]) > 0
    desk.clock.moment += dt.timedelta(minutes=LOCKED_MINUTES + 1)
    assert ask(site, "GET", "/api/run", {"Authorization": f"Bearer {TOKEN}"})[0] == 200


def test_a_session_of_another_server_or_a_changed_one_is_not_believed(locked):
    site, _ = locked
    for cookie in ["x", "a.b.c.d", "name.1.1." + "0" * 64, "é.1.1.ü", "." * 50]:
        assert (
            ask(
                site, "GET", "/api/run", {"Cookie": f"captilt={cookie}".encode("latin-1", "replace").decode("latin-1")}
            )[0]
            == 401
        )


SCRIPT = "window.hacked=1;alert(1)"
SEEDS = [
    "<script>{s}</script>",
    "<img src=x onerror={s}>",
    "<svg onload={s}>",
    '"><script>{s}</script>',
    "'><script>{s}</script>",
    "</textarea><script>{s}</script>",
    "<a href=javascript:{s}>x</a>",
    "<iframe srcdoc='<script>{s}</script>'></iframe>",
    "{{{{7*7}}}}",
    "{{% for x in y %}}",
    "${{{s}}}",
    "<style>@import 'http://127.0.0.1:1/x'</style>",
    "<body onload={s}>",
    "<input autofocus onfocus={s}>",
    "<details open ontoggle={s}>",
    "<math><mi xlink:href=javascript:{s}>",
    "<base href=//evil.example>",
    "<form action=//evil.example><button>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<!-- {s} -->",
    "<object data=javascript:{s}>",
    "<div hx-get=/decide hx-trigger=load hx-on::load={s}>",
    "<link rel=stylesheet href=//evil.example>",
    "<!channel> <@everyone> <!here|now>",
    "\u202e{s}\u2066",
]
WRAPS = ["{}", "{} trailing", "%3C {}", "\n\n{}", "\t{}\x0b", "&lt;{}&gt;", "\\u003c{}", "A" * 300 + "{}"]
HOSTILE = [wrap.format(seed.format(s=SCRIPT)) for seed in SEEDS for wrap in WRAPS]


@pytest.mark.browser
def test_two_hundred_hostile_notes_are_shown_and_never_run(web, site, desk, open_page):
    assert len(HOSTILE) == 200
    fields = form(web)
    for note in HOSTILE:
        seen = desk.ledger.decisions()[-1].seq if desk.ledger.decisions() else 0
        answer = web.post(
            "/decide", data={**fields, "seen": seen, "verdict": "defer", "who": note[:80] or "x", "note": note}
        )
        assert answer.status_code == 303

    page = open_page(site)
    page.wait_for_load_state("networkidle")

    notes = page.locator(".made .said").all_text_contents()
    assert len(notes) == 200
    assert [" ".join(note.split()) for note in notes] == [" ".join(note.split()) for note in HOSTILE]
    assert page.evaluate("window.hacked") is None
    assert (
        page.locator(
            ".made :is(script, img, svg, iframe, a, form, input, details, math, object, link, meta, base, style, div)"
        ).count()
        == 0
    )
    assert page.faults == []
    for path in ("/history", "/decisions.csv", "/decisions.json", "/api/decisions", f"/day/{DAY}/report"):
        assert web.get(path).status_code == 200
    listed = web.get("/decisions.csv").text
    assert not re.search(r'(?m)(^|,)"?[=+@]', listed)


def test_while_the_server_of_the_store_is_away_the_page_says_so(own_postgres, tmp_path):
    settings = Settings(store=Store(url=own_postgres.create_fresh()))
    desk = Desk(settings, tmp_path, clock=Clock(cut(DAY)))
    record(desk, DAY)
    with serving(desk) as site:
        own_postgres.kill()
        status, _, text = ask(site, "GET", "/")
        assert status == 503
        assert "Not available now" in text
        assert "cannot be reached or went away" in text
        own_postgres.start()
        again, _, _ = ask(site, "GET", "/")
    desk.ledger.close()

    assert again == 200


def test_a_crash_inside_says_nothing_of_the_inside(desk):
    for file in desk.home.glob("ledger.db*"):
        file.write_bytes(b"not a database at all" * 500)
    with serving(desk) as site:
        for path in ("/", "/healthz", "/api/run"):
            status, headers, text = ask(site, "GET", path)
            assert status >= 500
            assert "Traceback" not in text
            assert "default-src 'none'" in headers["Content-Security-Policy"]
