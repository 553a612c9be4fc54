"""What channels share that post JSON to an address kept as a secret."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from captilt.channels.channel import Problem, Receipt
from captilt.operations.bounded import DeadlineExceeded, within
from captilt.operations.http_post import Answer, BadAddress, Interrupted, NotSent, address_fault, post
from signals.errors import UsageError

TRY_AGAIN = frozenset({408, 425, 429})  # statuses below 500 that pass by waiting
CLIENT_FAULT, SERVER_FAULT = 400, 500
PORTS = {"https": 443, "http": 80}
WHOLE: tuple[str, ...] = ("everybody",)  # a webhook has one receiver


def send_json(
    url: SecretStr,
    content: Any,
    *,
    seconds: float,
    accepted: Callable[[Answer], bool],
    headers: Callable[[bytes], Mapping[str, str]] = lambda _: {},
) -> Receipt:
    """Post `content` once.

    Parameters
    ----------
    url : SecretStr
    content : JSON value
    seconds : float
        For the whole exchange.
    accepted : callable
        True for the service's own sign that it took the message; a page of a proxy or of a hotel is none.
    headers : callable, optional
        From the body to more headers, for a signature.
    """
    body = json.dumps(content, ensure_ascii=False).encode()
    base = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "captilt"}
    try:
        answer = post(url.get_secret_value(), body, base | dict(headers(body)), seconds=seconds)
    except BadAddress as fault:
        return Receipt("permanent", str(fault))
    except NotSent as fault:
        return Receipt("transient", str(fault))
    except Interrupted as fault:
        return Receipt("transient", str(fault), perhaps_there=True)
    return receipt_of(answer, accepted=accepted(answer))


def receipt_of(answer: Answer, *, accepted: bool) -> Receipt:
    """The receipt that an answer amounts to."""
    if accepted:
        return Receipt("sent", str(answer.status))
    if answer.status < CLIENT_FAULT:
        page = " (a web page)" if answer.content_type == "text/html" else ""
        return Receipt("transient", f"{answer.status} without the service's own acknowledgement{page}")
    waits = answer.status in TRY_AGAIN or answer.status >= SERVER_FAULT
    return Receipt("transient" if waits else "permanent", str(answer.status), answer.retry_after_seconds)


def required_secret(name: str, channel: str, what: str) -> SecretStr:
    """The secret of a channel that cannot work without it."""
    from captilt.secrets import secret

    value = secret(name)
    if value is None:
        raise UsageError(
            f"{channel} is switched on, but its {what} is not set.",
            remedy=f"Set {name.removeprefix('env:') or f'[alerts.{channel}]'} in the environment or the secrets file.",
        )
    return value


def address_problems(name: str, setting: str) -> Iterator[Problem]:
    """What is wrong with an address behind a secret's name; nothing where it is not set (another finding)."""
    from captilt.secrets import secret

    value = secret(name)
    if value is not None and (fault := address_fault(value.get_secret_value())):
        variable = name.removeprefix("env:")
        yield Problem(setting, f"{variable} is no address: {fault}", f"Copy the whole address into {variable} again.")


def shown(body: Mapping[str, Any]) -> bytes:
    """What would be posted, laid out for a person."""
    return json.dumps(body, indent=2, ensure_ascii=False).encode()


def connection_fault(address: SecretStr, seconds: float) -> str:
    """Empty where the address's host takes a connection, else the kind of fault; sends nothing."""
    url = address.get_secret_value()
    if fault := address_fault(url):
        return f"the address is wrong: {fault}"
    try:
        within(seconds, lambda: _connect(url, seconds))
    except (OSError, DeadlineExceeded) as fault:
        return type(fault).__name__
    return ""


def _connect(url: str, seconds: float) -> None:
    parts = urlsplit(url)
    port = parts.port or PORTS[parts.scheme]
    with socket.create_connection((parts.hostname or "", port), timeout=seconds) as plain:
        if parts.scheme == "https":
            import ssl

            ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname).close()
