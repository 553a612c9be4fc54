"""Running the review server: one process, one address, studies prepared beside it."""

import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from captilt.web.app import build
from captilt.web.connections import MOST_CONNECTIONS, BoundedProtocol
from signals.errors import UsageError

if TYPE_CHECKING:
    from captilt.config.settings import Review
    from captilt.context import Desk

KEEP_ALIVE_SECONDS = 5
LOOK_SECONDS = 30  # between two looks whether a new run was recorded


def serve(desk: "Desk", *, host: str | None = None, port: int | None = None, prepare: bool = True) -> None:
    """Serve until interrupted.

    Raises
    ------
    UsageError
        Where the address is taken, or a certificate cannot be used.
    """
    import uvicorn

    from captilt.terminal.console import stderr_console

    changes = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    review = desk.settings.review.model_copy(update=changes)
    desk.settings = desk.settings.model_copy(update={"review": review})
    app = build(desk)
    app.state.room.contents()  # reads the ledger before the first person waits for it
    listener = bound_socket(review.host, review.port)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # addresses and paths of people are nobody's business
        server_header=False,
        http=BoundedProtocol,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        limit_concurrency=2 * MOST_CONNECTIONS,  # those that make room are counted until they are gone
        proxy_headers=bool(review.trusted_proxy),  # nobody else may say where a request comes from
        forwarded_allow_ips=review.trusted_proxy or None,
        ssl_certfile=review.certificate or None,
        ssl_keyfile=review.certificate_key or None,
    )
    _load(config, review)
    if prepare:
        threading.Thread(target=_keep_prepared, args=(desk,), name="studies", daemon=True).start()
    scheme, number = "https" if review.certificate else "http", listener.getsockname()[1]
    stderr_console().print(f"captilt review: {scheme}://{review.host}:{number}/  (Ctrl-C stops it)", soft_wrap=True)
    uvicorn.Server(config).run(sockets=[listener])


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket that has the address, before anybody is told of it."""
    name = host.strip("[]")
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((name, port))
        listener.listen(MOST_CONNECTIONS)  # whoever follows the address at once waits, and is not refused
    except OSError as fault:
        listener.close()
        raise UsageError(
            f"the page cannot listen on {host}:{port}: {fault.strerror}.",
            remedy="Name another --port, or end the process that has it.",
            code="address_taken",
        ) from None
    return listener


def _load(config: "object", review: "Review") -> None:
    """Read the certificate now, so that a wrong one is one line."""
    try:
        config.load()  # type: ignore[attr-defined]
    except OSError as fault:  # ssl.SSLError is one
        missing = [name for name in (review.certificate, review.certificate_key) if name and not Path(name).is_file()]
        raise UsageError(
            f"the certificate cannot be used: {', '.join(missing) + ' is missing' if missing else fault}.",
            remedy="Set certificate and certificate_key in [review] to PEM files that this user may read.",
            code="bad_certificate",
        ) from None


def _keep_prepared(desk: "Desk") -> None:
    """Prepare studies whenever something was recorded, in a process of its own."""
    from multiprocessing import get_context

    from captilt.studies.prepare import prepare_apart

    ledger, last_state = desk.ledger.reopened(), None  # its own connections: they belong to one thread
    while True:
        days, decided = ledger.run_days(), len(ledger.decisions())
        if last_state != (state := (max(days, default=None), decided)):
            last_state = state
            apart = get_context("spawn").Process(
                target=prepare_apart, args=(desk.settings, str(desk.home)), daemon=True
            )
            apart.start()
            apart.join()
        time.sleep(LOOK_SECONDS)
