"""Sessions, form tokens and the login: nothing is stored, everything is signed.

A session is a random name with a signature in a cookie that scripts cannot read. Form tokens are
signatures of that name, so another site cannot know them. The secret lives as long as the server: after
a restart people load the page again. Where a login token is set, a session counts as logged in only if
its signature says so; wrong tokens lock the address out for a while.
"""

import datetime as dt
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from http.cookies import SimpleCookie

from starlette.requests import Request

COOKIE = "captilt"
SESSION_HOURS = 12  # a login lasts a working day; without one there is nothing to run out
TRIES = 5  # wrong tokens before an address waits
LOCKED_MINUTES = 15
MOST_ADDRESSES = 1_000  # remembered; beyond that everyone waits, which is the safe side of a flood


@dataclass(frozen=True, slots=True)
class Session:
    """One browser: a random name, when it began, and whether it showed the token.

    `known` is False for a session that the browser has not been told of yet.
    """

    name: str
    began: int
    logged_in: bool
    known: bool


@dataclass(slots=True)
class Door:
    """Signs and checks sessions; counts wrong tokens.

    Attributes
    ----------
    clock : callable
        Returns the aware present instant.
    token : str or None
        The login token; None where the page needs none.
    """

    clock: Callable[[], dt.datetime]
    token: str | None = None
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _wrong: dict[str, list[dt.datetime]] = field(default_factory=dict)

    @property
    def locked(self) -> bool:
        """True where a login token is needed."""
        return self.token is not None

    def session(self, cookie: str) -> Session:
        """The session that a cookie proves, else a new one."""
        try:
            name, began, logged_in, seal = cookie.split(".")
            whole = self._seal(f"session.{name}.{began}.{logged_in}")
            age = self._now() - int(began)
        except ValueError:
            return self._fresh()
        if not hmac.compare_digest(seal.encode(), whole.encode()):
            return self._fresh()
        if logged_in == "1" and not 0 <= age <= SESSION_HOURS * 3600:
            return self._fresh()
        return Session(name, int(began), logged_in == "1", known=True)

    def logged_in(self) -> Session:
        """A new session for someone who showed the token."""
        return Session(secrets.token_urlsafe(18), self._now(), logged_in=True, known=False)

    def cookie(self, session: Session, *, secure: bool) -> str:
        """The Set-Cookie header of a session; sent along when a person follows a link, never by other sites' forms."""
        text = f"{session.name}.{session.began}.{int(session.logged_in)}"
        jar: SimpleCookie = SimpleCookie({COOKIE: f"{text}.{self._seal(f'session.{text}')}"})
        jar[COOKIE]["path"], jar[COOKIE]["samesite"], jar[COOKIE]["httponly"] = "/", "Lax", True
        if secure:
            jar[COOKIE]["secure"] = True
        return jar[COOKIE].OutputString()

    def form_token(self, session: Session) -> str:
        """What a form of this session must send back."""
        return self._seal(f"form.{session.name}")

    def form_is_ours(self, session: Session, token: str) -> bool:
        """True where `token` was put into a form of this session."""
        return session.known and hmac.compare_digest(token.encode(), self.form_token(session).encode())

    def admits(self, request: Request, session: Session) -> bool:
        """True for a logged-in session, or for the token as a bearer header."""
        if session.logged_in:
            return True
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.opens(given.strip(), request.client.host if request.client else "")

    def opens(self, given: str, address: str) -> bool:
        """Try the token; a wrong one is counted against `address`, and a locked-out address is not even compared."""
        if self.token is None or self.wait_seconds(address):
            return False
        if hmac.compare_digest(given.encode(), self.token.encode()):
            self._wrong.pop(address, None)
            return True
        self._wrong.setdefault(address, []).append(self.clock())
        return False

    def wait_seconds(self, address: str) -> int:
        """How long `address` must wait before it may try again; 0 for not at all."""
        now = self.clock()
        since = now - dt.timedelta(minutes=LOCKED_MINUTES)
        recent = {who: kept for who, times in self._wrong.items() if (kept := [t for t in times if t > since])}
        self._wrong = recent
        counted = recent.get(address, [])
        if len(counted) < TRIES and (address in recent or len(recent) < MOST_ADDRESSES):
            return 0
        last = counted[-1] if counted else now
        return max(1, int((last + dt.timedelta(minutes=LOCKED_MINUTES) - now).total_seconds()))

    def _fresh(self) -> Session:
        return Session(secrets.token_urlsafe(18), self._now(), logged_in=False, known=False)

    def _seal(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), sha256).hexdigest()

    def _now(self) -> int:
        return int(self.clock().timestamp())
