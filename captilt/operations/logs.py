"""The log: one JSON object a line on stderr, with the run's id, and no secret in it.

What libraries log goes the same way. Rotation is the host's work (journald, logrotate, a container's
log driver): a file named in the settings is only ever appended to.
"""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from captilt.operations.redaction import Redactor, guard_tracebacks

if TYPE_CHECKING:
    from captilt.config.settings import Settings

LOUD = ("apscheduler", "yfinance", "matplotlib", "httpx2", "slack_sdk", "mail.log", "alembic")  # told from warnings on


def begin(settings: "Settings", *, run_id: str, stream: TextIO | None = None) -> Any:
    """Set the log up and return a logger whose every line carries `run_id`.

    Parameters
    ----------
    settings : Settings
        ``[logs]`` says how much and where; every secret that the settings name is blacked out.
    run_id : str
    stream : text stream, optional
        Where lines go when no file is set; stderr by default.
    """
    from captilt.config.settings import secrets

    redactor = Redactor(secrets(settings))
    guard_tracebacks(redactor)
    place = settings.logs.file
    handler = (
        logging.FileHandler(Path(place).expanduser(), encoding="utf-8")
        if place
        else logging.StreamHandler(stream or sys.stderr)
    )
    handler.setFormatter(_formatter(redactor, run_id))
    root = logging.getLogger()
    for old in root.handlers[:]:
        if getattr(old, "ours", False):
            root.removeHandler(old)
            old.close()
    handler.ours = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(settings.logs.level.upper())
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_before(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return structlog.get_logger("captilt")


def _before() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]


def _formatter(redactor: Redactor, run_id: str) -> logging.Formatter:
    # Local variables hold keys, so tracebacks are told without them; what remains is blacked out last.
    faults = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)

    def signed(_: Any, __: str, event: Any) -> Any:
        return {"run_id": run_id} | event  # here and not in a context variable, which worker threads do not see

    def redact(_: Any, __: str, event: Any) -> Any:
        return redactor.value(event)

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_before()[:3],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            signed,
            structlog.processors.ExceptionRenderer(faults),
            redact,
            structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=False),
        ],
    )
