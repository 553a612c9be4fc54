"""Fetch one large file: streamed to disk, resumed after a break, never taken for what it is not.

1. What has arrived lies in ``NAME.part`` beside the validator (ETag or date) of the file it belongs to.
2. A further attempt asks for the rest with Range and If-Range; a server that answers with the whole file starts anew.
3. The file is finished where as many bytes lie there as the server announced.
A web page instead of a file is the SEC's refusal of an undeclared or hurried user and is never kept.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from signals.sources.http import Wire
from signals.sources.wire_errors import (
    RateLimited,
    RequestRefused,
    ServerFault,
    TooLarge,
    TooSlow,
    Unreachable,
)

OK, PARTIAL, NOT_FOUND, RANGE_REFUSED, TOO_MANY, SERVER = 200, 206, 404, 416, 429, 500
LARGEST_BYTES = 1024**3  # the largest real archive has 0.13 GB
WAIT_SECONDS = 20.0  # without a byte
DECLARE = "Set sources.filings.user_agent to a name and an e-mail address, wait ten minutes and fetch again."


def download(wire: Wire, address: str, target: Path, headers: Mapping[str, str]) -> bool:
    """Bring `address` to `target`, whole.

    Returns
    -------
    bool
        False where the server has no such file.

    Raises
    ------
    WireError
        Where it did not come; what has arrived stays for the next attempt.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    return wire.persist(lambda seconds: _attempt(wire, address, target, headers, seconds))


def _attempt(wire: Wire, address: str, target: Path, headers: Mapping[str, str], seconds: float) -> bool:
    import httpx2

    part, notes = target.with_name(target.name + ".part"), target.with_name(target.name + ".part.json")
    validator = _validator(notes) if part.exists() else ""
    start = part.stat().st_size if validator else 0
    request_headers = {**headers, "Accept-Encoding": "identity"}
    if start:
        request_headers |= {"Range": f"bytes={start}-", "If-Range": validator}
    try:
        with (
            httpx2.Client(timeout=min(seconds, WAIT_SECONDS), headers=request_headers) as client,
            client.stream("GET", address) as answer,
        ):
            if answer.status_code == NOT_FOUND:
                return False
            if answer.status_code == RANGE_REFUSED:
                part.unlink(missing_ok=True)
                raise ServerFault(wire.name, "no longer has the file that was begun; starting anew")
            _check(wire, answer)
            resumed = answer.status_code == PARTIAL and _starts_at(answer.headers, start)
            size = _size(answer.headers, start if resumed else 0)
            _note(notes, answer.headers)
            _receive(wire, answer, part, append=resumed, ends=time.monotonic() + seconds)
    except httpx2.TimeoutException:
        raise TooSlow(wire.name, f"sent nothing for {WAIT_SECONDS:.0f} s") from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
        raise Unreachable(wire.name, f"broke off ({type(fault).__name__})") from None
    if size is not None and part.stat().st_size != size:
        if part.stat().st_size > size:
            part.unlink()
        raise Unreachable(wire.name, f"broke off after {part.stat().st_size if part.exists() else 0} bytes")
    part.replace(target)
    notes.unlink(missing_ok=True)
    return True


def _check(wire: Wire, answer: Any) -> None:
    status = answer.status_code
    page = "html" in answer.headers.get("content-type", "")
    if status in (OK, PARTIAL) and not page:
        return
    if status == TOO_MANY:
        raise RateLimited(wire.name, "asked us to slow down (429)", wait=_seconds(answer.headers), status=status)
    if status >= SERVER:
        raise ServerFault(wire.name, f"failed by its own account ({status})", status=status)
    if page or status in (401, 403):
        fault = RequestRefused(wire.name, f"refused the request with a page ({status})", status=status)
        fault.remedy = DECLARE
        raise fault
    raise RequestRefused(wire.name, f"refused the request ({status})", status=status)


def _receive(wire: Wire, answer: Any, part: Path, *, append: bool, ends: float) -> None:
    size = part.stat().st_size if append else 0
    with part.open("ab" if append else "wb") as file:
        for piece in answer.iter_raw():
            size += len(piece)
            if size > LARGEST_BYTES:
                raise TooLarge(wire.name, f"sent more than {LARGEST_BYTES // 2**20} MB")
            file.write(piece)
            if time.monotonic() > ends:
                raise TooSlow(wire.name, "took too long; what has arrived is kept for the next attempt")


def _starts_at(headers: Mapping[str, str], start: int) -> bool:
    return headers.get("content-range", "").startswith(f"bytes {start}-")


def _size(headers: Mapping[str, str], start: int) -> int | None:
    length = headers.get("content-length", "")
    return start + int(length) if length.isdigit() else None


def _seconds(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    return float(text) if text.isdigit() else None


def _validator(notes: Path) -> str:
    try:
        return str(json.loads(notes.read_text(encoding="utf-8"))["validator"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _note(notes: Path, headers: Mapping[str, str]) -> None:
    etag = headers.get("etag", "")
    strong = etag if etag and not etag.startswith("W/") else headers.get("last-modified", "")
    notes.write_text(json.dumps({"validator": strong}), encoding="utf-8")
