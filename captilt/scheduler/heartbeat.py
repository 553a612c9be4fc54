"""The dead-man's switch: somebody else notices when we fall silent (Healthchecks protocol).

``/start`` before a run, the bare address after its commit, ``/fail`` when it failed. A ping that does not
get through is logged and forgotten: the missing ping is the alarm.
"""

from typing import Any, Literal

from pydantic import SecretStr

TIMEOUT_SECONDS = 10.0  # a ping must never hold up the desk
TRIES = 3
Moment = Literal["start", "success", "fail"]
_PATH = {"start": "/start", "success": "", "fail": "/fail"}


class Ping:
    """Sends pings to one address, or to nobody where none is set."""

    def __init__(self, address: SecretStr | None, log: Any) -> None:
        self._address = address
        self._log = log

    def __call__(self, moment: Moment, note: str = "") -> bool:
        """Ping once; True where it was received."""
        if self._address is None:
            return False
        import httpx2

        url = self._address.get_secret_value().rstrip("/") + _PATH[moment]
        seen = ""
        for _ in range(TRIES):
            try:
                answer = httpx2.post(url, content=note.encode(), timeout=TIMEOUT_SECONDS)
            except httpx2.HTTPError as fault:
                seen = type(fault).__name__
            else:
                if answer.is_success:
                    return True
                seen = str(answer.status_code)
        self._log.warning("ping not received", moment=moment, seen=seen)
        return False
