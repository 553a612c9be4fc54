"""The terminal: one console for answers on stdout, one for progress on stderr, and JSON for machines."""

import datetime as dt
import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from signals.errors import CaptiltError

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA = 1  # version of every JSON object this product prints


def console(width: int | None = None) -> "Console":
    """The console for answers; plain off a terminal, and where NO_COLOR is set."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False, width=width)


def said() -> "Console":
    """The console for progress and remarks, on stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


@contextmanager
def progress(what: str) -> Iterator[Any]:
    """A progress bar on stderr, on a terminal only; yields ``advance(done, total)``."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    screen = said()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def plain(value: Any) -> Any:
    """`value` as JSON knows it: days and instants as ISO text, NaN and infinities as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if hasattr(value, "item"):  # numpy scalars
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def as_json(value: Mapping[str, Any]) -> str:
    """One JSON object as text; ``schema`` comes first, NaN never."""
    return json.dumps(plain({"schema": SCHEMA, **value}), allow_nan=False, ensure_ascii=False, indent=2)


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on stdout."""
    sys.stdout.write(as_json(value) + "\n")


def say_failure(fault: CaptiltError, *, as_json: bool) -> None:
    """One clear line on stderr, or the failure object on stdout."""
    if as_json:
        print_json({"error": {"code": fault.code, "message": fault.message, "remedy": fault.remedy}})
        return
    from rich.markup import escape

    said().print(f"[bold red]captilt:[/] {escape(str(fault))}", soft_wrap=True)
