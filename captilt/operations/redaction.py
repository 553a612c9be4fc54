"""Secrets are blacked out where text is made: plain, URL-encoded, in base64, split, and by the name before them."""

import base64
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote

MASK = "[secret]"
SHORTEST = 6  # a shorter secret would black out ordinary words
_NAMED = re.compile(
    r"(?i)\b((?:api[_-]?key|[a-z_]*token|password|passwd|secret|authorization|webhook)[\"']?\s*[=:]\s*[\"']?)"
    r"(?:bearer |basic )?[^\s&\"',;)}\]]+"
)
_NAMES = re.compile(r"(?i)(api_?key|token|passw|secret|authorization|webhook|cookie|\bkey$)")
_WEBHOOK = re.compile(r"https?://hooks\.slack\.com/[^\s\"'<>]+")
_BASE64 = "[A-Za-z0-9+/_-]"
_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@\"'<>]+@")


class Redactor:
    """Blacks out known secrets in text and in nested values.

    Parameters
    ----------
    secrets : iterable of str
        Their plain values; those shorter than six characters are left to the names before them. Of one
        that is an address, its path, the segments of the path, its query and its user are known as well.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        parts = {part for secret in secrets for part in (secret, *url_parts(secret)) if len(part) >= SHORTEST}
        patterns = {re.escape(form) for part in parts for form in _plain_forms(part)}
        # The characters beside a base64 form are decided in part by the secret, so they go as well.
        patterns |= {f"{_BASE64}?{re.escape(form)}{_BASE64}?" for part in parts for form in _base64_forms(part)}
        self._known = re.compile("|".join(sorted(patterns, key=len, reverse=True))) if patterns else None

    def text(self, text: str) -> str:
        """`text` with every secret blacked out."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        return _WEBHOOK.sub(MASK, without_userinfo(_NAMED.sub(rf"\1{MASK}", text)))

    def value(self, value: Any) -> Any:
        """`value` with every secret blacked out, whatever it is nested in."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "replace"))
        if isinstance(value, Mapping):
            return {
                self.text(str(key)): MASK if item and _NAMES.search(str(key)) else self.value(item)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value(item) for item in value]
        return value if isinstance(value, (int, float, bool, type(None))) else self.text(str(value))


def without_userinfo(text: str) -> str:
    """`text` without the user and password of any address in it."""
    return _USERINFO.sub(rf"\1{MASK}@", text)


def public_url(url: str) -> str:
    """An address as it may be shown: without user, query and fragment."""
    head, _, tail = url.partition("?")
    head = head.partition("#")[0]
    return without_userinfo(head) + (f"?{MASK}" if tail else "")


def url_parts(secret: str) -> set[str]:
    """The parts of an address that betray it by themselves; empty for a secret that is none."""
    scheme, mark, rest = secret.strip().partition("://")
    if not mark or not scheme.isalnum():
        return set()
    authority, _, tail = rest.partition("/")
    userinfo = authority.rpartition("@")[0]
    path, _, query = tail.partition("?")
    parts = {secret.strip(), rest, tail, path, query, userinfo, *userinfo.split(":"), *path.split("/")}
    parts |= {value for _, value in parse_qsl(query)}
    parts -= {segment for segment in path.split("/") if segment.isalpha()}  # "services" and "hooks" tell nothing
    return parts | {unquote(part) for part in parts}


def guard_tracebacks(redactor: Redactor) -> None:
    """Black out secrets in the traceback of a bug as well, before it reaches the screen."""

    def show(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        sys.stderr.write(redactor.text("".join(traceback.format_exception(kind, fault, trace))))

    sys.excepthook = show


def _plain_forms(secret: str) -> set[str]:
    return {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}


def _base64_forms(secret: str) -> set[str]:
    """What base64 makes of the secret after 0, 1 or 2 bytes of something else (a user name, say).

    Only the characters that the secret alone decides; one before and one after may mix it with its neighbours.
    """
    raw = secret.encode()
    forms = set()
    for shift in range(3):
        first, last = (0, 2, 3)[shift], -1 if (shift + len(raw)) % 3 else None
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            forms.add(encode(b"\0" * shift + raw).decode().rstrip("=")[first:last])
    return {form for form in forms if len(form) >= SHORTEST}
