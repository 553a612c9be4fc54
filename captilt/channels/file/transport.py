"""Appending messages to a file, or printing them."""

import json
import os
import sys
from pathlib import Path

from captilt.channels.channel import Receipt
from captilt.channels.json_webhook import WHOLE
from captilt.channels.message import Message
from captilt.channels.plain_text import plain_text

STANDARD_OUTPUT = "-"
DEADLINE_SECONDS = 10.0  # a file system that hangs longer is a fault


def render(message: Message, form: str, *, repeat_of: str = "", note: str = "") -> str:
    """One message: a paragraph that ends in an empty line, or one JSON object on a line."""
    if form == "json":
        extra = {"possible_repeat_of": repeat_of or None, "note": note or None}
        return json.dumps(message.as_payload() | extra, ensure_ascii=False) + "\n"
    return f"{message.subject}\n{plain_text(message, repeat_of=repeat_of, note=note)}\n"


class File:
    """A file that is only appended to."""

    name = "file"
    receivers = WHOLE
    deadline_seconds = DEADLINE_SECONDS

    def __init__(self, path: str, form: str) -> None:
        self._path, self._form = path, form

    def send(self, message: Message, _receivers: tuple[str, ...], /, *, repeat_of: str = "", note: str = "") -> Receipt:
        """Append once. See `Channel.send`."""
        text = render(message, self._form, repeat_of=repeat_of, note=note)
        try:
            if self._path == STANDARD_OUTPUT:
                sys.stdout.write(text)
                sys.stdout.flush()
            else:
                _append(Path(self._path).expanduser(), text.encode())
        except OSError as fault:
            return Receipt("transient", type(fault).__name__)
        return Receipt("sent", "written")


def write_fault(path: str) -> str:
    """Empty where the file can be appended to, else the kind of fault."""
    try:
        if path != STANDARD_OUTPUT:
            _append(Path(path).expanduser(), b"")
    except OSError as fault:
        return fault.strerror or type(fault).__name__
    return ""


def _append(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
