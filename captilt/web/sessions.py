"""Sessions and the login. What a browser keeps is signed by Starlette's SessionMiddleware; nothing is stored here.

A session is a random name, a random form token and the time it began, in a cookie that scripts cannot read.
Another site knows no form token and so can send no form. The signing key lives as long as the server: after a
restart people load the page again. Where a login token is set, wrong ones lock their address out for a while, and
a session that was logged out is not believed again.
"""

import datetime as dt
import hmac
import secrets
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

COOKIE = "captilt"
LOGIN_REQUIRED: ContextVar[bool] = ContextVar("login_required", default=False)  # of the request at hand, for the layout
SESSION_HOURS = 12  # a login lasts a working day; without one there is nothing to run out
TRIES = 5  # wrong tokens before an address waits
LOCKED_MINUTES = 15
MOST_ADDRESSES = 1_000  # remembered; beyond that everyone waits, which is the safe side of a flood


@dataclass(frozen=True, slots=True)
class Session:
    """One browser.

    Attributes
    ----------
    name : str
        Random.
    form_token : str
        What a form of this session must send back.
    began : int
        Seconds of the clock.
    logged_in : bool
        It showed the login token.
    known : bool
        False for a session that the browser has not been told of yet.
    """

    name: str
    form_token: str
    began: int
    logged_in: bool
    known: bool


@dataclass(slots=True)
class Login:
    """Reads and begins sessions; counts wrong tokens.

    Attributes
    ----------
    clock : callable
        Returns the aware present instant.
    token : str or None
        The login token; None where the page needs none.
    signing_key : str
        Of this server's cookies.
    """

    clock: Callable[[], dt.datetime]
    token: str | None = None
    signing_key: str = field(default_factory=lambda: secrets.token_hex(32))
    _wrong: dict[str, list[dt.datetime]] = field(default_factory=dict)
    _ended: dict[str, int] = field(default_factory=dict)

    @property
    def required(self) -> bool:
        """True where a login token is needed."""
        return self.token is not None

    def session(self, cookie: MutableMapping[str, Any]) -> Session:
        """The session in the signed cookie, else a new one, which is written into it."""
        if not cookie:
            return self._begin(cookie, logged_in=False)
        session = Session(cookie["name"], cookie["form"], cookie["began"], cookie["in"], known=True)
        age = self._now() - session.began
        expired = session.logged_in and not 0 <= age <= SESSION_HOURS * 3600
        return self._begin(cookie, logged_in=False) if expired or session.name in self._ended else session

    def log_in(self, cookie: MutableMapping[str, Any]) -> None:
        """Begin a new session for someone who showed the token."""
        self._begin(cookie, logged_in=True)

    def log_out(self, session: Session, cookie: MutableMapping[str, Any]) -> None:
        """End a session for good, also for a copy of its cookie."""
        oldest = self._now() - SESSION_HOURS * 3600
        self._ended = {name: began for name, began in self._ended.items() if began >= oldest}
        self._ended[session.name] = session.began
        self._begin(cookie, logged_in=False)

    def owns_form(self, session: Session, token: str) -> bool:
        """True where `token` was put into a form of this session."""
        return session.known and hmac.compare_digest(token.encode(), session.form_token.encode())

    def admits(self, request: Request, session: Session) -> bool:
        """True for a logged-in session, or for the token as a bearer header."""
        if session.logged_in:
            return True
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.accepts(token.strip(), request.client.host if request.client else "")

    def accepts(self, token: str, address: str) -> bool:
        """Try the token; a wrong one is counted against `address`, and a locked-out address is not even compared."""
        if self.token is None or self.wait_seconds(address):
            return False
        if hmac.compare_digest(token.encode(), self.token.encode()):
            self._wrong.pop(address, None)
            return True
        self._wrong.setdefault(address, []).append(self.clock())
        return False

    def wait_seconds(self, address: str) -> int:
        """How long `address` must wait before it may try again; 0 for not at all."""
        now = self.clock()
        since = now - dt.timedelta(minutes=LOCKED_MINUTES)
        recent = {who: times for who, tries in self._wrong.items() if (times := [t for t in tries if t > since])}
        self._wrong = recent
        counted = recent.get(address, [])
        if len(counted) < TRIES and (address in recent or len(recent) < MOST_ADDRESSES):
            return 0
        last = counted[-1] if counted else now
        return max(1, int((last + dt.timedelta(minutes=LOCKED_MINUTES) - now).total_seconds()))

    def _begin(self, cookie: MutableMapping[str, Any], *, logged_in: bool) -> Session:
        session = Session(secrets.token_urlsafe(18), secrets.token_urlsafe(18), self._now(), logged_in, known=False)
        cookie.update(name=session.name, form=session.form_token, began=session.began)
        cookie["in"] = logged_in
        return session

    def _now(self) -> int:
        return int(self.clock().timestamp())
