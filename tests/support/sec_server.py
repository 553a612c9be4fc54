"""The SEC on the loopback: archives with ranges and validators, frames, company facts, indexes; and its bad days."""

import gzip
import hashlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BLOCK_PAGE = (
    b"<!DOCTYPE html><html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head><body><h1>Your Request "
    b"Originates from an Undeclared Automated Tool</h1></body></html>"
)
ARCHIVES, FRAMES, COMPANIES, INDEXES = (
    "/archives/",
    "/api/frames/dei/EntityPublicFloat/USD/",
    "/api/companyfacts/",
    "/edgar/full-index/",
)
Fault = Callable[[BaseHTTPRequestHandler, bytes], None]


class SecServer:
    """Serves `files` (path -> bytes); `faults` (path -> what to do instead) are used up one by one or stay."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[Fault]] = {}
        self.requests: list[tuple[str, str, str]] = []  # path, Range, User-Agent
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.requests.append((self.path, self.headers.get("Range", ""), self.headers.get("User-Agent", "")))
                body = outer.files.get(self.path)
                if "@" not in self.headers.get("User-Agent", ""):
                    page(403)(self, b"")
                elif outer.faults.get(self.path):
                    outer.faults[self.path].pop(0)(self, body or b"")
                elif body is None:
                    send(self, 404, b"NoSuchKey", kind="application/xml")
                else:
                    whole_or_rest(self, body)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def archive(self, quarter: str, body: bytes) -> str:
        self.files[f"{ARCHIVES}{quarter}.zip"] = body
        return f"{ARCHIVES}{quarter}.zip"

    def frame(self, quarter: str, rows: list[tuple[str, int, str, float]]) -> str:
        """A frame of public floats: accession, CIK, day, dollars."""
        path = f"{FRAMES}CY{quarter.replace('q', 'Q')}I.json"
        data = [
            {"accn": accession, "cik": cik, "entityName": f"COMPANY {cik}", "loc": "US-NY", "end": end, "val": value}
            for accession, cik, end, value in rows
        ]
        frame = {
            "taxonomy": "dei",
            "tag": "EntityPublicFloat",
            "ccp": f"CY{quarter.replace('q', 'Q')}I",
            "uom": "USD",
            "label": "Entity Public Float",
            "description": "The aggregate market value of the voting and non-voting common equity held by non-affiliates",
            "pts": len(data),
            "data": data,
        }
        self.files[path] = json.dumps(frame).encode()
        return path

    def company(self, cik: int, facts: dict[str, dict[str, list[dict[str, object]]]]) -> str:
        """Company facts: taxonomy -> tag -> rows in dollars."""
        path = f"{COMPANIES}CIK{cik:010d}.json"
        body = {
            "cik": cik,
            "entityName": f"COMPANY {cik}",
            "facts": {
                taxonomy: {
                    tag: {"label": tag, "description": tag, "units": {"USD": rows}} for tag, rows in tags.items()
                }
                for taxonomy, tags in facts.items()
            },
        }
        self.files[path] = json.dumps(body).encode()
        return path

    def index(self, quarter: str, lines: list[tuple[int, str, str, str]]) -> str:
        """An XBRL index: CIK, form, day, accession number."""
        year, number = quarter.split("q")
        path = f"{INDEXES}{year}/QTR{number}/xbrl.gz"
        head = (
            "Description:           XBRL Index of EDGAR Dissemination Feed\nLast Data Received:    November 16, 2019\n"
            "Comments:              webmaster@sec.gov\nAnonymous FTP:         ftp://ftp.sec.gov/edgar/\n \n \n \n \n"
            "CIK|Company Name|Form Type|Date Filed|Filename\n" + "-" * 80 + "\n"
        )
        text = head + "".join(
            f"{cik}|COMPANY {cik}|{form}|{day}|edgar/data/{cik}/{accession}.txt\n"
            for cik, form, day, accession in lines
        )
        self.files[path] = gzip.compress(text.encode("latin-1"), mtime=0)
        return path


def send(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, *, kind: str = "application/zip", **headers: str
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def whole_or_rest(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """As the SEC's front answers: the rest where the validator still fits, else the whole file."""
    etag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
    wanted = handler.headers.get("Range", "")
    if wanted and handler.headers.get("If-Range") == etag:
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        rest = body[start:]
        send(handler, 206, rest, ETag=etag, Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}")
    else:
        send(handler, 200, body, ETag=etag)


def page(status: int) -> Fault:
    """The SEC's refusal: a web page."""
    return lambda handler, _: send(handler, status, BLOCK_PAGE, kind="text/html; charset=utf-8")


def status(code: int, **headers: str) -> Fault:
    return lambda handler, _: send(handler, code, b"", kind="text/plain", **headers)


def other(body: bytes, kind: str = "application/zip") -> Fault:
    """Something else, well delivered."""
    return lambda handler, _: send(handler, 200, body, kind=kind)


def broken_off(part: float) -> Fault:
    """A connection that ends in the middle."""

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        etag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
        handler.send_response(200)
        handler.send_header("Content-Type", "application/zip")
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("ETag", etag)
        handler.end_headers()
        handler.wfile.write(body[: int(len(body) * part)])
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.close()

    return answer


def whole(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """A server that knows no ranges."""
    send(handler, 200, body)
