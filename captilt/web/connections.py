"""Connections to the page: each has its time for a request and for its answer, and no address has them all.

uvicorn waits without end for a request that never comes, and for a reader who takes no answer. Here such a connection
is closed in time, and where one address, or all together, hold too many, the oldest one without a request makes room.
"""

import asyncio
import ipaddress

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS = 10.0  # for the whole request, body included; a holdings file takes less on a poor line
ANSWER_SECONDS = 30.0  # without a byte taken of an answer that fills the buffers
MOST_FROM_ONE_ADDRESS = 24  # a browser opens six
MOST_CONNECTIONS = 256  # a page for a team; more is a fault or a flood
IPV6_NETWORK = 64  # bits: one machine may have any address behind them


def network_of(host: str) -> str:
    """An address of IPv4 as it is; of IPv6 the network that one machine may choose its addresses from.

    >>> network_of("192.0.2.7"), network_of("2001:db8:1:2:3:4:5:6"), network_of("fe80::1%eth0")
    ('192.0.2.7', '2001:db8:1:2::/64', 'fe80::/64')
    """
    if ":" not in host:
        return host
    return str(ipaddress.ip_network((host.partition("%")[0], IPV6_NETWORK), strict=False))


class BoundedProtocol(H11Protocol):
    """uvicorn's protocol with deadlines for request and answer, and a limit by address and for all."""

    _deadline: asyncio.TimerHandle | None = None
    _answer_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] - as in uvicorn
        """Begin the time for a request; make room where one address has too many connections."""
        super().connection_made(transport)
        self._start_deadline()
        others = [
            other
            for other in self.connections
            if isinstance(other, BoundedProtocol) and other is not self and not other.transport.is_closing()
        ]
        near = [other for other in others if other.network == self.network]
        if len(near) >= MOST_FROM_ONE_ADDRESS:
            self._make_room(near)
        elif len(others) >= MOST_CONNECTIONS:
            self._make_room(others)

    def _make_room(self, others: "list[BoundedProtocol]") -> None:
        """Close the oldest connection without a request; this one where all are being answered."""
        silent = [other for other in others if other.waits_for_request]
        min(silent, key=lambda other: other.since, default=self).transport.abort()

    def data_received(self, data: bytes) -> None:
        """End the time for a request when it is whole."""
        super().data_received(data)
        if not self.waits_for_request:
            self._stop_deadline()
        elif self._deadline is None:
            self._start_deadline()

    def pause_writing(self) -> None:
        """Begin the time in which the other side must take something of the answer."""
        super().pause_writing()
        self._answer_deadline = self.loop.call_later(ANSWER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """End that time."""
        super().resume_writing()
        self._stop_answer_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timers."""
        self._stop_deadline()
        self._stop_answer_deadline()
        super().connection_lost(exc)

    @property
    def waits_for_request(self) -> bool:
        """True while a request, or its body, has not come whole."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    @property
    def network(self) -> str:
        """See `network_of`."""
        return network_of(self.client[0] if self.client else "")

    def _start_deadline(self) -> None:
        self.since = self.loop.time()
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _stop_answer_deadline(self) -> None:
        if self._answer_deadline is not None:
            self._answer_deadline.cancel()
            self._answer_deadline = None
