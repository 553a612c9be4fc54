"""Running the review server: one process, one address, studies prepared beside it."""

import threading
import time
from typing import TYPE_CHECKING

from captilt.web.app import build

if TYPE_CHECKING:
    from captilt.context import Desk

KEEP_ALIVE_SECONDS = 5
LOOK_SECONDS = 30  # between two looks whether a new run was recorded
MOST_CONNECTIONS = 64  # a page for a team; more is a fault or a flood


def serve(desk: "Desk", *, host: str | None = None, port: int | None = None, prepare: bool = True) -> None:
    """Serve until told to stop."""
    import uvicorn

    from captilt.terminal.console import said

    given = {"host": host, "port": port}
    review = desk.settings.review.model_copy(update={name: value for name, value in given.items() if value is not None})
    desk.settings = desk.settings.model_copy(update={"review": review})
    app = build(desk)
    app.state.room.contents()  # reads the book before the first person waits for it
    if prepare:
        threading.Thread(target=_keep_prepared, args=(desk,), name="studies", daemon=True).start()
    said().print(f"captilt review: http://{review.host}:{review.port}/  (Ctrl-C stops it)", soft_wrap=True)
    uvicorn.run(
        app,
        host=review.host,
        port=review.port,
        log_level="warning",
        access_log=False,  # addresses and paths of people are nobody's business
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
    )


def _keep_prepared(desk: "Desk") -> None:
    """Prepare studies whenever something was recorded, in a process of its own."""
    from multiprocessing import get_context

    from allocator.ledger.ledger import Ledger
    from captilt.studies.prepare import prepare_apart

    ledger, seen = Ledger.open(desk.ledger.path), None  # its own connections: they belong to one thread
    while True:
        days, decided = ledger.run_days(), len(ledger.decisions())
        if seen != (state := (max(days, default=None), decided)):
            seen = state
            apart = get_context("spawn").Process(
                target=prepare_apart, args=(desk.settings, str(desk.home)), daemon=True
            )
            apart.start()
            apart.join()
        time.sleep(LOOK_SECONDS)
