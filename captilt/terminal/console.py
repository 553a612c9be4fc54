"""The terminal: one console for answers on stdout, one for progress on stderr, and JSON for machines."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from captilt.contract.record import SCHEMA, plain, to_json
from captilt.formats import tied
from signals.errors import CaptiltError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

TIE = "\ue000"  # stands for a space at which no line may end, until the line is written
_CONTROL_PICTURES = 0x2400  # Unicode's block of pictures for the control characters 0 to 31
_PICTURES = {code: _CONTROL_PICTURES + code for code in range(32) if chr(code) not in "\n\t"}
_EIGHT_BIT = range(0x80, 0xA0)  # control characters that have no picture
_REORDERING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))  # of text: it reads otherwise
_PICTURES |= {0x7F: 0x2421, ord(TIE): ord(" ")} | dict.fromkeys((*_EIGHT_BIT, *_REORDERING), 0xFFFD)
_IN_JSON = {code: f"\\u{code:04x}" for code in (0x7F, *_EIGHT_BIT, *_REORDERING)}  # those that JSON lets stand


def console(width: int | None = None) -> "Console":
    """The console for answers; plain off a terminal, and where NO_COLOR is set."""
    return _safe_console()(highlight=False, emoji=False, soft_wrap=False, width=width)


def stderr_console() -> "Console":
    """The console for progress and remarks, on stderr."""
    return _safe_console()(stderr=True, highlight=False, emoji=False)


@cache
def _safe_console() -> "type[Console]":
    """A console that shows control characters in what it prints instead of sending them to the terminal.

    Notes of people and cells of imported files may hold terminal escapes; the console's own are control segments
    and styles, which are not text. Brackets that are no markup are shown as they are; what may hold any text goes
    through `styled`.
    """
    from rich.console import Console
    from rich.errors import MarkupError
    from rich.segment import Segment
    from rich.text import Text

    class SafeConsole(Console):
        def render_str(self, text: str, **options: Any) -> Any:
            try:
                return super().render_str(text, **options)
            except MarkupError:
                return super().render_str(text, **{**options, "markup": False})  # brackets of somebody else

        def render(self, renderable: Any, *arguments: Any, **options: Any) -> Iterator[Any]:
            if isinstance(renderable, Text):
                renderable = renderable.copy()
                renderable.plain = tied(renderable.plain, TIE)  # as long as before: its styles stay where they are
            for segment in super().render(renderable, *arguments, **options):
                yield segment if segment.control else Segment(visible(segment.text), segment.style)

    return SafeConsole


def styled(template: str, *values: object, **named: object) -> "Text":
    """`template` with its markup, filled in with values that are shown as they are, markup or not.

    >>> styled("[dim]{}[/]", "[bold]").plain
    '[bold]'
    """
    from rich.markup import escape
    from rich.text import Text

    shown = {name: escape(str(value)) for name, value in named.items()}
    return Text.from_markup(template.format(*(escape(str(value)) for value in values), **shown), emoji=False)


def visible(text: str) -> str:
    r"""`text` with its control characters as pictures of them or a mark, line feeds and tabs left alone.

    >>> visible("a\x1b[2Jb")
    'a␛[2Jb'
    """
    return text.translate(_PICTURES)


@contextmanager
def progress(what: str) -> Iterator[Any]:
    """A progress bar on stderr, on a terminal only; yields ``advance(done, total)``."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    screen = stderr_console()
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


def as_json(value: Any) -> str:
    """A record of the contract, or a mapping, as JSON text; ``schema`` comes first, NaN never."""
    written = to_json(value) if is_dataclass(value) else plain(value)
    return json.dumps({"schema": SCHEMA, **written}, allow_nan=False, ensure_ascii=False, indent=2).translate(_IN_JSON)


def print_json(value: Any) -> None:
    """Print a record of the contract, or a mapping, as one JSON object on stdout."""
    sys.stdout.write(as_json(value) + "\n")


def say_failure(fault: CaptiltError, *, as_json: bool) -> None:
    """One clear line on stderr, or the failure object on stdout."""
    if as_json:
        print_json({"error": {"code": fault.code, "message": fault.message, "remedy": fault.remedy}})
        return
    stderr_console().print(styled("[bold red]captilt:[/] {}", fault), soft_wrap=True)
