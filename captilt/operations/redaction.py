"""Secrets are blacked out where text is made: plain, URL-encoded, in base64, and by the name before them."""

import base64
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "[secret]"
SHORTEST = 6  # a shorter secret would black out ordinary words
_NAMED = re.compile(
    r"(?i)\b((?:api[_-]?key|[a-z_]*token|password|passwd|secret|authorization|webhook)[\"']?\s*[=:]\s*[\"']?)"
    r"(?:bearer |basic )?[^\s&\"',;)}\]]+"
)
_NAMES = re.compile(r"(?i)(api_?key|token|passw|secret|authorization|webhook|cookie|\bkey$)")
_WEBHOOK = re.compile(r"https?://hooks\.slack\.com/[^\s\"'<>]+")


class Redactor:
    """Blacks out known secrets in text and in nested values.

    Parameters
    ----------
    secrets : iterable of str
        Their plain values; those shorter than six characters are left to the names before them.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def text(self, text: str) -> str:
        """`text` with every secret blacked out."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        return _WEBHOOK.sub(MASK, _NAMED.sub(rf"\1{MASK}", text))

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


def guard_tracebacks(redactor: Redactor) -> None:
    """Black out secrets in the traceback of a bug as well, before it reaches the screen."""

    def show(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        sys.stderr.write(redactor.text("".join(traceback.format_exception(kind, fault, trace))))

    sys.excepthook = show


def _forms(secret: str) -> set[str]:
    raw = secret.encode()
    forms = {secret, quote(secret, safe=""), quote_plus(secret)}
    # In base64 a secret looks different after 0, 1 or 2 bytes of something else (a user name, say);
    # the characters that it alone decides are searched.
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * shift + raw).decode().rstrip("=")
            sure = whole[(0, 2, 3)[shift] : len(whole) - (1 if (shift + len(raw)) % 3 else 0)]
            if len(sure) >= SHORTEST:
                forms.add(sure)
    return forms
