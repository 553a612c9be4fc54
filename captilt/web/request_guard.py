"""The guard of the page: who may speak to it, how much they may send, and what a browser may do with it.

Every request passes, from outside to inside and before any route, whatever its method:

1. `Envelope`: a body may not be larger than `LIMIT_BYTES`, declared or counted (413), and a port must be one (400).
   Every answer, refusals included, forbids scripts that are not ours, framing, sniffing and caching.
2. Starlette's TrustedHostMiddleware: a foreign name that resolves to this machine is DNS rebinding (400).
3. Starlette's SessionMiddleware: the signed cookie (`captilt.web.sessions`).
4. `Guard`: a request made by another site is refused, except a person following a link (403); where a login
   token is set, everything but the login needs it (401, or the login page).
"""

from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from captilt.web.sessions import LOGIN_REQUIRED, Login, Session

LIMIT_BYTES = 524_288  # a holdings file, a note and room to spare
LAST_PORT = 65_535
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS = ("/healthz", "/login", "/static/")
FRAMES = frozenset({"iframe", "frame", "embed", "object"})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer browsers send our own forms with Origin null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def in_place(request: Request) -> bool:
    """True where the page's own script asks for a part of it; going back in time asks for the whole."""
    return "hx-request" in request.headers and "hx-history-restore-request" not in request.headers


def address(request: Request) -> str:
    """Path and query of a request, fit for a header; one slash first, since two would name another site."""
    path = "/" + quote(request.url.path.lstrip("/"), safe="/")
    return f"{path}?{quote(request.url.query, safe='=&')}" if request.url.query else path


class TooLarge(Exception):
    """The body is larger than allowed."""


@dataclass(slots=True)
class Exchange:
    """One request and its answer: counts what comes in, dresses what goes out.

    Attributes
    ----------
    incoming, outgoing : Receive, Send
    """

    incoming: Receive
    outgoing: Send
    received: int = 0
    started: bool = False

    @property
    def too_large(self) -> bool:
        """True once more came in than is allowed."""
        return self.received > LIMIT_BYTES

    async def receive(self) -> Message:
        """Pass on the next part of the body; stop at the limit even where no length was declared."""
        message = await self.incoming()
        self.received += len(message.get("body", b""))
        if self.too_large:
            raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        """Answer, unless the body was too large: then the envelope answers."""
        if not self.too_large:
            await self.send_dressed(message)

    async def send_dressed(self, message: Message) -> None:
        """Add the headers of every answer."""
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await self.outgoing(message)


@dataclass(frozen=True, slots=True)
class Envelope:
    """ASGI middleware, the outermost; see the module's first rule.

    Attributes
    ----------
    app : ASGIApp
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with a counted body and a dressed answer."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no websocket is served; the server closes it
        request, exchange = Request(scope), Exchange(receive, send)
        if _declared_size(request.headers) > LIMIT_BYTES:
            await _too_large(request)(scope, receive, exchange.send)
            return
        if not _has_one_possible_host(request.headers):
            await _refused(request, 400, "host", "the Host header is wrong.")(scope, receive, exchange.send)
            return
        with suppress(TooLarge):  # answered below
            await self.app(scope, exchange.receive, exchange.send)
        if exchange.too_large and not exchange.started:
            await _too_large(request)(scope, receive, exchange.send_dressed)


@dataclass(frozen=True, slots=True)
class Guard:
    """ASGI middleware, inside the sessions; see the module's fourth rule.

    Attributes
    ----------
    app : ASGIApp
    login : Login
        Sessions, and the login where one is needed.
    """

    app: ASGIApp
    login: Login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with a session."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        LOGIN_REQUIRED.set(self.login.required)
        session = self.login.session(request.session)
        scope.setdefault("state", {})["session"] = session
        refusal = self._refusal(request, session)
        await (refusal or self.app)(scope, receive, send)

    def _refusal(self, request: Request, session: Session) -> Response | None:
        if _from_elsewhere(request):
            return _refused(request, 403, "cross_origin", "another site asked for this; nothing was done.")
        is_open = request.url.path.startswith(OPEN_PATHS)
        if self.login.required and not is_open and not self.login.admits(request, session):
            return self._turned_away(request)
        return None

    def _turned_away(self, request: Request) -> Response:
        if wait := self.login.wait_seconds(_client(request)):
            return _refused(
                request, 429, "locked_out", f"too many wrong tokens; wait {wait} seconds.", {"Retry-After": str(wait)}
            )
        if request.method == "GET" and not request.url.path.startswith("/api"):
            login = f"/login?then={quote(request.url.path, safe='/')}"
            return Response("", 401, {"HX-Redirect": login}) if in_place(request) else RedirectResponse(login, 303)
        return _refused(request, 401, "login", "a login token is needed.", {"WWW-Authenticate": "Bearer"})


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _has_one_possible_host(headers: Headers) -> bool:
    """True for one Host whose port, if it has one, can be a port; its name is checked further inside."""
    names = headers.getlist("host")
    if len(names) != 1:
        return False
    port = names[0].rpartition("]")[2].partition(":")[2] if "[" in names[0] else names[0].partition(":")[2]
    return not port or (port.isascii() and port.isdecimal() and 0 < int(port[:6]) <= LAST_PORT)


def _declared_size(headers: Headers) -> int:
    size = headers.get("content-length", "0")
    return int(size) if size.isdecimal() else LIMIT_BYTES + 1


def _from_elsewhere(request: Request) -> bool:
    """True where a browser says that another site made the request, or shows us in a frame."""
    headers = request.headers
    site = headers.get("sec-fetch-site", "none")
    if headers.get("sec-fetch-dest") in FRAMES:
        return True
    origin = headers.get("origin")
    if request.method not in SAFE:
        ours = urlsplit(origin or "").netloc.lower() == headers.get("host", "").lower()
        return (origin is not None and not ours) or site not in ("none", "same-origin")
    return site in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate"


def _too_large(request: Request) -> Response:
    return _refused(request, 413, "too_large", f"the request is larger than {LIMIT_BYTES:,} bytes.")


def _refused(request: Request, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    if request.url.path.startswith("/api"):
        body = {"schema": 1, "error": {"code": code, "message": message, "remedy": ""}}
        return JSONResponse(body, status, headers)
    return PlainTextResponse(f"Refused: {message}\n", status, headers)
