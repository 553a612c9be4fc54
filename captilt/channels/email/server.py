"""A mail server spoken to with one deadline for everything, and replies of bounded length.

A timeout for each read never ends against a server that sends a byte a second, and a server that never
stops talking fills the memory; `smtplib` guards against neither.
"""

import base64
import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

if TYPE_CHECKING:
    from captilt.channels.email.settings import EmailSettings

MOST_REPLY_BYTES = 65_536  # of a whole session; a long EHLO answer has two thousand
READY, LOGGED_IN = 220, 235


class NoStartTls(smtplib.SMTPException):
    """The server offers no STARTTLS though the settings ask for it."""


class NoLogin(smtplib.SMTPException):
    """The server offers no login that takes this user and password."""


class _Replies:
    """What a server says, and no more than `MOST_REPLY_BYTES` of it."""

    def __init__(self, file: Any) -> None:
        self._file, self._left = file, MOST_REPLY_BYTES

    def readline(self, size: int) -> bytes:
        line = self._file.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise smtplib.SMTPServerDisconnected("the server does not stop talking")
        return line

    def close(self) -> None:
        self._file.close()


class MailServer(smtplib.SMTP):
    """A connection that is cut when its time is over.

    Attributes
    ----------
    late : bool
        True once the deadline has cut it.
    handed_over : bool
        True from the moment at which the mail itself began to leave.
    """

    late = False
    handed_over = False

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(timeout=seconds)  # connects later, when it can be cut
        self._host = host  # what the library checks the certificate against; only its own constructor sets it

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply; the library reopens the stream after STARTTLS."""
        if self.file is None and self.sock is not None:
            self.file = _Replies(self.sock.makefile("rb"))
        return super().getreply()

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Hand the mail over; until here nothing can have arrived."""
        self.handed_over = True
        return super().data(msg)

    def cut(self) -> None:
        """End whatever is being read or written, from another thread."""
        self.late = True
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def log_in(self, user: str, password: str) -> None:
        """Log in; what does not fit ASCII goes through PLAIN in UTF-8 (RFC 4616), which the library does not do."""
        if user.isascii() and password.isascii():
            try:
                self.login(user, password)
            except smtplib.SMTPNotSupportedError:
                raise NoLogin("the server offers no login") from None
            return
        self.ehlo_or_helo_if_needed()
        if "PLAIN" not in self.esmtp_features.get("auth", "").upper().split():
            raise NoLogin("the password has letters outside ASCII, and the server takes none but through AUTH PLAIN")
        response = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        code, answer = self.docmd("AUTH", f"PLAIN {response}")
        if code != LOGGED_IN:
            raise smtplib.SMTPAuthenticationError(code, answer)


@contextlib.contextmanager
def session(server: MailServer, settings: "EmailSettings", password: SecretStr | None) -> Iterator[None]:
    """`server` connected, encrypted and logged in as the settings ask; cut at the deadline.

    Raises
    ------
    TimeoutError
        The deadline has cut the connection.
    OSError, smtplib.SMTPException
        Anything else that the network or the server did.
    """
    timer = threading.Timer(settings.timeout_seconds, server.cut)
    timer.daemon = True
    timer.start()
    try:
        code, banner = server.connect(settings.host, settings.port)
        if code != READY:
            raise smtplib.SMTPConnectError(code, banner)
        server.ehlo_or_helo_if_needed()
        if settings.starttls:
            _encrypt(server, settings.ca_file)
        if settings.user and password is not None:
            server.log_in(settings.user, password.get_secret_value())
        if server.late:  # a reply cut in the middle can read like a whole one
            raise smtplib.SMTPServerDisconnected("cut at the deadline")
        yield
    except (OSError, smtplib.SMTPException) as fault:
        if server.late:
            raise TimeoutError(f"no end within {settings.timeout_seconds:g} seconds") from fault
        raise
    finally:
        timer.cancel()
        server.close()  # without QUIT: its answer could only spoil a mail that is accepted


def _encrypt(server: MailServer, ca_file: str) -> None:
    if not server.has_extn("starttls"):
        raise NoStartTls("the server offers no STARTTLS")
    server.starttls(context=ssl.create_default_context(cafile=ca_file or None))


def connection_fault(settings: "EmailSettings", password: SecretStr | None) -> str:
    """Empty where the server answers and lets us in, else what was seen, without an address in it."""
    try:
        server = MailServer(settings.host, settings.timeout_seconds)
        with session(server, settings, password):
            server.noop()
    except smtplib.SMTPResponseException as fault:
        return f"the mail server answered {fault.smtp_code}"
    except (NoStartTls, NoLogin) as fault:
        return str(fault)
    except (OSError, smtplib.SMTPException) as fault:
        return type(fault).__name__
    return ""
