"""The log: one JSON object a line on stderr, with the run's id, and no secret in it.

What libraries log goes the same way. Rotation is the host's work (journald, logrotate, a container's
log driver): a file named in the settings is only ever appended to.
"""

import logging
import sys
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from captilt.logger import line_processors, log
from captilt.operations.redaction import Redactor, guard_tracebacks

# Libraries whose warnings are logged and nothing else; the HTTP ones would log whole addresses.
LOUD = ("apscheduler", "yfinance", "matplotlib", "httpx2", "httpcore2", "filelock", "mail.log", "alembic")


class _LateFormatter(logging.Formatter):
    """The formatter of the log, made with the first line."""

    def __init__(self, redactor: Redactor, run_id: str) -> None:
        super().__init__()
        self._known = redactor, run_id

    @cached_property
    def _real(self) -> logging.Formatter:
        return _formatter(*self._known)

    def format(self, record: logging.LogRecord) -> str:
        return self._real.format(record)


def begin(*, level: str, file: str, secrets: Iterable[str], run_id: str, stream: TextIO | None = None) -> Any:
    """Set the log up and return a logger whose every line carries `run_id`.

    Parameters
    ----------
    level, file : str
        How much, and where (``[logs]``); nothing for standard error.
    secrets : iterable of str
        Blacked out wherever they stand.
    run_id : str
    stream : text stream, optional
        Where lines go when no file is set; stderr by default.
    """
    redactor = Redactor(secrets)
    guard_tracebacks(redactor)
    handler, fault = _handler(file, stream or sys.stderr)
    handler.setFormatter(_LateFormatter(redactor, run_id))
    root = logging.getLogger()
    for old in root.handlers[:]:
        if getattr(old, "ours", False):
            root.removeHandler(old)
            old.close()
    handler.ours = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    log.begin()
    if fault:
        log.warning("the log file cannot be written; lines go to standard error", reason=fault)
    return log


def _handler(file: str, stream: TextIO) -> tuple[logging.Handler, str]:
    """Where lines go, and why not into the file; a missing folder is made, and no fault of a log stops the desk."""
    if not file:
        return logging.StreamHandler(stream), ""
    path = Path(file).expanduser()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return logging.FileHandler(path, encoding="utf-8"), ""
    except (OSError, ValueError) as fault:  # ValueError: a NUL in the name
        return logging.StreamHandler(stream), getattr(fault, "strerror", None) or str(fault)


def _formatter(redactor: Redactor, run_id: str) -> logging.Formatter:
    import structlog

    # Local variables hold keys, so tracebacks come without them; what remains is blacked out last.
    faults = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)

    def signed(_: Any, __: str, event: Any) -> Any:
        return {"run_id": run_id} | event  # here and not in a context variable, which worker threads do not see

    def redact(_: Any, __: str, event: Any) -> Any:
        return redactor.value(event)

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=line_processors()[:3],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            signed,
            structlog.processors.ExceptionRenderer(faults),
            redact,
            structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=False),
        ],
    )
