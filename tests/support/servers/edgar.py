"""The SEC's archive on the loopback: form indexes in the layouts of their years, an agent required."""

import datetime as dt
import gzip
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

Filing = tuple[str, str, dt.date]  # form, company, day
HEAD = (
    "Description:           Master Index of EDGAR Dissemination Feed by Form Type\n"
    "Last Data Received:    {last:%B %d, %Y}\n"
    "Comments:              webmaster@sec.gov\n"
    "Anonymous FTP:         ftp://ftp.sec.gov/edgar/\n \n \n \n \n"
    "Form Type   Company Name                                                  CIK         Date Filed  File Name\n"
    + "-" * 141
    + "\n"
)
WIDE_FROM = 2019  # since then the columns no longer follow their heading


def index(filings: list[Filing], *, daily: bool = False) -> bytes:
    """A form index as EDGAR writes it, sorted by form."""
    lines = []
    for number, (form, company, day) in enumerate(sorted(filings), start=1):
        cik, width = 1000 + number, 17 if day.year >= WIDE_FROM else 12
        filed = f"{day:%Y%m%d}" if daily else f"{day:%Y-%m-%d}"
        path = f"edgar/data/{cik}/0001193125-{day:%y}-{number:06d}.txt"
        lines.append(f"{form:<{width}}{company:<62}{cik:<12}{filed:<12}{path}".ljust(150))
    last = max((day for _, _, day in filings), default=dt.date(2019, 1, 1))
    return (HEAD.format(last=last) + "\n".join(lines) + "\n").encode("latin-1")


class Archive:
    """Serves quarters (gzip) and days from a function; refuses callers without an agent, as the SEC does."""

    def __init__(self, filings: Callable[[dt.date, dt.date], list[Filing]], *, posted: dt.date) -> None:
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.moments: list[float] = []
        self.broken: dict[str, bytes] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.moments.append(time.monotonic())
                outer.agents.add(self.headers.get("User-Agent", ""))
                body = outer.answer(self.path, filings, posted) if "@" in self.headers.get("User-Agent", "") else None
                self.send_response(200 if body is not None else 403)
                self.end_headers()
                self.wfile.write(body or b"<html>Request Rate Threshold Exceeded</html>")

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/Archives/edgar"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answer(self, path: str, filings: Callable[[dt.date, dt.date], list[Filing]], posted: dt.date) -> bytes | None:
        if path in self.broken:
            return self.broken[path]
        parts = path.removeprefix("/Archives/edgar/").split("/")
        if parts[0] == "daily-index":
            day = dt.datetime.strptime(parts[-1], "form.%Y%m%d.idx").replace(tzinfo=dt.UTC).date()
            found = filings(day, day) if day <= posted else []
            return index(found, daily=True) if found else None
        if parts[0] == "full-index" and parts[-1] == "form.gz":
            year, month = int(parts[1]), 3 * int(parts[2][3:]) - 2
            first = dt.date(year, month, 1)
            last = dt.date(year + (month == 10), (month + 3) % 12 or 12, 1) - dt.timedelta(days=1)
            found = filings(first, min(last, posted))
            return gzip.compress(index(found), mtime=0) if found else None
        return b""

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
