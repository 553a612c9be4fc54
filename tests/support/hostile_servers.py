"""Servers on the loopback that never end a conversation: they drip, flood, hang or lie."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

PAUSE_SECONDS = 0.1  # between the bytes of a dripping server: shorter than any timeout for one read
HTTP_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


class HostileServer:
    """One TCP server; `talk` gets each connection and says when to stop."""

    def __init__(self, talk: Callable[["HostileServer", socket.socket], None]) -> None:
        self.stop = threading.Event()
        self.connections = 0
        self._talk = talk
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def drip(self, connection: socket.socket, content: bytes) -> None:
        """Send one byte after another, for as long as it takes."""
        for byte in content:
            if self.stop.wait(PAUSE_SECONDS):
                return
            connection.sendall(bytes([byte]))

    def repeat(self, connection: socket.socket, content: bytes) -> None:
        """Send the same without end, as fast as it goes."""
        while not self.stop.is_set():
            connection.sendall(content)

    def hang(self) -> None:
        """Say nothing until the test is over."""
        self.stop.wait()

    def close(self) -> None:
        self.stop.set()
        self._socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self._talk(self, connection)


def _request(connection: socket.socket) -> None:
    """Read a request's headers; what follows may stay in the buffer."""
    content = b""
    while b"\r\n\r\n" not in content:
        part = connection.recv(65536)
        if not part:
            return
        content += part


def _drip_header(server: HostileServer, connection: socket.socket) -> None:
    _request(connection)
    server.drip(connection, HTTP_OK + b"X-Slow: " + b"a" * 5000)


def _drip_body(server: HostileServer, connection: socket.socket) -> None:
    _request(connection)
    connection.sendall(HTTP_OK + b"Content-Length: 5000\r\n\r\n")
    server.drip(connection, b"o" * 5000)


def _continue_forever(server: HostileServer, connection: socket.socket) -> None:
    _request(connection)
    server.repeat(connection, b"HTTP/1.1 100 Continue\r\n\r\n")


def _endless_body(server: HostileServer, connection: socket.socket) -> None:
    _request(connection)
    connection.sendall(HTTP_OK + b"\r\n")
    server.repeat(connection, b"o" * 65536)


def _endless_header(server: HostileServer, connection: socket.socket) -> None:
    _request(connection)
    connection.sendall(HTTP_OK)
    server.repeat(connection, b"X-More: " + b"a" * 1000 + b"\r\n")


def _silence(server: HostileServer, _connection: socket.socket) -> None:
    server.hang()


def _drip_banner(server: HostileServer, connection: socket.socket) -> None:
    server.drip(connection, b"220 " + b"a" * 5000)


def _banner_lines(server: HostileServer, connection: socket.socket) -> None:
    while not server.stop.wait(PAUSE_SECONDS):
        connection.sendall(b"220-still thinking\r\n")


def _flood(server: HostileServer, connection: socket.socket) -> None:
    server.repeat(connection, b"220-" + b"a" * 500 + b"\r\n")


def _drip_reply(server: HostileServer, connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.org ESMTP\r\n")
    connection.recv(1024)
    server.drip(connection, b"250-" + b"a" * 5000)


def _hang_after_data(server: HostileServer, connection: socket.socket) -> None:
    """A mail server in order, until the mail is there."""
    connection.sendall(b"220 mail.example.org ESMTP\r\n")
    lines = connection.makefile("rb")
    for line in lines:
        word = line.split(b" ")[0].strip().upper()
        connection.sendall(b"354 go on\r\n" if word == b"DATA" else b"250 OK\r\n")
        if word == b"DATA":
            break
    server.hang()


HTTP_KINDS: dict[str, Callable[[HostileServer, socket.socket], None]] = {
    "a byte of the header at a time": _drip_header,
    "a byte of the body at a time": _drip_body,
    "100-continue for ever": _continue_forever,
    "a body without end": _endless_body,
    "a header without end": _endless_header,
    "silence": _silence,
}
SMTP_KINDS: dict[str, Callable[[HostileServer, socket.socket], None]] = {
    "a byte of the banner at a time": _drip_banner,
    "banner lines for ever": _banner_lines,
    "a flood": _flood,
    "a byte of a reply at a time": _drip_reply,
    "silence": _silence,
    "silence after the mail": _hang_after_data,
}


@contextlib.contextmanager
def hostile_server(talk: Callable[[HostileServer, socket.socket], None]) -> Iterator[HostileServer]:
    server = HostileServer(talk)
    try:
        yield server
    finally:
        server.close()
