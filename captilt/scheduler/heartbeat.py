"""The dead-man's switch: somebody else notices when we fall silent (Healthchecks protocol).

``/start`` before a run, the bare address after its commit, ``/fail`` when it failed. Pings leave from a thread of
their own, in order and each within a deadline: whatever the server does, nothing that is recorded waits for it or
stops with it. A ping that does not get through is logged and forgotten: the missing ping is the alarm.
"""

import queue
import threading
import time
from typing import Any, Literal

from pydantic import SecretStr

from captilt.operations.http_post import PostFailed, address_fault, post

DEADLINE_SECONDS = 10.0  # of one ping
TRIES = 3
WAITING = 32  # pings kept while the server does not answer; older news is none
Moment = Literal["start", "success", "fail"]
_PATH = {"start": "/start", "success": "", "fail": "/fail"}
OK, REDIRECTION = 200, 300


class Heartbeat:
    """Sends pings to one address, or to nobody where none is set."""

    def __init__(self, address: SecretStr | None, log: Any) -> None:
        self._address = address.get_secret_value().strip().rstrip("/") if address else ""
        self._log = log
        self._waiting: queue.Queue[tuple[Moment, str]] = queue.Queue(WAITING)
        if self._address and (fault := address_fault(self._address)):
            log.warning("the ping address cannot be used; nobody outside is watching", reason=fault)
            self._address = ""
        if self._address:
            threading.Thread(target=self._work, name="heartbeat", daemon=True).start()

    def __call__(self, moment: Moment, note: str = "") -> None:
        """Send a ping soon; returns at once and never raises."""
        if not self._address:
            return
        try:
            self._waiting.put_nowait((moment, note))
        except queue.Full:
            self._log.warning("ping dropped", moment=moment)

    def flush(self, seconds: float) -> None:
        """Wait for the pings under way, at most so long."""
        end = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.02)

    def _work(self) -> None:
        while True:
            moment, note = self._waiting.get()
            try:
                self._ping(moment, note)
            except Exception as fault:  # noqa: BLE001 - this thread must live as long as the desk
                self._log.warning("ping not received", moment=moment, seen=type(fault).__name__)
            finally:
                self._waiting.task_done()

    def _ping(self, moment: Moment, note: str) -> None:
        url, failure = self._address + _PATH[moment], ""
        for _ in range(TRIES):
            try:
                answer = post(url, note.encode(), {"Content-Type": "text/plain"}, seconds=DEADLINE_SECONDS / TRIES)
            except PostFailed as fault:
                failure = str(fault)
            else:
                if OK <= answer.status < REDIRECTION:
                    return
                failure = str(answer.status)
        self._log.warning("ping not received", moment=moment, seen=failure)
