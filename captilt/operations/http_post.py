"""One POST with a deadline for the whole exchange, a bounded answer and no redirects.

A server may hang, drip one byte a second, or answer without end: a timeout for each read, as HTTP
libraries have it, never ends then. Here connection, request and answer together have `seconds`, and of the
answer no more than `MOST_BYTES` are read. Nothing quotes the address: secrets live in it.
"""

import asyncio
import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from captilt.operations.bounded import DeadlineExceeded, within

if TYPE_CHECKING:
    import httpx2

MOST_BYTES = 65_536  # of an answer; services answer with a word
OWN_SECONDS = 5.0  # beyond the deadline: to load certificates on a slow machine, and to close
LONGEST_WAIT_SECONDS = 86_400.0  # more than a day is a fault of the receiver


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes
    ----------
    status : int
    body : bytes
        Not longer than `MOST_BYTES`: a longer answer is none.
    content_type : str
        Lower case, without parameters.
    retry_after_seconds : float or None
        What the server asked for, in seconds or as a date; 0 to a day.
    """

    status: int
    body: bytes
    content_type: str
    retry_after_seconds: float | None

    @property
    def text(self) -> str:
        """The answer without surrounding blanks."""
        return self.body.decode("utf-8", "replace").strip()


class PostFailed(Exception):
    """There is no answer; the message names the kind of fault and never the address."""


class BadAddress(PostFailed):
    """The address cannot be one."""


class NotSent(PostFailed):
    """The request never left: no name, no connection, no TLS."""


class Interrupted(PostFailed):
    """The request left, at least in part, and no whole answer came: it may have arrived."""


def address_fault(url: str) -> str:
    """Empty for an http(s) address with a host and a possible port, else what is wrong with it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "its port or host is not one"
    if parts.scheme not in ("http", "https"):
        return "it does not begin with https:// or http://"
    if not parts.hostname or any(letter.isspace() or not letter.isprintable() for letter in url):
        return "it has no host, or a blank in it"
    if port == 0 or parts.netloc.endswith(":"):
        return "its port is empty or zero"
    return ""


def make_ready() -> None:
    """Load the HTTP library: a quarter of a second that need not pass while a message is on its way."""
    import httpx2  # noqa: F401


def post(url: str, content: bytes, headers: Mapping[str, str], *, seconds: float) -> Answer:
    """Post once.

    Parameters
    ----------
    url : str
    content : bytes
    headers : mapping
    seconds : float
        For everything together.

    Raises
    ------
    BadAddress, NotSent, Interrupted
    """
    if fault := address_fault(url):
        raise BadAddress(f"the address is wrong: {fault}")
    # In a thread: a notebook or a server has a running loop in this one, and a name server that hangs keeps its loop.
    try:
        return within(seconds + OWN_SECONDS, lambda: asyncio.run(_post(url, content, headers, seconds)), name="post")
    except DeadlineExceeded as fault:
        raise Interrupted(type(fault).__name__) from None


async def _post(url: str, content: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
    import httpx2

    left = False

    async def watch(event: str, _: Mapping[str, Any]) -> None:
        nonlocal left
        left = left or event.endswith("send_request_headers.started")

    client = httpx2.AsyncClient(follow_redirects=False, timeout=seconds)  # loads certificates: not the server's time
    try:
        async with (
            asyncio.timeout(seconds),
            client,
            client.stream("POST", url, content=content, headers=dict(headers), extensions={"trace": watch}) as response,
        ):
            return Answer(
                response.status_code,
                await _whole(response),
                response.headers.get("content-type", "").partition(";")[0].strip().lower(),
                retry_after(response.headers.get("retry-after", ""), dt.datetime.now(dt.UTC)),
            )
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as fault:
        raise BadAddress("the address is wrong") from fault
    except (httpx2.HTTPError, OSError, ValueError) as fault:  # TimeoutError is an OSError
        kind = Interrupted if left else NotSent
        raise kind(type(fault).__name__) from None


async def _whole(response: "httpx2.Response") -> bytes:
    body = b""
    async for part in response.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            raise Interrupted("an answer without end")
    return body


def retry_after(value: str, now: dt.datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for: a number, or a date.

    >>> retry_after("120", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    120.0
    >>> retry_after("Thu, 01 Jan 2026 00:10:00 GMT", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    600.0
    """
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - now).total_seconds()
        except (TypeError, ValueError):  # no date, or one without a zone
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS) if math.isfinite(seconds) else None
