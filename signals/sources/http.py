"""One way to the network for every provider: bounded in time, size and pace, retried, never telling a URL.

1. A request waits for its turn (a pace per provider, shared by all threads).
2. It may take `timeout` seconds in all, a slow drip included, and `LARGEST_BYTES`.
3. What may pass (no connection, 429, 5xx, an answer that cannot be read) is tried again with growing,
   jittered pauses, or after the pause the server asked for, until `budget` seconds are spent.
4. What cannot pass (a bad key, an unknown series, a redirect) fails at once.

Addresses carry keys, so no message names one, and the HTTP library's own log is silenced.
"""

import csv
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from signals.sources.wire_errors import (
    BudgetSpent,
    RateLimited,
    Redirected,
    RequestRefused,
    ServerFault,
    TooLarge,
    TooSlow,
    UnknownForm,
    Unreachable,
    UntrustedCertificate,
    WireError,
)

T = TypeVar("T")
NOT_UNDERSTOOD = (ValueError, csv.Error, RecursionError)  # what bytes of another form raise in a parser
LARGEST_BYTES = 128 * 1024 * 1024  # the largest real answer, a French zip, has 2 MB
READS_IN_A_BUDGET = 6  # one address that hangs may use up so large a part of it, and no more
ATTEMPTS = 6  # with the waits below about half a minute; the budget usually ends it earlier
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0  # seconds
PATIENCE = 60.0  # longest pause that we grant a server that asks for one
_MESSAGE = re.compile(rb'(?:error_)?message"?[=:]\s*"([^"<>]{1,160})"')
MARGIN = 1.1  # FRED counts its window a little longer than a second


class Pace:
    """At most so many requests a second, whoever asks."""

    def __init__(self, per_second: float) -> None:
        self._gap = MARGIN / per_second
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Sleep until it is this caller's turn."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        time.sleep(max(0.0, turn - now))


