"""Connections to the page: each has its time for a request, and no address has them all.

uvicorn waits without end for a request that never comes. Here a connection that has not sent its request in time
is closed, and where one address holds too many, its oldest one without a request makes room for the new.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS = 10.0  # for the whole request, body included; a holdings file takes less on a poor line
MOST_FROM_ONE_ADDRESS = 24  # a browser opens six
MOST_CONNECTIONS = 256  # a page for a team; more is a fault or a flood


class BoundedProtocol(H11Protocol):
    """uvicorn's protocol with a deadline for every request and a limit by address."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] - as in uvicorn
        """Begin the time for a request; make room where one address has too many connections."""
        super().connection_made(transport)
        self._start_deadline()
        others = [other for other in self.connections if other is not self and self._same_address(other)]
        if len(others) < MOST_FROM_ONE_ADDRESS:
            return
        silent = [other for other in others if isinstance(other, BoundedProtocol) and other.waits_for_request]
        victim = min(silent, key=lambda other: other.since, default=self)
        victim.transport.abort()

    def data_received(self, data: bytes) -> None:
        """End the time for a request when it is whole."""
        super().data_received(data)
        if not self.waits_for_request:
            self._stop_deadline()
        elif self._deadline is None:
            self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timer."""
        self._stop_deadline()
        super().connection_lost(exc)

    @property
    def waits_for_request(self) -> bool:
        """True while a request, or its body, has not come whole."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    def _same_address(self, other: object) -> bool:
        client = getattr(other, "client", None)
        return bool(client and self.client and client[0] == self.client[0])

    def _start_deadline(self) -> None:
        self.since = self.loop.time()
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
