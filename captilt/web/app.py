"""The review server: one FastAPI application around one desk."""

import ipaddress
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response

from captilt.config import settings
from captilt.review.decisions import ExpiredAdvice, StaleAdvice
from captilt.web import api, pages
from captilt.web.dependencies import Room
from captilt.web.request_guard import HEADERS, Envelope, Guard, address, in_place
from captilt.web.sessions import COOKIE, SESSION_HOURS, Login
from captilt.web.templating import render
from signals.errors import Busy, CaptiltError, StorageError, UsageError

if TYPE_CHECKING:
    from captilt.config.settings import Review
    from captilt.context import Desk

SHORTEST_TOKEN = 16  # characters; with five tries a quarter of an hour that cannot be guessed
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - addresses that are no name of ours


def build(desk: "Desk") -> FastAPI:
    """The application of one desk.

    Raises
    ------
    UsageError
        Where the address is not this machine's own and no login token is set.
    """
    review = desk.settings.review
    login = Login(desk.clock, _token(review))
    _refuse_plain_text_abroad(review)
    app = FastAPI(
        title="captilt review",
        version=pages.VERSION,
        description="Recorded advice, decisions and outcomes: the same numbers as the command line's --json.",
        docs_url=None,  # both would load scripts from another site
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.room = Room(desk, login)
    app.include_router(pages.router)
    app.include_router(api.router)
    app.add_exception_handler(CaptiltError, _failure_response)
    app.add_exception_handler(HTTPException, _failure_response)
    app.add_exception_handler(RequestValidationError, _failure_response)
    app.add_exception_handler(Exception, _broken)
    # The last one added is the outermost.
    app.add_middleware(Guard, login=login)  # type: ignore[arg-type] - ASGI by structure
    app.add_middleware(
        SessionMiddleware,
        secret_key=login.signing_key,
        session_cookie=COOKIE,
        max_age=SESSION_HOURS * 3600 if login.required else None,
        https_only=bool(review.certificate or review.trusted_proxy),
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts(review), www_redirect=False)
    app.add_middleware(Envelope)  # type: ignore[arg-type] - ASGI by structure
    return app


def hosts(review: "Review") -> list[str]:
    """Names under which the page may be asked for."""
    named = {host.strip().lower() for host in review.allowed_hosts} - {"", "*"}
    own = review.host.lower().strip("[]")
    return sorted(named | (set() if own in EVERYWHERE else {f"[{own}]" if ":" in own else own}))


def is_loopback(host: str) -> bool:
    """True where only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _token(review: "Review") -> str | None:
    secret = settings.secret(review.login_token)
    token = secret.get_secret_value() if secret else None
    if token is not None and len(token) < SHORTEST_TOKEN:
        raise UsageError(
            f"the login token has {len(token)} characters.",
            remedy=f"Choose one of {SHORTEST_TOKEN} or more.",
            code="weak_token",
        )
    if token is None and (review.trusted_proxy or not is_loopback(review.host)):
        raise UsageError(
            f"the review page will not listen on {review.host}{' behind a proxy' if review.trusted_proxy else ''} "
            "without a login token.",
            remedy="Set the secret named in [review] login_token, or listen on 127.0.0.1.",
            code="no_login_token",
        )
    return token


def _refuse_plain_text_abroad(review: "Review") -> None:
    """A login token and decisions cross no network in plain text."""
    if is_loopback(review.host) or (review.certificate and review.certificate_key) or review.trusted_proxy:
        return
    raise UsageError(
        f"the review page will not listen on {review.host} without TLS.",
        remedy="Set certificate and certificate_key in [review]; or listen on 127.0.0.1 behind a reverse "
        "proxy that has the certificate, with its address as trusted_proxy and the public name in allowed_hosts.",
        code="no_tls",
    )


def _status(fault: Exception) -> tuple[int, str, str, str]:
    """HTTP status, code, message and remedy of something that went wrong."""
    if isinstance(fault, HTTPException):
        return (
            fault.status_code,
            {404: "not_found", 405: "method"}.get(fault.status_code, "http"),
            str(fault.detail),
            "",
        )
    if isinstance(fault, RequestValidationError):
        first = fault.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        return 422, "bad_request", f"{field}: {first['msg']}", "Correct it and send it again."
    if not isinstance(fault, CaptiltError):
        return 500, "internal", "something broke here; nothing was written.", "The log of the server names it."
    kinds = ((StaleAdvice, 409), (ExpiredAdvice, 410), (Busy, 503), (StorageError, 503))
    status = next((number for kind, number in kinds if isinstance(fault, kind)), 422 if fault.exit_code == 2 else 500)  # noqa: PLR2004 - usage
    return status, fault.code, fault.message, fault.remedy


async def _failure_response(request: Request, fault: Exception) -> Response:
    status, code, message, remedy = _status(fault)
    headers = getattr(fault, "headers", None)
    if request.url.path.startswith("/api"):
        return JSONResponse(
            {"schema": 1, "error": {"code": code, "message": message, "remedy": remedy}}, status, headers
        )
    if request.method == "GET" and in_place(request):  # what went wrong deserves a page, not a place within one
        headers = {**(headers or {}), "HX-Redirect": address(request)}
    return HTMLResponse(
        render("problem.html", status=status, message=message, remedy=remedy, code=code), status, headers
    )


async def _broken(request: Request, fault: Exception) -> Response:
    answer = await _failure_response(request, fault)
    answer.headers.update(HEADERS)  # this answer leaves outside the guard
    return answer