class Wire:
    """A provider's line.

    Parameters
    ----------
    name : str
        How messages call the provider.
    timeout : float
        Seconds that one request may take.
    budget : float
        Seconds that all requests of this line may take together, retries included.
    per_second : float
    headers : mapping, optional
    hide : str
        A key that no message may contain, whatever the server echoes.
    """

    def __init__(
        self,
        name: str,
        *,
        timeout: float,
        budget: float,
        per_second: float = 4.0,
        headers: Mapping[str, str] | None = None,
        hide: str = "",
    ) -> None:
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # it logs whole addresses, keys included
        logging.getLogger("httpcore2").setLevel(logging.WARNING)
        self.name = name
        self.timeout = timeout
        self._hide = hide
        self._budget = budget
        self._per_read = max(timeout, budget / READS_IN_A_BUDGET)
        self._ends: float | None = None
        self._pace = Pace(per_second)
        self._headers = {"User-Agent": "captilt", "Accept-Encoding": "gzip", **(headers or {})}

    def left(self) -> float:
        """Seconds of the budget that are left; the clock starts with the first request."""
        if self._ends is None:
            self._ends = time.monotonic() + self._budget
        return self._ends - time.monotonic()

    def read(self, address: str, params: Mapping[str, str], understand: Callable[[bytes], T]) -> T:
        """Ask, retry, and turn the answer's bytes into what they mean.

        Parameters
        ----------
        address, params
            Where and what to ask.
        understand : callable
            Raises ValueError where the bytes are not what the provider sends; that is retried too.
        """
        return self.persist(lambda seconds: self._understood(address, params, understand, seconds))

    def persist(self, attempt: Callable[[float], T]) -> T:
        """Call `attempt` (with the seconds it may take) until it works, fails for good, or the budget is spent."""
        import stamina

        left = self.left()
        if left <= 0:
            raise BudgetSpent(self.name, f"used up its {self._budget:.0f} s of this fetch")
        tries = stamina.retry_context(
            on=self._again,
            attempts=ATTEMPTS,
            timeout=min(left, self._per_read),
            wait_initial=FIRST_WAIT,
            wait_max=LONGEST_WAIT,
        )
        for attempt_context in tries:
            with attempt_context:
                return attempt(max(min(self.timeout, self.left()), 0.001))
        raise AssertionError("unreachable: the last attempt raises")  # pragma: no cover

    def wait_turn(self) -> None:
        """Sleep until the pace allows another request; for clients that send their own."""
        self._pace.wait()

    def knock(self, address: str, seconds: float) -> None:
        """One request without retry: return if anything at all answers within `seconds`."""
        self._ask(address, {}, seconds)

    def once(self, address: str, params: Mapping[str, str], understand: Callable[[bytes], T], seconds: float) -> T:
        """`read` without retry and outside the budget."""
        return self._understood(address, params, understand, seconds)

    def _again(self, fault: Exception) -> bool | float:
        if not isinstance(fault, WireError) or not fault.passes:
            return False
        if fault.wait is None:
            return self.left() > 0
        return fault.wait if fault.wait <= min(PATIENCE, self.left()) else False

    def _understood(
        self, address: str, params: Mapping[str, str], understand: Callable[[bytes], T], seconds: float
    ) -> T:
        status, headers, body = self._ask(address, params, seconds)
        self._check_status(status, headers, body)
        try:
            return understand(body)
        except NOT_UNDERSTOOD as fault:
            raise UnknownForm(self.name, f"answered in a form this version does not know ({fault})") from None

    def _ask(self, address: str, params: Mapping[str, str], seconds: float) -> tuple[int, Mapping[str, str], bytes]:
        import httpx2

        self._pace.wait()
        ends = time.monotonic() + seconds
        body = bytearray()
        try:
            with (
                httpx2.Client(timeout=seconds, headers=self._headers) as client,
                client.stream("GET", address, params=params) as answer,
            ):
                for chunk in answer.iter_bytes():
                    body += chunk
                    if time.monotonic() > ends:
                        raise TooSlow(self.name, f"took more than {seconds:.0f} s to answer")
                    if len(body) > LARGEST_BYTES:
                        raise TooLarge(self.name, f"sent more than {LARGEST_BYTES // 2**20} MB")
                return answer.status_code, answer.headers, bytes(body)
        except httpx2.TimeoutException:
            raise TooSlow(self.name, f"did not answer within {seconds:.0f} s") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as fault:
            if reason := certificate_fault(fault):
                raise UntrustedCertificate(self.name, f"cannot be reached: {reason}") from None
            raise Unreachable(self.name, f"cannot be reached ({type(fault).__name__})") from None

    def _check_status(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        if status == 200:  # noqa: PLR2004 - HTTP's own number
            return
        if status == 429:  # noqa: PLR2004 - too many requests
            raise RateLimited(
                self.name,
                "asked us to slow down (429)",
                wait=_seconds(headers.get("retry-after")),
                status=status,
            )
        if status >= 500:  # noqa: PLR2004 - the server's fault
            raise ServerFault(
                self.name,
                f"failed by its own account ({status})",
                wait=_seconds(headers.get("retry-after")),
                status=status,
            )
        if 300 <= status < 400:  # noqa: PLR2004 - redirects
            raise Redirected(self.name, f"points to another address ({status})", status=status)
        page = b"<html" in body[:2000].lower()
        reason = f"refused the request ({status}){self._reason(body)}"
        raise RequestRefused(self.name, reason, status=status, page=page)

    def _reason(self, body: bytes) -> str:
        """The short reason in a refusal that is FRED's XML or JSON; never a page, never our key."""
        match = _MESSAGE.search(body[:2000])
        reason = match[1].decode("utf-8", "replace").rstrip(".") if match else ""
        return f": {reason}" if reason and not (self._hide and self._hide in reason) else ""


def certificate_fault(fault: BaseException) -> str:
    """What is wrong with the server's certificate, in words; empty where the fault is another one.

    >>> certificate_fault(OSError("certificate verify failed: certificate has expired"))
    'its certificate is not trusted (certificate has expired)'
    """
    text = str(fault)
    if "certificate" not in text.lower():
        return ""
    cause = re.search(r"verify failed: ([A-Za-z ,'-]{3,80})", text)
    return f"its certificate is not trusted ({cause[1].strip()})" if cause else "its certificate is not trusted"


def _seconds(cell: str | None) -> float | None:
    try:
        return max(0.0, float(cell)) if cell else None
    except ValueError:
        return None  # a date; our own pauses will do
