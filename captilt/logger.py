"""Where every room says what happened; `captilt.operations.logs` decides where the lines go."""

import sys
from typing import Any


class Log:
    """The log of the product; the library behind it is loaded with the first line.

    Where nothing was begun (a command that answers a person) a line is a sentence on standard error.
    """

    def __init__(self) -> None:
        self._begun = False

    def begin(self) -> None:
        """From now on lines go through the handlers of the standard library's root logger."""
        self._begun = True

    def __getattr__(self, level: str) -> Any:
        import structlog

        if self._begun:
            structlog.configure(
                processors=[
                    structlog.stdlib.filter_by_level,
                    *line_processors(),
                    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
                ],
                logger_factory=structlog.stdlib.LoggerFactory(),
                wrapper_class=structlog.stdlib.BoundLogger,
            )
        elif not structlog.is_configured():
            structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))  # the one of the moment
        return getattr(structlog.get_logger("captilt"), level)


def line_processors() -> list[Any]:
    """What is added to every line."""
    import structlog

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]


log = Log()
